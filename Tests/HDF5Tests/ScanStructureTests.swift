import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

/// Structures that lead astray: in circles, into each other, out of the file.
@Suite struct ScanStructureTests {
  private func makeChunks() throws -> [UInt8] {
    let file = try HDF5File.createInMemory()
    let dataset = try file.root.createDataset(
      "d", .uint8, shape: [30], options: HDF5DatasetOptions(layout: .chunked([10])))
    try dataset.write((0..<30).map { UInt8($0) })
    return try file.image()
  }

  private func chunks(_ bytes: [UInt8]) throws -> [HDF5ScannedChunk] {
    try HDF5Scan(bytes: bytes).root().dataset("d").chunks()
  }

  /// Expects that the file is found to be damaged.
  private func expectCorrupt(
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let error = #expect(throws: HDF5Error.self, comment, sourceLocation: sourceLocation) {
      try body()
    }
    #expect(error?.code == .corrupt, "\(error)", sourceLocation: sourceLocation)
  }

  @Test func chunksLieWithinTheFileAndApart() throws {
    let bytes = try makeChunks()
    let chunks = try chunks(bytes)
    #expect(chunks.map(\.offset) == [[0], [10], [20]])
    #expect(chunks.map { Array(bytes[$0.range])[0] } == [0, 10, 20])
    let second = chunks[1].range.lowerBound
    // The key of a chunk, and where it lies.
    let key = [10, 0, 0, 0, 0, 0, 0, 0] + 10.littleEndianBytes + 0.littleEndianBytes
    for address in [
      chunks[0].range.lowerBound, second + 1, bytes.count - 9, bytes.count, .max, -2,
    ] {
      let changed = try bytes.replacing(
        key + second.littleEndianBytes, with: key + address.littleEndianBytes)
      expectCorrupt("\(address)") { _ = try self.chunks(changed) }
    }
    for offset in [0, 5, 20, 30, 1 << 40, -10] {
      let other = [10, 0, 0, 0, 0, 0, 0, 0] + offset.littleEndianBytes + 0.littleEndianBytes
      let changed = try bytes.replacing(
        key + second.littleEndianBytes, with: other + second.littleEndianBytes)
      expectCorrupt("\(offset)") { _ = try self.chunks(changed) }
    }
    for size in [0, 9, 11, 0xFF] {
      var other = key
      other[0] = UInt8(size)
      let changed = try bytes.replacing(
        key + second.littleEndianBytes, with: other + second.littleEndianBytes)
      expectCorrupt("\(size)") { _ = try self.chunks(changed) }
    }
  }

  @Test func chunksHaveAShape() throws {
    let bytes = try makeChunks()
    let tree = try #require(bytes.firstPlace(of: Array("TREE".utf8) + [1]))
    let layout = [3, 2, 2] + tree.littleEndianBytes
    for (shape, element) in [(0, 1), (10, 2), (10, 0)] as [(UInt8, UInt8)] {
      let changed = try bytes.replacing(
        layout + [10, 0, 0, 0, 1, 0, 0, 0], with: layout + [shape, 0, 0, 0, element, 0, 0, 0])
      expectCorrupt { _ = try HDF5Scan(bytes: changed).root().dataset("d") }
    }
    // 4 GiB less one byte: possible, and not what is stored.
    let large = try bytes.replacing(
      layout + [10, 0, 0, 0, 1, 0, 0, 0], with: layout + [255, 255, 255, 255, 1, 0, 0, 0])
    #expect(try HDF5Scan(bytes: large).root().dataset("d").layout == .chunked([0xFFFF_FFFF]))
    expectCorrupt { _ = try chunks(large) }
    let limit = #expect(throws: HDF5Error.self) {
      try HDF5Scan(bytes: bytes).root().dataset("d").chunks(maximumCount: 2)
    }
    #expect(limit?.code == .limitExceeded)
  }

  @Test func membersLieWithinTheirType() throws {
    let file = try HDF5File.createInMemory()
    let type = HDF5Datatype.compound(
      bytes: 12,
      members: [
        HDF5CompoundMember("first", offset: 0, .int32),
        HDF5CompoundMember("second", offset: 8, .int32),
      ])
    try file.root.createDataset("d", type, shape: [2])
    let bytes = try file.image()
    func datatype(_ bytes: [UInt8]) throws -> HDF5Datatype {
      try HDF5Scan(bytes: bytes).root().dataset("d").datatype
    }
    #expect(try datatype(bytes) == type)
    // A name, filled up to a multiple of eight bytes, and the offset of the member.
    let member = Array("second".utf8) + [0, 0, 8, 0, 0, 0]
    for offset: UInt8 in [9, 12, 255] {
      let changed = try bytes.replacing(
        member, with: Array("second".utf8) + [0, 0, offset, 0, 0, 0])
      expectCorrupt("\(offset)") { _ = try datatype(changed) }
    }
  }

  @Test func heapsHaveOneObjectOfEachNumber() throws {
    let file = try HDF5File.createInMemory()
    try file.root.createDataset("d", .string(.variable), shape: [2])
      .writeStrings(["first text", "second one"])
    let bytes = try file.image()
    func texts(_ bytes: [UInt8]) throws -> [String] {
      let dataset = try HDF5Scan(bytes: bytes).root().dataset("d")
      return try dataset.strings(decoding: try dataset.bytes())
    }
    #expect(try texts(bytes) == ["first text", "second one"])
    // The number of an object stands 16 bytes before its content.
    let first = try #require(bytes.firstPlace(of: Array("first text".utf8)))
    let second = try #require(bytes.firstPlace(of: Array("second one".utf8)))
    #expect(Set([bytes[first - 16], bytes[second - 16]]) == [1, 2])
    var changed = bytes
    changed[second - 16] = bytes[first - 16]
    expectCorrupt { _ = try texts(changed) }
  }

  @Test func treesDoNotLeadInCircles() throws {
    let file = try HDF5File.createInMemory()
    for number in 0..<600 { try file.root.createSoftLink("link \(number)", to: "x") }
    let bytes = try file.image()
    let nodes = bytes.indices.filter { bytes[$0...].starts(with: Array("TREE".utf8) + [0]) }
    let root = try #require(nodes.first { bytes[$0 + 5] == 1 }, "the tree has one level")
    // The children of the root follow a header of 24 bytes and a key of 8.
    for child in nodes {
      var changed = bytes
      changed.replaceSubrange(root + 48..<root + 56, with: child.littleEndianBytes)
      if changed == bytes { continue }
      expectCorrupt { _ = try HDF5Scan(bytes: changed).root().links() }
    }
    for level: UInt8 in [0, 2, 255] {
      var changed = bytes
      changed[root + 5] = level
      expectCorrupt { _ = try HDF5Scan(bytes: changed).root().links() }
    }
  }

  @Test func headersDoNotContinueInCircles() throws {
    let file = try HDF5File.createInMemory()
    let groups = try ["group", "other"].map { try file.root.createGroup($0) }
    // In turn, so that neither header can grow where it is.
    for number in 0..<40 {
      for group in groups { try group.attributes.set("attribute \(number)", to: number) }
    }
    let bytes = try file.image()
    func read(_ bytes: [UInt8]) throws -> [Int] {
      let root = try HDF5Scan(bytes: bytes).root()
      return try ["group", "other"].map { try root.group($0).attributes.all().count }
    }
    func changing(_ place: Int, to block: Range<Int>) -> [UInt8] {
      var changed = bytes
      let content = block.lowerBound.littleEndianBytes + block.count.littleEndianBytes
      changed.replaceSubrange(place + 8..<place + 24, with: content)
      return changed
    }
    #expect(try read(bytes) == [40, 40])
    // Messages of type 16 with 16 bytes, and the blocks that they lead to.
    var blocks: [Int: Range<Int>] = [:]
    for place in bytes.indices
    where bytes[place...].starts(with: [16, 0, 16, 0, 0, 0, 0, 0]) {
      let start = bytes.littleEndianNumber(at: place + 8)
      blocks[place] = start..<start + bytes.littleEndianNumber(at: place + 16)
    }
    var circles = 0
    for place in blocks.keys {
      for block in blocks.values where block.contains(place) {
        circles += 1
        expectCorrupt { _ = try read(changing(place, to: block)) }
      }
      for block in [0..<0, 96..<1 << 40, bytes.count - 8..<bytes.count + 1, .max - 1..<Int.max] {
        // Some messages were given up, and are not read.
        do {
          #expect(try read(changing(place, to: block)) == [40, 40])
        } catch let error as HDF5Error {
          #expect(error.code == .corrupt)
        }
      }
    }
    #expect(circles > 3)
  }

  @Test func objectsDoNotShareStructures() throws {
    let file = try HDF5File.createInMemory()
    for name in ["a", "b"] { try file.root.createGroup(name).createSoftLink("x", to: "y") }
    let bytes = try file.image()
    // The message of a group: where its tree is, and its heap.
    let places = bytes.indices.filter { bytes[$0...].starts(with: [17, 0, 16, 0, 0, 0, 0, 0]) }
    try #require(places.count == 3)
    var changed = bytes
    changed.replaceSubrange(
      places[2] + 8..<places[2] + 24, with: bytes[places[1] + 8..<places[1] + 24])
    let scan = try HDF5Scan(bytes: changed)
    #expect(try scan.root().group("a").links().count == 1)
    expectCorrupt { _ = try scan.root().group("b").links() }
    // Reading the same group again is no offence.
    #expect(try scan.root().group("a").links().count == 1)
  }

  @Test func superblocksAreHeldAgainstTheFile() throws {
    let bytes = try makeChunks()
    // Where the end and the address of the root's header are in version 0.
    for (place, value, code) in [
      (40, bytes.count + 1, .truncated), (40, 0, .corrupt), (40, -1, .corrupt),
      (40, .max, .truncated), (64, bytes.count, .corrupt), (64, -1, .corrupt), (64, 3, .corrupt),
    ] as [(Int, Int, HDF5Error.Code)] {
      var changed = bytes
      changed.replaceSubrange(place..<place + 8, with: value.littleEndianBytes)
      let error = #expect(throws: HDF5Error.self) { try HDF5Scan(bytes: changed).root() }
      #expect(error?.code == code, "\(place) \(value): \(error)")
    }
    for (place, value, code) in [
      (8, 4, .unsupported), (13, 3, .corrupt), (13, 16, .unsupported), (14, 0, .corrupt),
      (0, 0, .notHDF5),
    ] as [(Int, UInt8, HDF5Error.Code)] {
      var changed = bytes
      changed[place] = value
      let error = #expect(throws: HDF5Error.self) { try HDF5Scan(bytes: changed).root() }
      #expect(error?.code == code, "\(place) \(value): \(error)")
    }
    #expect(throws: HDF5Error.self) { try HDF5Scan(bytes: []) }
    // A superblock may be behind a user block of any power of two.
    for size in [512, 4096] {
      let scan = try HDF5Scan(bytes: [UInt8](repeating: 1, count: size) + bytes)
      #expect(scan.userBlockSize == size)
      let chunks = try scan.root().dataset("d").chunks()
      #expect(
        chunks.map(\.range.lowerBound)
          == (try self.chunks(bytes)).map { $0.range.lowerBound + size })
    }
  }

  @Test func filesThatAreBeingWrittenAreRefused() throws {
    let folder = try TemporaryFolder()
    var options = HDF5FileOptions()
    options.format = .latest
    let file = try HDF5File.create(folder.file(), options: options)
    try file.flush()
    let error = #expect(throws: HDF5Error.self) { try HDF5Scan(path: folder.file()) }
    #expect(error?.code == .locked)
    try file.close()
    #expect(try HDF5Scan(path: folder.file()).root().links().isEmpty)
  }

  @Test func readsStayWithinTheFileAndFailuresAreTold() throws {
    let bytes = try makeChunks()
    let scan = try HDF5Scan(byteCount: bytes.count, name: "checked") { target, offset in
      try #require(offset >= 0 && target.byteCount <= bytes.count - offset)
      bytes[offset..<offset + target.byteCount].withBytes { target.copy($0) }
    }
    #expect(try scan.root().dataset("d").chunks().count == 3)

    struct Failure: Error {}
    let error = #expect(throws: HDF5Error.self) {
      try HDF5Scan(byteCount: 1 << 40, name: "broken") { _, _ in throw Failure() }
    }
    #expect(error?.code == .io)
    #expect(error?.file == "broken")
    // A superblock is looked for at the powers of two only.
    let none = #expect(throws: HDF5Error.self) {
      try HDF5Scan(byteCount: .max) { target, _ in target.clear() }
    }
    #expect(none?.code == .notHDF5)
  }
}

extension [UInt8] {
  /// Where a run of bytes is for the first time.
  fileprivate func firstPlace(of run: [UInt8]) -> Int? {
    indices.first { self[$0...].starts(with: run) }
  }

  /// The number in the eight bytes at a place.
  fileprivate func littleEndianNumber(at place: Int) -> Int {
    self[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
