import Files
import Foundation
import HDF5
import LibHDF5
import TestSupport
import Testing

/// Every structure that a blueprint makes, opened by libhdf5 1.10, by h5dump, and by the HDF5 of h5py.
@Suite struct BlueprintPeerTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Self.write(to: folder)
  }

  /// Texts around the sizes of collections: 4096 bytes, of which headers take 32, and 64 KiB; so many
  /// that there are several collections; and one larger than an attribute.
  static let texts: [String] =
    ["", "a", "ünïcödé", "重み 🧠", String(repeating: "x", count: 4055)]
    + [4056, 4057, 4064, 4065, 65_504, 65_505, 200_000].map { String(repeating: "x", count: $0) }
    + (0..<9000).map { "text \($0)" }

  /// A type, and six elements of it, which h5py reads as what `read_blueprint.py` says.
  private static let types: [(name: String, type: HDF5Datatype)] =
    [1, 2, 4, 8].flatMap { size in
      [("i", true), ("u", false)].flatMap { letter, signed in
        [("", HDF5ByteOrder.little), ("big_", .big)].map { prefix, order in
          ("\(prefix)\(letter)\(size)", .integer(bytes: size, signed: signed, order: order))
        }
      }
    }
    + [("f2", HDF5FloatFormat.float16), ("f4", .float32), ("f8", .float64)].flatMap {
      name, format in
      [(name, .float(format)), ("big_\(name)", .float(format.ordered(.big)))]
    }
    + [
      ("bf", .bfloat16), ("f1", .float8E5M2), ("bool", .boolean), ("c4", .complex(.float16)),
      ("c8", .complex(.float32)), ("c16", .complex(.float64)), ("text", .string(.fixed(bytes: 5))),
      (
        "spaces",
        .string(
          HDF5StringFormat(.fixed(bytes: 4), padding: .spacePadded, characterSet: .ascii))
      ),
      ("opaque", .opaque(bytes: 2, tag: "")), ("tagged", .opaque(bytes: 3, tag: "NUMPY:tag")),
      (
        "colour",
        .enumeration(
          base: .uint8,
          members: [HDF5EnumerationMember("RED", 0), HDF5EnumerationMember("BLUE", 2)])
      ),
      (
        "record",
        .compound(
          bytes: 13,
          members: [
            HDF5CompoundMember("a name of some length", offset: 0, .uint64),
            HDF5CompoundMember("b", offset: 8, .uint8),
            HDF5CompoundMember("c", offset: 9, .float32),
          ])
      ),
    ]

  /// The bytes of six elements: small enough to be numbers of any type, and texts.
  private static func elements(_ size: Int) -> [UInt8] { (0..<size * 6).map { UInt8($0 % 50) } }

  private static func write(to folder: TemporaryFolder) throws {
    var blueprint = HDF5Blueprint()
    var elements: [(HDF5Blueprint.DatasetID, [UInt8])] = []

    let kinds = try blueprint.addGroup("types", in: .root)
    for (name, type) in types {
      let size = try #require(type.byteCount)
      let bytes = Self.elements(size)
      let dataset = try blueprint.addDataset(name, type, .shape([2, 3]), .room, in: kinds)
      elements.append((dataset, bytes))
      try blueprint.addAttribute("scalar", type, Array(bytes.prefix(size)), to: dataset)
      try blueprint.addAttribute("grid", type, bytes, .shape([3, 2]), to: dataset)
      try blueprint.addAttribute("empty", type, [], .shape([0]), to: dataset)
      try blueprint.addAttribute("null", type, [], .null, to: dataset)
      _ = try blueprint.addDataset("\(name) inside", type, .shape([6]), .bytes(bytes), in: kinds)
      _ = try blueprint.addDataset("\(name) empty", type, .shape([3, 0]), .room, in: kinds)
      _ = try blueprint.addDataset("\(name) null", type, .null, .bytes([]), in: kinds)
      let one = try blueprint.addDataset("\(name) scalar", type, .scalar, .room, in: kinds)
      elements.append((one, Array(bytes.prefix(size))))
    }
    try blueprint.addLink("tie", to: elements[0].0, in: .root)

    let groups = try blueprint.addGroup("groups", in: .root)
    for count in [0, 1, 2, 9, 300, 5000] {
      let group = try blueprint.addGroup("\(count)", in: groups)
      for number in 0..<count { _ = try blueprint.addGroup("member \(number)", in: group) }
    }

    let strings = try blueprint.addGroup("texts", in: .root)
    for (number, text) in texts.prefix(20).enumerated() {
      try blueprint.addAttribute("\(number)", texts: [text], to: strings)
    }
    try blueprint.addAttribute("none", texts: [], .shape([0]), to: strings)
    for start in stride(from: 0, to: texts.count, by: 3000) {
      let part = Array(texts[start..<min(start + 3000, texts.count)])
      try blueprint.addAttribute("from \(start)", texts: part, .shape([part.count]), to: strings)
    }
    try blueprint.addAttribute(
      "text grid", texts: ["a", "b", "c", "d", "e", "f"], .shape([2, 3]), to: elements[0].0)
    // A header far larger than a message, which may have 64 KiB.
    let large = try blueprint.addGroup("large", in: .root)
    for number in 0..<20 {
      try blueprint.addAttribute(
        "fixed\(number)", .string(.fixed(bytes: 64)),
        [UInt8](repeating: UInt8(65 + number), count: 64_000), .shape([1000]), to: large)
    }

    var chunked: [(HDF5Blueprint.DatasetID, [[UInt8]])] = []
    let compressed = try blueprint.addGroup("chunks", in: .root)
    let values = (0..<35).map { UInt8($0) }
    for (name, filters) in filters {
      let dataset = try blueprint.addDataset(
        name, .int16, .shape([5, 7]), .chunks(shape: [2, 4], filters: filters), in: compressed)
      chunked.append((dataset, Self.chunks(of: values, filters)))
    }
    _ = try blueprint.addDataset(
      "empty", .int16, .shape([0, 7]), .chunks(shape: [2, 4], filters: [.shuffle]),
      in: compressed)

    var structure = try blueprint.structure()
    var pieces = elements.map { (structure.offset(of: $0.0) ?? 0, $0.1) }
    for (dataset, chunks) in chunked {
      var places: [HDF5ChunkPlace] = []
      for chunk in chunks {
        places.append(HDF5ChunkPlace(offset: structure.fileByteCount, byteCount: chunk.count))
        pieces.append((structure.fileByteCount, chunk))
        structure.fileByteCount += chunk.count
      }
      structure.setChunks(of: dataset, places)
    }
    var file = [UInt8](repeating: 0, count: structure.fileByteCount)
    structure.withBytes { file.replaceSubrange(..<$0.byteCount, with: [UInt8](copying: $0)) }
    for (place, bytes) in pieces { file.replaceSubrange(place..<place + bytes.count, with: bytes) }
    try folder.write(file, to: "test.h5")
  }

  private static let filters: [(String, [HDF5Filter])] = [
    ("plain", []), ("shuffle", [.shuffle]), ("deflate", [.deflate(level: 4)]),
    ("both", [.shuffle, .deflate(level: 9)]), ("checked", [.fletcher32]),
    ("all", [.shuffle, .deflate(level: 1), .fletcher32]),
  ]

  /// The chunks of a grid of 5 by 7 numbers, which are those of `values`, after filters.
  private static func chunks(of values: [UInt8], _ filters: [HDF5Filter]) -> [[UInt8]] {
    (0..<6).map { number in
      var numbers: [UInt8] = []
      for row in 0..<2 {
        for column in 0..<4 {
          let (y, x) = (number / 2 * 2 + row, number % 2 * 4 + column)
          numbers.append(y < 5 && x < 7 ? values[y * 7 + x] : 0)
        }
      }
      var bytes: [UInt8] = numbers.flatMap { [$0, 0 as UInt8] }
      for filter in filters {
        switch filter.id {
        case HDF5Filter.shuffleID: bytes = numbers + [UInt8](repeating: 0, count: 8)
        case HDF5Filter.deflateID: bytes = stored(bytes)
        default: bytes += fletcher32(bytes)
        }
      }
      return bytes
    }
  }

  /// A stream of zlib with a block that is not compressed (RFC 1950, RFC 1951).
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var (low, high) = (1, 0)
    for byte in bytes {
      low = (low + Int(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let count = UInt8(bytes.count)
    let header: [UInt8] = [0x78, 0x01, 1, count, 0, ~count, 0xFF]
    let checksum = [high >> 8, high & 255, low >> 8, low & 255].map { UInt8($0) }
    return header + bytes + checksum
  }

  /// As `H5_checksum_fletcher32`, stored with the low byte first.
  private static func fletcher32(_ bytes: [UInt8]) -> [UInt8] {
    var (low, high) = (0, 0)
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let next = index + 1 < bytes.count ? Int(bytes[index + 1]) : 0
      low = (low + Int(bytes[index]) << 8 + next) % 65_535
      high = (high + low) % 65_535
    }
    return [low & 255, low >> 8, high & 255, high >> 8].map { UInt8($0) }
  }

  @Test func libhdf5AndTheScanAgree() throws {
    let comparison = try ScanComparison(folder.file())
    #expect(comparison.datasetCount == 5 * Self.types.count + Self.filters.count + 1)
    #expect(comparison.groupCount == 6 + 6 + 5312)
    let root = try HDF5File.open(folder.file()).root
    let attributes = try root.group("texts").attributes
    var found: [String] = []
    for start in stride(from: 0, to: Self.texts.count, by: 3000) {
      found += try attributes.strings("from \(start)")
    }
    #expect(found == Self.texts)
    let scanned = try HDF5Scan(path: folder.file()).root().group("texts").attributes
    #expect(try scanned.attribute("11")?.strings() == [Self.texts[11]])
    for (name, _) in Self.filters {
      #expect(
        try root.dataset("chunks/\(name)").read(as: Int16.self) == (0..<35).map { Int16($0) },
        "\(name)")
    }
  }

  /// libhdf5 adds to the heap and to the headers.
  @Test func libhdf5AddsToIt() throws {
    let file = try HDF5File.open(folder.file(), mode: .readWrite)
    let attributes = try file.root.group("texts").attributes
    for number in 0..<50 {
      try attributes.set("added \(number)", to: "new text \(number)", as: .variable)
    }
    try attributes.set("0", to: "changed", as: .variable)
    try file.close()
    let scanned = try HDF5Scan(path: folder.file()).root().group("texts").attributes
    #expect(try scanned.attribute("added 49")?.strings() == ["new text 49"])
    #expect(try scanned.attribute("0")?.strings() == ["changed"])
    #expect(try scanned.attribute("10")?.strings() == [Self.texts[10]])
    #expect(try scanned.attribute("from 9000")?.strings() == Array(Self.texts[9000...]))
  }

  /// libhdf5 from 1.14 on refuses a dataset without elements that has an address, and h5repack cannot
  /// compress one that is not in chunks.
  @Test func emptyDatasetsHaveNoAddress() throws {
    let root = try HDF5Scan(path: folder.file()).root()
    let bytes = try folder.bytes()
    var count = 0
    for (name, _) in Self.types {
      for suffix in ["empty", "null"] {
        guard case .dataset(let dataset) = try root.object("types/\(name) \(suffix)") else {
          Issue.record("\(name) \(suffix) is no dataset")
          continue
        }
        // The layout: version 3; contiguous, no address, no bytes; or chunks, of which there are none.
        let noAddress = [UInt8](repeating: 0xFF, count: 8)
        let layout: [UInt8] =
          suffix == "null"
          ? [3, 1] + noAddress + [UInt8](repeating: 0, count: 8)
          : [3, 2, UInt8(dataset.shape.count + 1)] + noAddress
        let header = bytes[Int(dataset.address)..<min(Int(dataset.address) + 400, bytes.count)]
        #expect(header.firstRange(of: layout) != nil, "\(name) \(suffix)")
        count += 1
      }
    }
    #expect(count == 2 * Self.types.count)
  }

  @Test(.enabled(if: Command.h5dump != nil, "h5dump is not installed"))
  func h5dumpReadsIt() throws {
    let command = try Command.run(#require(Command.h5dump), [folder.file()])
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.errors.isEmpty, "\(command.errors)")
    for sentence in [
      "DATASET \"i1\" {\n         HARDLINK \"/tie\"", "(0,0): RED",
      "\"text 8999\"", "GROUP \"member 4999\"", "OPAQUE_TAG \"NUMPY:tag\"", "STRSIZE H5T_VARIABLE",
    ] {
      #expect(command.output.contains(sentence), "\(sentence)")
    }
    #expect(!command.output.contains("unable to"), "h5dump could not print something")
  }

  @Test(.needsPeers) func h5pyReadsIt() throws {
    let texts = try JSONEncoder().encode(Self.texts)
    try folder.write(texts, to: "texts.json")
    let output = try Peers.run("read_blueprint.py", [folder.file(), folder.file("texts.json")])
    #expect(output == "\(5 * Self.types.count) datasets\n")
  }
}

extension Command {
  /// The path of h5dump, nil if it is not installed.
  fileprivate static let h5dump = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
    .map { "\($0)/h5dump" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
