import Arrays
import Files
import HDF5

/// A tensor in a dataset of an HDF5 file, looked at with the guards that files need which nobody
/// vouches for: nothing is followed out of the file, and no size is believed that nothing stands
/// behind.
package struct StoredTensor: Sendable {
  /// The type of the elements.
  package let dtype: DType
  /// The lengths along each dimension.
  package let shape: Shape
  /// The bytes of the elements, before filters.
  package let byteCount: Int
  /// Where in the file the bytes are: in one piece, in chunks, or nowhere.
  package let ranges: [Range<Int>]

  let dataset: HDF5ScannedDataset
  /// The chunks that are stored; none for other layouts.
  let chunks: [HDF5ScannedChunk]
  let place: CheckpointPlace

  /// What deflate gets out of a byte at most is 1,032; a tensor of less than the floor is harmless.
  private static let largestExpansion = 1_100
  private static let harmlessByteCount = 64 << 20

  /// Looks at a dataset.
  ///
  /// - Parameters:
  ///   - dtype: What its elements are, of the size that they have in the file.
  ///   - place: What errors call it.
  /// - Throws: `HDF5Error`, or ``CheckpointError`` if the dataset is damaged, leads to other files, or
  ///   has filters that are not known.
  package init(
    _ dataset: HDF5ScannedDataset, as dtype: DType, _ place: CheckpointPlace
  ) throws {
    try self.init(dataset, as: dtype, itemSize: dtype.itemSize, place)
  }

  /// The bytes of a dataset of whatever type.
  init(bytesOf dataset: HDF5ScannedDataset, _ place: CheckpointPlace) throws {
    try self.init(dataset, as: .uint8, itemSize: dataset.elementByteCount, place)
  }

  private init(
    _ dataset: HDF5ScannedDataset, as dtype: DType, itemSize: Int, _ place: CheckpointPlace
  ) throws {
    guard dataset.dataspace != .null, dataset.elementByteCount == itemSize,
      let shape = Shape(validating: dataset.shape),
      case let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(
        by: itemSize), !overflow
    else { throw place.damaged("its shape is impossible") }
    func refused(_ reason: String) -> CheckpointError {
      CheckpointError(.refused, file: place.file, place: place.name, reason: reason)
    }
    if dataset.isVirtual || dataset.hasExternalStorage {
      throw refused("its bytes are in another file")
    }
    for filter in dataset.filters where !ChunkReader.knownFilters.contains(filter.id) {
      throw refused(
        "it is stored with the filter \(filter.id) (\(filter.name)); "
          + "only deflate, shuffle and fletcher32 are read")
    }
    self.dataset = dataset
    self.dtype = dtype
    self.shape = shape
    self.byteCount = byteCount
    self.place = place
    chunks = byteCount > 0 ? try dataset.chunks() : []
    ranges = byteCount > 0 ? dataset.contiguousRange.map { [$0] } ?? chunks.map(\.range) : []
    let stored = ranges.reduce(0) { $0 + $1.count }
    let (expanded, isHuge) = stored.multipliedReportingOverflow(by: Self.largestExpansion)
    let possible = isChunked ? (isHuge ? .max : expanded) : stored
    guard byteCount <= max(possible, Self.harmlessByteCount) else {
      throw place.damaged("it declares \(byteCount) bytes, and the file does not hold them")
    }
  }

  /// Whether the elements can be used where they are in the file, if the alignment allows it.
  package var isReady: Bool { dataset.contiguousRange != nil && isLittleEndian }

  /// Whether the elements are in chunks.
  package var isChunked: Bool { chunkShape != nil }

  var chunkShape: [Int]? {
    if case .chunked(let shape) = dataset.layout { shape } else { nil }
  }

  private var isLittleEndian: Bool { dataset.datatype == dataset.datatype.littleEndian }

  /// The tensor.
  ///
  /// - Parameters:
  ///   - content: That of the file.
  ///   - maps: Whether a tensor that lies ready may be mapped rather than read.
  ///   - threads: How many threads expand chunks.
  /// - Throws: `FileError`, `HDF5Error`, or ``CheckpointError`` if the bytes are damaged.
  package func array(in content: HDF5Content, maps: Bool, threads: Int) throws -> NDArray {
    guard byteCount > 0 else { return NDArray(uninitialized: shape, dtype: dtype) }
    if let range = dataset.contiguousRange {
      return array(
        of: try content.storage(
          range, alignment: min(dtype.itemSize, 8), maps: maps && isLittleEndian))
    }
    if let reader = try ChunkReader(self, in: content) {
      try ChunkReader.readAll([reader], threads: threads)
      return array(of: reader.storage)
    }
    return array(
      of: try dataset.bytes(maximumBytes: Self.harmlessByteCount).withUnsafeBytes {
        Storage(copying: $0)
      })
  }

  /// The tensor of elements as the file has them, which are put into the order of bytes used here.
  package func array(of storage: Storage) -> NDArray {
    if !isLittleEndian { storage.swapBytes(ofWordsOf: dtype.wordSize) }
    return NDArray(storage: storage, dtype: dtype, layout: Layout(shape))
  }
}
