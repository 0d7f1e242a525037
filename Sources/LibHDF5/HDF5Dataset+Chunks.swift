import CHDF5
import HDF5

/// A chunk of a dataset as it is stored: where it lies, and what was done to it.
public struct HDF5Chunk: Hashable, Sendable {
  /// The coordinates of its first element in the dataset, multiples of the chunk's shape.
  public var offset: [Int]
  /// The filters that it skipped: bit 0 stands for the first one.
  public var filterMask: UInt32
  /// Where it starts, in bytes from the start of the file, user block included.
  public var address: Int
  /// Its size in the file in bytes, after the filters.
  public var size: Int
}

extension HDF5Dataset {
  /// The number of chunks that are stored (`H5Dget_num_chunks`). Those to which nothing was written
  /// are not, unless room was taken for them early.
  ///
  /// - Throws: `HDF5Error`, among others if the dataset is not chunked.
  public var chunkCount: Int {
    get throws(HDF5Error) {
      var count: hsize_t = 0
      try call("count the chunks of") { chdf5_chunk_count($0, &count) }
      return Int(clamping: count)
    }
  }

  /// The chunks that are stored, in the order of the chunk index.
  ///
  /// libhdf5 finds each by walking the index from its start, so the time grows with the square of
  /// their number: 10,000 chunks take about a second.
  ///
  /// - Parameter maximumCount: More chunks than this are an error.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the dataset is not
  ///   chunked, `HDF5Error.Code.limitExceeded` if there are more chunks, `HDF5Error.Code.corrupt`
  ///   if one declares an impossible place or size, or others.
  public func chunks(maximumCount: Int = 100_000) throws(HDF5Error) -> [HDF5Chunk] {
    let operation: StaticString = "list the chunks of"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let rank = try chunkShape(operation).count
    let count = try chunkCount
    guard count <= maximumCount else {
      throw place.error(
        .limitExceeded, operation, "it has \(count) chunks, and the limit is \(maximumCount)")
    }
    let space = try elements.openSpace()
    let spaceID = space.id
    let origin = try chunkOrigin
    var chunks: [HDF5Chunk] = []
    chunks.reserveCapacity(count)
    for index in 0..<count {
      var offset = [hsize_t](repeating: 0, count: rank)
      var chunk = chdf5_chunk()
      try call(operation) { chdf5_chunk_by_index($0, spaceID, hsize_t(index), &offset, &chunk) }
      if let chunk = try stored(chunk, at: offset.map { Int(clamping: $0) }, origin, operation) {
        chunks.append(chunk)
      }
    }
    return chunks
  }

  /// The chunk whose first element has the given coordinates, or `nil` if it is not stored.
  ///
  /// - Parameter offset: Coordinates within the shape, each a multiple of the chunk's length there.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if no chunk starts there or
  ///   the dataset is not chunked, `HDF5Error.Code.corrupt`, or others.
  public func chunk(at offset: [Int]) throws(HDF5Error) -> HDF5Chunk? {
    let operation: StaticString = "look at a chunk of"
    let coordinates = try chunkCoordinates(offset, operation)
    var chunk = chdf5_chunk()
    try call(operation) { chdf5_chunk_by_coordinates($0, coordinates, &chunk) }
    return try stored(chunk, at: offset, chunkOrigin, operation)
  }

  /// Reads a chunk as it is stored, without undoing the filters (`H5Dread_chunk`).
  ///
  /// Without filters that are the elements of a whole chunk, row-major and in the file's byte
  /// order; at the edge of the dataset with elements that are beyond it.
  ///
  /// - Parameters:
  ///   - offset: The coordinates of its first element.
  ///   - maximumBytes: The most to read; if `nil`, the size of the file.
  /// - Returns: The bytes, and the filters that were skipped: bit 0 stands for the first one.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound` if the chunk is not stored,
  ///   `HDF5Error.Code.invalidArgument` if no chunk can start there,
  ///   `HDF5Error.Code.limitExceeded`, or others.
  public func readChunk(
    at offset: [Int], maximumBytes: Int? = nil
  ) throws(HDF5Error) -> (bytes: [UInt8], filterMask: UInt32) {
    let operation: StaticString = "read a chunk of"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let coordinates = try chunkCoordinates(offset, operation)
    var size: hsize_t = 0
    do throws(HDF5Error) {
      // Quick, unlike asking for the address: it goes down the index instead of along it.
      try call(operation) { H5Dget_chunk_storage_size($0, coordinates, &size) }
    } catch {
      // Versions differ in whether a chunk that is not stored has no size or is an error.
      guard try chunk(at: offset) == nil else { throw error }
    }
    guard size > 0 else {
      throw place.error(.notFound, operation, "no chunk is stored at \(offset)")
    }
    let limit = if let maximumBytes { maximumBytes } else { try file.size }
    guard let count = Int(exactly: size), count <= limit else {
      throw place.error(
        .limitExceeded, operation, "the chunk has \(size) bytes, and the limit is \(limit)")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var filterMask: UInt32 = 0
    try call(operation) { chdf5_read_chunk($0, coordinates, &filterMask, &bytes, count) }
    return (bytes, filterMask)
  }

  /// Writes a chunk whose filters have been applied already (`H5Dwrite_chunk`).
  ///
  /// So chunks can be compressed on several threads. Nothing checks the bytes: what the filters
  /// cannot undo is an error only when the chunk is read.
  ///
  /// - Parameters:
  ///   - offset: The coordinates of its first element.
  ///   - filterMask: The filters that were skipped: bit 0 stands for the first one.
  ///   - bytes: The chunk as it is to be stored: a whole one, even at the edge of the dataset.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if no chunk can start there,
  ///   if the dataset is not chunked, or if there are no bytes or more than 4 GiB; or others.
  public func writeChunk(
    at offset: [Int], filterMask: UInt32 = 0, bytes: UnsafeRawBufferPointer
  ) throws(HDF5Error) {
    let operation: StaticString = "write a chunk of"
    let coordinates = try chunkCoordinates(offset, operation)
    guard let base = bytes.baseAddress, !bytes.isEmpty, bytes.count <= Int(UInt32.max) else {
      throw place.error(.invalidArgument, operation, "a chunk has 1 byte to 4 GiB")
    }
    try call(operation) {
      H5Dwrite_chunk(
        $0, chdf5_default_properties(), filterMask, coordinates, bytes.count, base)
    }
  }

  /// Writes a chunk whose filters have been applied already, from an array.
  ///
  /// - Parameters:
  ///   - offset: The coordinates of its first element.
  ///   - filterMask: The filters that were skipped: bit 0 stands for the first one.
  ///   - bytes: The chunk as it is to be stored: a whole one, even at the edge of the dataset.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if no chunk can start there,
  ///   if the dataset is not chunked, or if there are no bytes or more than 4 GiB; or others.
  public func writeChunk(
    at offset: [Int], filterMask: UInt32 = 0, bytes: [UInt8]
  ) throws(HDF5Error) {
    try bytes.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try writeChunk(at: offset, filterMask: filterMask, bytes: UnsafeRawBufferPointer(buffer))
    }
  }

  private func chunkShape(_ operation: StaticString) throws(HDF5Error) -> [Int] {
    guard case .chunked(let shape) = try layout else {
      throw place.error(.invalidArgument, operation, "it is not stored in chunks")
    }
    return shape
  }

  /// Checks that coordinates are those of a chunk, which libhdf5 does not always do.
  private func chunkCoordinates(
    _ offset: [Int], _ operation: StaticString
  ) throws(HDF5Error) -> [hsize_t] {
    let chunkShape = try chunkShape(operation)
    let shape = try shape
    guard offset.count == shape.count, chunkShape.count == shape.count,
      offset.indices.allSatisfy({
        (0..<shape[$0]).contains(offset[$0]) && offset[$0] % chunkShape[$0] == 0
      })
    else {
      throw place.error(
        .invalidArgument, operation,
        "no chunk of the shape \(chunkShape) starts at \(offset) in the shape \(shape)")
    }
    return offset.map { hsize_t($0) }
  }

  /// Where the addresses of chunks count from.
  private var chunkOrigin: Int {
    get throws(HDF5Error) {
      chdf5_chunk_addresses_skip_user_block() != 0 ? try file.userBlockSize : 0
    }
  }

  private func stored(
    _ chunk: chdf5_chunk, at offset: [Int], _ origin: Int, _ operation: StaticString
  ) throws(HDF5Error) -> HDF5Chunk? {
    guard chunk.address >= 0 else { return nil }
    let (address, overflow) = Int(chunk.address).addingReportingOverflow(origin)
    guard let size = Int(exactly: chunk.size), !overflow else {
      throw place.error(
        .corrupt, operation, "the chunk at \(offset) declares an impossible place or size")
    }
    return HDF5Chunk(
      offset: offset, filterMask: chunk.filter_mask, address: address, size: size)
  }
}
