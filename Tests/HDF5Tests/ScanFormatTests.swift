import Files
import HDF5
import LibHDF5
import TestSupport
import Testing

/// What no library of today writes, and scans by several threads.
@Suite struct ScanFormatTests {
  /// Layout messages as HDF5 wrote them before 1.6.3, put in place of today's.
  @Test(arguments: [UInt8(1), 2]) func oldLayoutsAreRead(version: UInt8) throws {
    let file = try HDF5File.createInMemory()
    try file.root.createDataset("whole", .uint8, shape: [100]).write([UInt8](0..<100))
    try file.root.createDataset(
      "chunks", .uint8, shape: [30], options: HDF5DatasetOptions(layout: .chunked([10]))
    ).write([UInt8](0..<30))
    var bytes = try file.image()
    let root = try HDF5Scan(bytes: bytes).root()
    let range = try #require(try root.dataset("whole").contiguousRange)
    let chunks = try root.dataset("chunks").chunks()
    let tree = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("TREE".utf8) + [1]) })

    let address = range.lowerBound.littleEndianBytes
    bytes = try bytes.replacing(
      [3, 1] + address + 100.littleEndianBytes + [0, 0],
      with: [version, 1, 1, 0, 0, 0, 0, 0] + address + [100, 0, 0, 0])
    let sizes: [UInt8] = [10, 0, 0, 0, 1, 0, 0, 0]
    bytes = try bytes.replacing(
      [3, 2, 2] + tree.littleEndianBytes + sizes + [0, 0, 0, 0, 0],
      with: [version, 2, 2, 0, 0, 0, 0, 0] + tree.littleEndianBytes + sizes)
    let old = try HDF5Scan(bytes: bytes).root()
    #expect(try old.dataset("whole").contiguousRange == range)
    #expect(try old.dataset("chunks").chunks() == chunks)
    // libhdf5 agrees that this is how it was.
    let expected = try HDF5File.open(image: bytes, name: "old").root
    #expect(try expected.dataset("whole").read(as: UInt8.self) == [UInt8](0..<100))
    #expect(try expected.dataset("chunks").read(as: UInt8.self) == [UInt8](0..<30))
  }

  @Test func attributesAreReadByName() throws {
    let file = try HDF5File.createInMemory()
    try file.root.attributes.set("texts", to: ["a", "ü", ""], as: .fixed(bytes: 4))
    try file.root.attributes.set("variable", to: ["a", "ü", ""])
    try file.root.attributes.set("numbers", to: [1, -2] as [Int16])
    let attributes = try HDF5Scan(bytes: try file.image()).root().attributes
    #expect(try attributes.attribute("texts")?.strings() == ["a", "ü", ""])
    #expect(try attributes.attribute("variable")?.strings() == ["a", "ü", ""])
    #expect(try attributes.attribute("numbers")?.values() == [.integer(1), .integer(-2)])
    #expect(try attributes.attribute("other") == nil)
    let error = #expect(throws: HDF5Error.self) { try attributes.attribute("numbers")?.strings() }
    #expect(error?.code == .typeMismatch)
    #expect(error?.path == "/@numbers")
    let limit = #expect(throws: HDF5Error.self) {
      try attributes.attribute("texts")?.strings(maximumBytes: 11)
    }
    #expect(limit?.code == .limitExceeded)
  }

  @Test func elementsWithoutRoomAreTheFillValue() throws {
    let file = try HDF5File.createInMemory()
    var options = HDF5DatasetOptions(allocationTime: .late, fillValue: [1, 2])
    try file.root.createDataset("filled", .uint16, shape: [3], options: options)
    options.fillValue = nil
    try file.root.createDataset("zeros", .uint16, shape: [3], options: options)
    try file.root.createDataset("none", .uint16, .null)
    let root = try HDF5Scan(bytes: try file.image()).root()
    #expect(try root.dataset("filled").bytes() == [1, 2, 1, 2, 1, 2])
    #expect(try root.dataset("zeros").bytes() == [0, 0, 0, 0, 0, 0])
    #expect(try root.dataset("none").bytes() == [])
  }

  @Test func threadsShareAScan() async throws {
    let file = try HDF5File.createInMemory()
    for number in 0..<50 {
      let group = try file.root.createGroup("group \(number)")
      try group.createDataset("d", .int64, shape: [4]).write([1, 2, 3, number])
      try group.attributes.set("texts", to: ["a", "\(number)"])
    }
    let scan = try HDF5Scan(bytes: try file.image())
    try await withThrowingTaskGroup(of: Int.self) { tasks in
      for _ in 0..<4 {
        tasks.addTask {
          var sum = 0
          for link in try scan.root().links() {
            let group = try scan.root().group(link.name)
            let dataset = try group.dataset("d")
            let values = try dataset.values(decoding: try dataset.bytes())
            let texts = try group.attributes.attribute("texts")?.strings()
            if case .integer(let last)? = values.last, texts?.last == "\(last)" { sum += Int(last) }
          }
          return sum
        }
      }
      for try await sum in tasks { #expect(sum == 49 * 50 / 2) }
    }
  }
}
