/// How a dataset is cut into chunks, and what finds them (specification, IV.A.2.i).
struct HDF5ScanChunked: Sendable {
  /// What finds the chunks (VII, appendix C).
  enum Index: Sendable {
    /// A B-tree of version 1; `nil` as long as there are no chunks.
    case tree(Int?)
    /// There is one chunk.
    case single(Int?, filtered: (size: Int, mask: UInt32)?)
    /// All chunks follow each other.
    case implicit(Int?)
    /// A list of addresses, for a dataset that cannot grow.
    case fixedArray(Int?)
    /// A list of addresses, for a dataset that can grow along one dimension.
    case extensibleArray(Int?)
    /// A B-tree of version 2.
    case tree2(Int?)
  }

  /// The shape of a chunk.
  let shape: [Int]
  /// The bytes of a chunk before filters.
  let chunkBytes: Int
  let index: Index
  /// The numbers of chunks along each dimension, now.
  let counts: [Int]
  /// The numbers of chunks along each dimension when the dataset has grown; `nil` without end.
  let maximumCounts: [Int?]
  /// Whether chunks that reach beyond the edge of the dataset go through the filters too: see
  /// `H5Pset_chunk_opts`.
  let filtersPartialChunks: Bool
  /// The shape of the dataset.
  private let dimensions: [Int]

  /// - Parameter sizes: The shape of a chunk, and the size of an element behind it.
  init(
    _ sizes: [Int], _ dataspace: HDF5Dataspace, _ elementBytes: Int, _ index: Index,
    filtersPartialChunks: Bool = true, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) {
    guard case .simple(let dimensions, let maximum) = dataspace,
      sizes.count == dimensions.count + 1, sizes.last == elementBytes
    else { throw place.fault("the chunks do not fit the shape or the type of the dataset") }
    guard sizes.allSatisfy({ $0 > 0 }), let bytes = sizes.checkedProduct else {
      throw place.fault("chunks cannot have the shape \(sizes.dropLast())")
    }
    shape = Array(sizes.dropLast())
    chunkBytes = bytes
    self.index = index
    self.filtersPartialChunks = filtersPartialChunks
    self.dimensions = dimensions
    func chunks(_ size: Int, _ chunk: Int) -> Int { size == 0 ? 0 : (size - 1) / chunk + 1 }
    counts = zip(dimensions, shape).map(chunks)
    maximumCounts = zip(maximum ?? dimensions, shape).map { size, chunk in
      size.map { chunks($0, chunk) }
    }
  }

  /// Decodes what follows the class in a layout message of version 4 or 5.
  init(
    version4 cursor: inout HDF5ScanCursor, _ dataspace: HDF5Dataspace, _ elementBytes: Int
  ) throws(HDF5ScanFault) {
    let flags = try cursor.uint8()
    let rank = Int(try cursor.uint8())
    let width = Int(try cursor.uint8())
    var sizes: [Int] = []
    for _ in 0..<rank { sizes.append(try cursor.count(bytes: width)) }
    let kind = try cursor.uint8()
    var filtered: (size: Int, mask: UInt32)?
    switch kind {
    case 1 where flags & 0x02 != 0: filtered = (try cursor.length(), try cursor.uint32())
    case 1, 2: break
    // Measures that the structures at the address repeat.
    case 3: try cursor.skip(1)
    case 4: try cursor.skip(5)
    case 5: try cursor.skip(6)
    default: throw cursor.fault("there is no index of chunks of type \(kind)")
    }
    let address = try cursor.optionalAddress()
    let index: Index =
      switch kind {
      case 1: .single(address, filtered: filtered)
      case 2: .implicit(address)
      case 3: .fixedArray(address)
      case 4: .extensibleArray(address)
      default: .tree2(address)
      }
    try self.init(
      sizes, dataspace, elementBytes, index, filtersPartialChunks: flags & 0x01 == 0, cursor)
  }

  /// Whether a chunk reaches beyond the edge of the dataset.
  func isPartial(_ offset: [Int]) -> Bool {
    offset.indices.contains { dimensions[$0] - offset[$0] < shape[$0] }
  }

  /// The coordinates of the first element of a chunk, from those of the chunk among the chunks;
  /// `nil` if there is no such chunk.
  func offset(ofChunk coordinates: [Int]) -> [Int]? {
    guard zip(coordinates, counts).allSatisfy({ $0 >= 0 && $0 < $1 }) else { return nil }
    return zip(coordinates, shape).map { $0 * $1 }
  }
}

/// A chunk of a dataset of a file that is scanned, as it is stored.
///
/// ```swift
/// for chunk in try dataset.chunks() {
///   // Read the bytes at chunk.range. Undo dataset.filters, the last one first, but for those whose
///   // bit is set in chunk.filterMask. That gives dataset.chunkByteCount bytes.
/// }
/// ```
public struct HDF5ScannedChunk: Hashable, Sendable {
  /// The coordinates of its first element in the dataset, multiples of the chunk's shape. At the
  /// edge of the dataset, a chunk has elements that are beyond it.
  public var offset: [Int]
  /// Where its bytes are, from the start of the file, user block included: within the file, and not
  /// in another chunk.
  public var range: Range<Int>
  /// The filters that it skipped: bit 0 stands for the first one.
  public var filterMask: UInt32
}

extension HDF5ScannedDataset {
  /// The chunks that are stored, in row-major order of their offsets; none for other layouts. Those
  /// that are not stored have the ``fillValue`` in all elements.
  ///
  /// All versions of the index are read: trees (specification, III.A.1 and III.A.2), a single
  /// chunk, chunks that follow each other, fixed and extensible arrays (appendix C, VII.C and
  /// VII.D).
  ///
  /// - Parameter maximumCount: More chunks than this are an error.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/limitExceeded``, ``HDF5Error/Code/corrupt``
  ///   if a chunk is outside of the file or of the dataset, listed twice or over another, or has
  ///   not the size of a chunk although there are no filters; or others.
  public func chunks(maximumCount: Int = 10_000_000) throws(HDF5Error) -> [HDF5ScannedChunk] {
    guard case .chunked(let chunked) = storage else { return [] }
    return try object.reporting("list the chunks of") { () throws(HDF5ScanFault) in
      var list = HDF5ScanChunkList(
        chunked, isFiltered: !filters.isEmpty, maximumCount: maximumCount, object)
      try list.read()
      var chunks = try list.sorted()
      if !chunked.filtersPartialChunks {
        for index in chunks.indices where chunked.isPartial(chunks[index].offset) {
          chunks[index].filterMask = .max
        }
      }
      return chunks
    }
  }

  /// The bytes of a chunk before filters, equal for all chunks; `nil` for other layouts.
  public var chunkByteCount: Int? {
    guard case .chunked(let chunked) = storage else { return nil }
    return chunked.chunkBytes
  }
}
