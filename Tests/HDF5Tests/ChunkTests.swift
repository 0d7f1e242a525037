import HDF5
import LibHDF5
import TestSupport
import Testing

@Suite struct ChunkTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func chunksAreListedWithWhereTheyLie() throws {
    var options = HDF5FileOptions()
    options.userBlockSize = 512
    let file = try HDF5File.create(folder.file(), options: options)
    let dataset = try file.root.createDataset(
      "d", .uint8, shape: [4, 6], options: HDF5DatasetOptions(layout: .chunked([2, 4])))
    #expect(try dataset.chunkCount == 0)
    #expect(try dataset.chunks() == [])
    try dataset.write((0..<24).map { UInt8($0) })
    #expect(try dataset.chunkCount == 4)
    let chunks = try dataset.chunks()
    #expect(chunks.map(\.offset) == [[0, 0], [0, 4], [2, 0], [2, 4]])
    #expect(chunks.allSatisfy { $0.size == 8 && $0.filterMask == 0 })
    #expect(try dataset.chunk(at: [2, 4]) == chunks[3])
    #expect(try dataset.readChunk(at: [0, 0]).bytes == [0, 1, 2, 3, 6, 7, 8, 9])
    try file.close()
    let address = chunks[0].address
    #expect(try folder.bytes()[address..<address + 8] == [0, 1, 2, 3, 6, 7, 8, 9])
  }

  @Test func chunksAreWrittenAsTheyAre() throws {
    let file = try HDF5File.create(folder.file())
    let dataset = try file.root.createDataset(
      "d", .uint8, shape: [8],
      options: HDF5DatasetOptions(layout: .chunked([4]), filters: [.deflate(level: 1)]))
    // Stored uncompressed: the mask says that the first filter was skipped.
    try dataset.writeChunk(at: [4], filterMask: 1, bytes: [5, 6, 7, 8])
    // A stream of zlib with one stored block.
    try dataset.writeChunk(
      at: [0], bytes: [0x78, 0x01, 1, 4, 0, 0xFB, 0xFF, 1, 2, 3, 4, 0, 0x18, 0, 0x0B])
    try file.close()
    let again = try HDF5File.open(folder.file()).root.dataset("d")
    #expect(try again.read(as: UInt8.self) == [1, 2, 3, 4, 5, 6, 7, 8])
    let chunk = try again.readChunk(at: [4])
    #expect(chunk.bytes == [5, 6, 7, 8])
    #expect(chunk.filterMask == 1)
    #expect(try again.chunk(at: [4])?.filterMask == 1)
  }

  @Test func chunksThatAreNotStoredAreToldApart() throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset(
      "d", .uint8, shape: [8], options: HDF5DatasetOptions(layout: .chunked([4])))
    try dataset.writeChunk(at: [4], bytes: [5, 6, 7, 8])
    #expect(try dataset.chunk(at: [0]) == nil)
    let error = #expect(throws: HDF5Error.self) { try dataset.readChunk(at: [0]) }
    #expect(error?.code == .notFound)
    let limit = #expect(throws: HDF5Error.self) { try dataset.readChunk(at: [4], maximumBytes: 3) }
    #expect(limit?.code == .limitExceeded)
    let count = #expect(throws: HDF5Error.self) { try dataset.chunks(maximumCount: 0) }
    #expect(count?.code == .limitExceeded)
  }

  @Test(arguments: [[1], [8], [-4], [0, 0], []])
  func coordinatesThatAreNoChunksAreRefused(offset: [Int]) throws {
    let root = try HDF5File.createInMemory().root
    let dataset = try root.createDataset(
      "d", .uint8, shape: [8], options: HDF5DatasetOptions(layout: .chunked([4])))
    for failure in [
      { _ = try dataset.chunk(at: offset) }, { _ = try dataset.readChunk(at: offset) },
      { try dataset.writeChunk(at: offset, bytes: [1, 2, 3, 4]) },
    ] as [() throws -> Void] {
      let error = #expect(throws: HDF5Error.self) { try failure() }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test func datasetsWithoutChunksHaveNone() throws {
    let dataset = try HDF5File.createInMemory().root.createDataset("d", .uint8, shape: [8])
    let error = #expect(throws: HDF5Error.self) { try dataset.chunks() }
    #expect(error?.code == .invalidArgument)
    #expect(throws: HDF5Error.self) { try dataset.readChunk(at: [0]) }
    #expect(throws: HDF5Error.self) { try dataset.writeChunk(at: [0], bytes: []) }
  }
}
