import Files
import Foundation
import HDF5
import LibHDF5
import TestSupport
import Testing

/// What a blueprint lays out, libhdf5 and the scan read, and libhdf5 adds to.
@Suite struct BlueprintTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a file: the structures, and what is given at its places.
  private func write(
    _ structure: HDF5Structure, _ elements: [(place: Int?, bytes: [UInt8])] = []
  ) throws {
    var file = [UInt8](repeating: 0, count: structure.fileByteCount)
    structure.withBytes { file.replaceSubrange(..<$0.byteCount, with: [UInt8](copying: $0)) }
    for (place, bytes) in elements {
      if let place { file.replaceSubrange(place..<place + bytes.count, with: bytes) }
    }
    try folder.write(file, to: "test.h5")
  }

  private func bytes<T: BitwiseCopyable>(_ elements: [T]) -> [UInt8] {
    elements.withUnsafeBytes { Array($0) }
  }

  @Test func emptyFile() throws {
    try write(try HDF5Blueprint().structure())
    let comparison = try ScanComparison(folder.file())
    #expect(comparison.groupCount == 1)
    #expect(comparison.datasetCount == 0)
  }

  /// The size of an element has four bytes in a file.
  @Test func refusesElementsOfMoreThan4GiB() throws {
    func add(_ byteCount: Int) throws {
      var blueprint = HDF5Blueprint()
      let text = HDF5Datatype.string(
        .init(.fixed(bytes: byteCount), padding: .nullPadded, characterSet: .ascii))
      _ = try blueprint.addDataset("text", text, .scalar, .room, in: .root)
      _ = try blueprint.structure()
    }
    try add(Int(UInt32.max))
    for byteCount in [1 << 32, Int.max] {
      let error = #expect(throws: HDF5Error.self) { try add(byteCount) }
      #expect(error?.code == .unsupported)
    }
  }

  /// What no file can hold is refused when it is laid out, before any sum of it is made.
  @Test func refusesMoreThanAFileHolds() throws {
    var blueprint = HDF5Blueprint()
    for name in ["a", "b", "c"] {
      _ = try blueprint.addDataset(name, .uint8, .shape([1 << 62]), .room, in: .root)
    }
    let error = #expect(throws: HDF5Error.self) { try blueprint.structure() }
    #expect(error?.code == .unsupported)
  }

  /// A block before the content, a text that is known late, and names letter by letter.
  @Test func aBlockBeforeTheContentAndLateTexts() throws {
    var blueprint = HDF5Blueprint()
    try blueprint.addAttribute("before", texts: ["x"], to: .root)
    let late = try blueprint.addReplaceableText("late", "----", to: .root)
    try blueprint.addAttribute("fields", letters: ["weight", "b"], to: .root)
    let data = try blueprint.addDataset("data", .uint8, .shape([3]), .room, in: .root)
    var structure = try blueprint.structure()
    structure.userBlockSize = 512
    structure.replace(late, with: "1234")
    let place = 512 + (try #require(structure.offset(of: data)))
    var file = [UInt8](repeating: 7, count: 512 + structure.fileByteCount)
    structure.withBytes {
      file.replaceSubrange(512..<512 + $0.byteCount, with: [UInt8](copying: $0))
    }
    file.replaceSubrange(place..<place + 3, with: [1, 2, 3])
    try folder.write(file, to: "test.h5")
    #expect(try ScanComparison(folder.file()).datasetCount == 1)
    let scan = try HDF5Scan(bytes: file)
    #expect(scan.userBlockSize == 512)
    let root = try scan.root()
    #expect(try root.attributes.attribute("before")?.strings() == ["x"])
    #expect(try root.attributes.attribute("late")?.strings() == ["1234"])
    let letters = "weight".map { HDF5Value.string(String($0)) }
    #expect(
      try root.attributes.attribute("fields")?.values() == [
        .array(letters), .array([.string("b")]),
      ])
    #expect(try root.dataset("data").bytes() == [1, 2, 3])
  }

  @Test func everyTypeAndContent() throws {
    var blueprint = HDF5Blueprint()
    let types: [(String, HDF5Datatype)] = [
      ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64), ("u1", .uint8),
      ("u8", .uint64), ("big", .integer(bytes: 4, signed: true, order: .big)), ("f2", .float16),
      ("bf", .bfloat16), ("f4", .float32), ("f8", .float64), ("f1", .float8E5M2),
      ("bool", .boolean), ("c8", .complex(.float32)), ("text", .string(.fixed(bytes: 5))),
      (
        "record",
        .compound(
          bytes: 13,
          members: [
            HDF5CompoundMember("a name of some length", offset: 0, .uint64),
            HDF5CompoundMember("b", offset: 8, .boolean),
            HDF5CompoundMember("c", offset: 9, .float32),
          ])
      ),
    ]
    var contents: [(HDF5Blueprint.DatasetID, [UInt8])] = []
    let group = try blueprint.addGroup("types", in: .root)
    for (name, type) in types {
      let size = try #require(type.byteCount)
      let values = (0..<size * 6).map { UInt8($0 % 50) }
      let dataset = try blueprint.addDataset(name, type, .shape([2, 3]), .room, in: group)
      contents.append((dataset, values))
      try blueprint.addAttribute("twin", type, Array(values.prefix(size)), to: dataset)
      _ = try blueprint.addDataset("\(name) inside", type, .shape([6]), .bytes(values), in: group)
      _ = try blueprint.addDataset("\(name) scalar", type, .scalar, .inner, in: group)
      _ = try blueprint.addDataset("\(name) null", type, .null, .bytes([]), in: group)
      _ = try blueprint.addDataset("\(name) empty", type, .shape([3, 0]), .room, in: group)
    }
    try blueprint.addAttribute("größe", .float64, bytes([1.5]), to: .root)
    try blueprint.addLink("other name", to: contents[0].0, in: .root)
    let structure = try blueprint.structure()
    try write(structure, contents.map { (structure.offset(of: $0.0), $0.1) })

    let comparison = try ScanComparison(folder.file())
    #expect(comparison.datasetCount == 5 * types.count)
    #expect(comparison.attributeCount == types.count + 1)
    let root = try HDF5File.open(folder.file()).root
    for ((name, type), (_, values)) in zip(types, contents) {
      let dataset = try root.dataset("types/\(name)")
      #expect(try dataset.datatype == type)
      #expect(try dataset.shape == [2, 3])
      if name != "bf" && name != "f1" {
        #expect(try root.dataset("types/\(name) inside").readBytes() == values, "\(name)")
      }
    }
    #expect(try root.dataset("other name").read(as: Int8.self) == [0, 1, 2, 3, 4, 5])
  }

  @Test func placesAreAligned() throws {
    var blueprint = HDF5Blueprint()
    let datasets = try (0..<20).map { number in
      try blueprint.addDataset(
        "\(number)", .uint8, .shape([number * 150]), .room, in: .root)
    }
    let structure = try blueprint.structure()
    #expect(structure.offset(of: datasets[0]) == nil)
    var end = 0
    for (number, dataset) in datasets.enumerated().dropFirst() {
      let offset = try #require(structure.offset(of: dataset))
      #expect(offset >= end)
      #expect(offset.isMultiple(of: number * 150 >= 1024 ? 256 : 8))
      end = offset + number * 150
    }
    #expect(structure.fileByteCount == end)
  }

  /// Around every capacity of lists and nodes, and up to trees of three levels.
  @Test(arguments: [1, 7, 8, 9, 255, 256, 257, 8192, 8200, 20_000])
  func groupsOfAnySize(_ count: Int) throws {
    var blueprint = HDF5Blueprint()
    let group = try blueprint.addGroup("group", in: .root)
    let names = (0..<count).map { "name \($0 * 7919 % count)" }
    for (number, name) in names.enumerated() {
      _ = try blueprint.addDataset(name, .int64, .scalar, .bytes(bytes([number])), in: group)
    }
    try write(try blueprint.structure())
    if count <= 300 {
      #expect(try ScanComparison(folder.file()).datasetCount == count)
    }
    let links = try HDF5Scan(path: folder.file()).root().group("group").links()
    #expect(links.map(\.name) == names.sorted())

    // libhdf5 finds each, and its own insertions split what is full.
    let file = try HDF5File.open(folder.file(), mode: .readWrite)
    let found = try file.root.group("group")
    for number in stride(from: 0, to: count, by: max(count / 97, 1)) {
      #expect(try found.dataset(names[number]).read(as: Int64.self) == [Int64(number)])
    }
    for number in 0..<40 { try found.createGroup("name \(number).5") }
    try file.close()
    let added = (0..<40).map { "name \($0).5" }
    let grown = try HDF5Scan(path: folder.file()).root().group("group").links()
    #expect(grown.map(\.name) == (names + added).sorted())
  }

  /// Around every capacity of nodes, and up to trees of three levels, with and without filters.
  @Test(
    arguments: [[1, 1], [3, 5], [8, 8], [13, 5], [64, 65], [70, 70]], [[], [HDF5Filter.shuffle]])
  func chunksOfAnyNumber(_ shape: [Int], _ filters: [HDF5Filter]) throws {
    var blueprint = HDF5Blueprint()
    let dataset = try blueprint.addDataset(
      "a", .uint8, .shape(shape), .chunks(shape: [1, 2], filters: filters), in: .root)
    var structure = try blueprint.structure()
    let perRow = (shape[1] + 1) / 2
    let start = structure.fileByteCount
    var elements: [(Int?, [UInt8])] = []
    var places: [HDF5ChunkPlace] = []
    for number in 0..<shape[0] * perRow {
      // Shuffling single bytes changes nothing.
      let values = [0, 1].map { UInt8(truncatingIfNeeded: number * 2 + $0) }
      places.append(HDF5ChunkPlace(offset: start + number * 2, byteCount: 2))
      elements.append((start + number * 2, values))
    }
    structure.setChunks(of: dataset, places)
    structure.fileByteCount += places.count * 2
    try write(structure, elements)
    let comparison = try ScanComparison(folder.file())
    #expect(comparison.chunkCount == places.count)
    let expected = (0..<shape[0]).flatMap { row in
      (0..<shape[1]).map { UInt8(truncatingIfNeeded: row * perRow * 2 + $0) }
    }
    let found = try HDF5File.open(folder.file()).root.dataset("a")
    #expect(try found.read(as: UInt8.self) == expected)
  }

  @Test func refusesWhatCannotBe() throws {
    var blueprint = HDF5Blueprint()
    for name in ["", ".", "a/b", "a\0"] {
      #expect(throws: HDF5Error.self) { try blueprint.addGroup(name, in: .root) }
    }
    #expect(throws: HDF5Error.self) {
      try blueprint.addDataset("a", .uint8, .shape([3]), .bytes([1, 2]), in: .root)
    }
    #expect(throws: HDF5Error.self) {
      try blueprint.addDataset(
        "a", .uint8, .shape(Array(repeating: 1, count: 33)), .room, in: .root)
    }
    // The exponent lies over the mantissa.
    let crossed = HDF5FloatFormat(
      bytes: 4, precision: 32, order: .little, signPosition: 31, exponentPosition: 0,
      exponentSize: 8, exponentBias: 127, mantissaPosition: 0, mantissaSize: 23,
      normalization: .implied)
    #expect(throws: HDF5Error.self) {
      try blueprint.addDataset("a", .float(crossed), .scalar, .room, in: .root)
    }
    #expect(throws: HDF5Error.self) {
      try blueprint.addDataset(
        "a", .uint8, .shape([3]), .chunks(shape: [0], filters: []), in: .root)
    }
    #expect(throws: HDF5Error.self) {
      try blueprint.addDataset("a", .string(.variable), .scalar, .inner, in: .root)
    }
    var twice = HDF5Blueprint()
    _ = try twice.addGroup("a", in: .root)
    _ = try twice.addDataset("a", .uint8, .scalar, .inner, in: .root)
    #expect(throws: HDF5Error.self) { try twice.structure() }
    var large = HDF5Blueprint()
    try large.addAttribute(
      "a", .string(.fixed(bytes: 1 << 16)), [UInt8](repeating: 65, count: 1 << 16), to: .root)
    #expect(throws: HDF5Error.self) { try large.structure() }
  }

  /// Around the limit an attribute is refused, or libhdf5 reads it; nothing between.
  @Test func attributesAreRefusedOrReadAtTheLimit() throws {
    var (read, refused) = (0, 0)
    for byteCount in 65_360..<65_540 {
      let content = [UInt8](repeating: 65, count: byteCount)
      do {
        var blueprint = HDF5Blueprint()
        try blueprint.addAttribute("a", .string(.fixed(bytes: byteCount)), content, to: .root)
        try write(blueprint.structure())
        let text = String(decoding: content, as: UTF8.self)
        #expect(try HDF5File.open(folder.file()).root.attributes.string("a") == text)
        read += 1
      } catch let error as HDF5Error {
        #expect(error.code == .limitExceeded, "\(error)")
        refused += 1
      }
    }
    #expect(read > 20 && refused > 20, "\(read) read, \(refused) refused")
  }

  @Test func sameBlueprintSameBytes() throws {
    func structure() throws -> [UInt8] {
      var blueprint = HDF5Blueprint()
      for number in 0..<50 {
        let group = try blueprint.addGroup("\(number)", in: .root)
        _ = try blueprint.addDataset("a", .float32, .shape([number]), .room, in: group)
      }
      return try blueprint.structure().withBytes { [UInt8](copying: $0) }
    }
    #expect(try structure() == structure())
  }
}
