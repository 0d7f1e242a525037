import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

/// Files that are made to mislead: each is refused with a reason, or read as what it is.
@Suite struct ScanHostileTests {
  /// A file in memory of the oldest format, whose structure no checksum protects.
  private func make(
    _ format: HDF5FileOptions.Format = .earliest, _ body: (HDF5Group) throws -> Void
  ) throws -> [UInt8] {
    var options = HDF5FileOptions()
    options.format = format
    let file = try HDF5File.createInMemory(options: options)
    try body(file.root)
    return try file.image()
  }

  private func root(_ bytes: [UInt8]) throws -> HDF5ScannedGroup {
    try HDF5Scan(bytes: bytes, name: "hostile").root()
  }

  /// Expects an error with a code, and the file's name in it.
  private func expect(
    _ code: HDF5Error.Code, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: HDF5Error.self, comment, sourceLocation: sourceLocation) {
      try body()
    }
    #expect(error?.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(error?.file == "hostile", sourceLocation: sourceLocation)
  }

  // MARK: Links

  @Test func onlyHardLinksAreFollowed() throws {
    let root = try root(
      make { root in
        try root.createGroup("group")
        try root.createSoftLink("soft", to: "/group")
        try root.createSoftLink("circle", to: "/circle")
        try root.createSoftLink("a", to: "/b")
        try root.createSoftLink("b", to: "/a")
        try root.createExternalLink("external", toFile: "/etc/passwd", path: "/")
      })
    for path in ["soft", "circle", "a", "b", "external", "external/x", "soft/x"] {
      expect(.refusedLink) { _ = try root.object(path) }
    }
    #expect(try root.link("circle")?.target == .soft(path: "/circle"))
    #expect(try root.link("external")?.target == .external(file: "/etc/passwd", path: "/"))
    expect(.notFound) { _ = try root.object("missing") }
    expect(.notFound) { _ = try root.object("group/missing/x") }
    expect(.typeMismatch) { _ = try root.dataset("group") }
    #expect(try root.group("/group//./").path == "/group")
  }

  @Test func groupsThatContainThemselvesHaveOneAddress() throws {
    let root = try root(make { root in try root.createHardLink("loop", to: root) })
    let path = Array(repeating: "loop", count: 1000).joined(separator: "/")
    #expect(try root.object(path).address == root.address)
    #expect(try root.object("loop").referenceCount == 2)
  }

  @Test func groupsMayBeNestedDeeply() throws {
    let depth = 5000
    let bytes = try make { root in
      var group = root
      for _ in 0..<depth { group = try group.createGroup("g") }
    }
    let root = try root(bytes)
    var group = root
    for _ in 0..<depth { group = try group.group("g") }
    #expect(try group.links().isEmpty)
    let path = Array(repeating: "g", count: depth).joined(separator: "/")
    #expect(try root.object(path).address == group.address)
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .latest])
  func groupsMayHaveManyLinks(format: HDF5FileOptions.Format) throws {
    let names = (0..<10_000).map { "link \($0)" }
    let root = try root(
      make(format) { root in
        for name in names { try root.createSoftLink(name, to: "x") }
      })
    #expect(try root.links().map(\.name) == names.sorted())
    for name in ["link 0", "link 4711", "link 9999"] { #expect(try root.link(name)?.name == name) }
    #expect(try root.link("link") == nil)
    #expect(try root.link("link 99990") == nil)
    #expect(try root.link("") == nil)
  }

  @Test(arguments: [HDF5FileOptions.Format.earliest, .latest])
  func namesMayBeOddButNotImpossible(format: HDF5FileOptions.Format) throws {
    let long = String(repeating: "n", count: 60_000)
    let bytes = try make(format) { root in
      try root.createGroup(long)
      try root.createGroup("..")
      try root.createGroup("e\u{301}")
      try root.createGroup("name")
    }
    let root = try root(bytes)
    #expect(try root.links().map(\.name) == ["..", "e\u{301}", "name", long])
    #expect(try root.group(long).path == "/" + long)
    #expect(try root.link("é") == nil)
  }

  @Test func impossibleNamesAreRefused() throws {
    let bytes = try make { root in try root.createGroup("name") }
    for name in ["na/e", "\u{0}ame", ".\u{0}me"] {
      let changed = try bytes.replacing("name\0", with: name + "\0")
      expect(.corrupt, "\(name)") { _ = try root(changed).links() }
    }
    let changed = try bytes.replacing(Array("name\0".utf8), with: [0x6E, 0xFF, 0x6D, 0x65, 0])
    expect(.corrupt) { _ = try root(changed).links() }
  }

  @Test func linksAreInOrderAndDifferent() throws {
    let bytes = try make { root in
      for name in ["first", "other"] { try root.createGroup(name) }
    }
    for name in ["other\0", "zebra\0"] {
      let changed = try bytes.replacing("first\0", with: name)
      expect(.corrupt) { _ = try root(changed).links() }
    }
  }

  // MARK: Shapes, types and sizes

  @Test func declaredSizesAreNotBelieved() throws {
    let late = HDF5DatasetOptions(allocationTime: .late, fillTime: .never)
    let bytes = try make { root in
      try root.createDataset("huge", .uint8, shape: [1 << 50], options: late)
      try root.createDataset("grid", .uint8, shape: [0x1234_5678, 0x7654_3210], options: late)
    }
    let huge = try root(bytes).dataset("huge")
    #expect(huge.byteCount == 1 << 50)
    #expect(huge.contiguousRange == nil)
    expect(.limitExceeded) { _ = try huge.bytes() }
    expect(.limitExceeded) { _ = try huge.bytes(maximumBytes: 1 << 40) }

    let shape: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, 0x10, 0x32, 0x54, 0x76, 0, 0, 0, 0]
    // Version, rank and flags; the sizes, and then how far they may grow.
    let header: [UInt8] = [1, 2, 1, 0, 0, 0, 0, 0]
    var large = shape
    (large[7], large[15]) = (0x7F, 0x7F)
    let grid = try root(bytes.replacing(header + shape + shape, with: header + large + large))
      .dataset("grid")
    #expect(grid.byteCount == nil)
    expect(.limitExceeded) { _ = try grid.bytes() }
    let small = try bytes.replacing(header + shape + shape, with: header + large + shape)
    expect(.corrupt) { _ = try root(small).dataset("grid") }
    large[7] = 0xFF
    let negative = try bytes.replacing(header + shape + shape, with: header + large + large)
    expect(.corrupt) { _ = try root(negative).dataset("grid") }
    var deep = header
    deep[1] = 33
    let ranks = try bytes.replacing(header + shape, with: deep + shape)
    expect(.corrupt) { _ = try root(ranks).dataset("grid") }
  }

  @Test func elementsLieWithinTheFile() throws {
    let bytes = try make { root in
      try root.createDataset("d", .uint8, shape: [100]).write([UInt8](repeating: 7, count: 100))
    }
    let range = try #require(try root(bytes).dataset("d").contiguousRange)
    #expect(bytes[range].allSatisfy { $0 == 7 } && range.count == 100)
    let layout = [3, 1] + range.lowerBound.littleEndianBytes + 100.littleEndianBytes
    for (address, count) in [
      (bytes.count - 99, 100), (bytes.count, 100), (.max, 100), (-2, 100),
      (range.lowerBound, 99), (range.lowerBound, -1),
    ] {
      let changed = try bytes.replacing(
        layout, with: [3, 1] + address.littleEndianBytes + count.littleEndianBytes)
      expect(.corrupt, "\(address) \(count)") { _ = try root(changed).dataset("d") }
    }
    let unwritten = try bytes.replacing(
      layout, with: [3, 1] + (-1).littleEndianBytes + 100.littleEndianBytes)
    #expect(try root(unwritten).dataset("d").contiguousRange == nil)
  }

  @Test func typesOfAllSizesAreToldApart() throws {
    let bytes = try make { root in
      try root.createDataset("three", .integer(bytes: 3, signed: true, order: .big), shape: [2])
      try root.createDataset("number", .integer(bytes: 9, signed: false), shape: [2])
      try root.createDataset("opaque", .opaque(bytes: 24, tag: "x"), shape: [2])
    }
    let root = try root(bytes)
    #expect(try root.dataset("three").datatype == .integer(bytes: 3, signed: true, order: .big))
    #expect(try root.dataset("opaque").datatype == .opaque(bytes: 24, tag: "x"))
    // A whole number of 24 bytes, of which 72 bits are in use.
    let wide = try bytes.replacing([9, 0, 0, 0, 0, 0, 72, 0], with: [24, 0, 0, 0, 0, 0, 72, 0])
    #expect(
      try self.root(wide).dataset("number").datatype
        == .unsupported(bytes: 24, name: "integer"))
    for damaged: [UInt8] in [[0, 0, 0, 0, 0, 0, 72, 0], [9, 0, 0, 0, 0, 0, 73, 0]] {
      let changed = try bytes.replacing([9, 0, 0, 0, 0, 0, 72, 0], with: damaged)
      expect(.corrupt) { _ = try self.root(changed).dataset("number") }
    }
  }

  @Test func typesAreNestedWithinLimits() throws {
    var type = HDF5Datatype.uint8
    for _ in 0..<40 {
      type = .compound(bytes: 1, members: [HDF5CompoundMember("m", offset: 0, type)])
    }
    let bytes = try make { root in try root.createDatatype("deep", type) }
    expect(.limitExceeded) { _ = try root(bytes).object("deep") }
  }

  @Test func attributesHoldWhatTheyDeclare() throws {
    let bytes = try make { root in
      try root.attributes.set("a", to: [UInt8](repeating: 5, count: 77))
    }
    let attribute = try #require(try root(bytes).attributes.attribute("a"))
    #expect(attribute.bytes == [UInt8](repeating: 5, count: 77))
    let shape: [UInt8] = [1, 1, 1, 0, 0, 0, 0, 0]
    for count in [81, 1 << 30, 1 << 62, -1] {
      let changed = try bytes.replacing(
        shape + 77.littleEndianBytes + 77.littleEndianBytes,
        with: shape + count.littleEndianBytes + count.littleEndianBytes)
      expect(.corrupt, "\(count)") { _ = try root(changed).attributes.all() }
    }
  }

  @Test func elementsThatShareAPlaceInTheHeapAreCounted() throws {
    let text = String(repeating: "x", count: 5000)
    let bytes = try make { root in
      try root.createDataset("d", .string(.variable), shape: [1]).writeStrings([text])
    }
    let dataset = try root(bytes).dataset("d")
    let element = try dataset.bytes()
    #expect(try dataset.strings(decoding: element) == [text])
    let many = Array(repeatElement(element, count: 1000).joined())
    expect(.limitExceeded) { _ = try dataset.strings(decoding: many, maximumBytes: 1 << 20) }
    for place in [1, 4, 11, 13] {
      var damaged = element
      damaged[place] = 0x70
      expect(.corrupt, "\(place)") { _ = try dataset.strings(decoding: damaged) }
    }
  }

  @Test func membersLieWithinTheirType() throws {
    let bytes = try make { root in
      try root.createDataset(
        "d",
        .compound(
          bytes: 12,
          members: [
            HDF5CompoundMember("first", offset: 0, .int32),
            HDF5CompoundMember("second", offset: 8, .int32),
          ]), shape: [1])
    }
    let member = Array("second".utf8) + [0, 0]
    for offset: [UInt8] in [[9, 0, 0, 0], [12, 0, 0, 0], [255, 255, 255, 255]] {
      let changed = try bytes.replacing(member + [8, 0, 0, 0], with: member + offset)
      expect(.corrupt, "\(offset)") { _ = try root(changed).dataset("d") }
    }
  }

  @Test func aHeapHasOneObjectOfEachNumber() throws {
    var bytes = try make { root in
      try root.createDataset("d", .string(.variable), shape: [2])
        .writeStrings(["first one", "other one"])
    }
    func texts() throws -> [String] {
      let dataset = try root(bytes).dataset("d")
      return try dataset.strings(decoding: try dataset.bytes())
    }
    #expect(try texts() == ["first one", "other one"])
    // The number of each comes before it, with how often it is referred to, and its size.
    let places = try ["first one", "other one"].map { text in
      try #require(bytes.indices.first { bytes[$0...].starts(with: Array(text.utf8)) }) - 16
    }
    try #require(Set(places.map { bytes[$0] }) == [1, 2])
    bytes[places[1]] = bytes[places[0]]
    expect(.corrupt) { _ = try texts() }
  }

  @Test func largeNumbersWithoutSignArePositive() throws {
    let bytes = try make { root in
      try root.attributes.set("a", to: [UInt64.max, 1 << 63, 7])
    }
    let attribute = try #require(try root(bytes).attributes.attribute("a"))
    #expect(
      try attribute.values() == [.unsigned(.max), .unsigned(1 << 63), .integer(7)])
  }
}

extension [UInt8] {
  /// The same bytes with one run of them changed, which must be there once.
  func replacing(_ old: [UInt8], with new: [UInt8]) throws -> [UInt8] {
    let places = indices.filter { self[$0...].starts(with: old) }
    let place = try #require(places.count == 1 ? places[0] : nil, "found \(places.count) times")
    try #require(old.count == new.count)
    return self[..<place] + new + self[(place + old.count)...]
  }

  /// The same bytes with a text changed.
  func replacing(_ old: String, with new: String) throws -> [UInt8] {
    try replacing(Array(old.utf8), with: Array(new.utf8))
  }
}

extension Int {
  /// The eight bytes of the number.
  var littleEndianBytes: [UInt8] { Swift.withUnsafeBytes(of: littleEndian) { Array($0) } }
}
