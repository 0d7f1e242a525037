import Arrays
import Files
import HDF5

/// A tensor in a dataset of an HDF5 file, read with the guards that untrusted files need: nothing
/// is followed out of the file, and no size is believed that the stored bytes do not justify.
package struct StoredTensor: Sendable {
  /// The type of the elements.
  package let dtype: DType
  /// The lengths along each dimension: those of the dataset, then those within an element.
  package let shape: Shape
  /// The bytes of the elements, before filters.
  package let byteCount: Int
  /// Where in the file the bytes are: in one piece, in chunks, or nowhere.
  package let ranges: [Range<Int>]

  let dataset: HDF5ScannedDataset
  /// The chunks that are stored; none for other layouts.
  let chunks: [HDF5ScannedChunk]
  let place: CheckpointPlace

  /// Deflate makes at most 1,032 bytes of one; a tensor of less than the floor is harmless.
  private static let maximumExpansion = 1_100
  private static let harmlessByteCount = 64 << 20

  /// Takes what the headers say of a dataset, and refuses what is not safe to read. Its elements
  /// are not read.
  ///
  /// - Parameters:
  ///   - dtype: What its numbers are, of the size that they have in the file.
  ///   - elementShape: The shape of the numbers of one element, if it is an array of HDF5's.
  ///   - place: What errors call it.
  /// - Throws: `HDF5Error`, or ``CheckpointError``: `damaged`; `refused` if the dataset leads to other
  ///   files, has filters that are not known, or has numbers of both orders of bytes in an element.
  package init(
    _ dataset: HDF5ScannedDataset, as dtype: DType, elementShape: [Int] = [],
    _ place: CheckpointPlace
  ) throws {
    guard dataset.dataspace != .null,
      let elementByteCount = Shape(validating: elementShape)?.elementCount
        .multipliedReportingOverflow(by: dtype.itemSize),
      !elementByteCount.overflow, dataset.elementByteCount == elementByteCount.partialValue,
      let shape = Shape(validating: dataset.shape + elementShape),
      case let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(
        by: dtype.itemSize), !overflow
    else { throw place.damaged("its shape is impossible") }
    func refused(_ reason: String) -> CheckpointError {
      CheckpointError(.refused, file: place.file, place: place.name, reason: reason)
    }
    if dataset.isVirtual || dataset.hasExternalStorage {
      throw refused("its bytes are in another file")
    }
    let datatype = dataset.datatype
    guard datatype == datatype.littleEndian || datatype.isBigEndian else {
      throw refused("the numbers of an element differ in their order of bytes")
    }
    for filter in dataset.filters where !ChunkFilters.isKnown(filter) {
      throw refused(
        "it is stored with the filter \(filter.id) (\(filter.name)); only deflate, shuffle, "
          + "fletcher32, LZF and scale-offset are read")
    }
    self.dataset = dataset
    self.dtype = dtype
    self.shape = shape
    self.byteCount = byteCount
    self.place = place
    chunks = byteCount > 0 ? try dataset.chunks() : []
    ranges = byteCount > 0 ? dataset.contiguousRange.map { [$0] } ?? chunks.map(\.range) : []
    let stored = ranges.reduce(0) { $0 + $1.count }
    let (expanded, isHuge) = stored.multipliedReportingOverflow(by: Self.maximumExpansion)
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

  /// Whether the bytes of numbers are in the order used here; otherwise all are the other way round.
  private var isLittleEndian: Bool { dataset.datatype == dataset.datatype.littleEndian }

  /// The tensor.
  ///
  /// - Parameters:
  ///   - content: That of the file.
  ///   - maps: Whether a tensor that is ready for use may be mapped rather than read.
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
      of: Storage(copying: try dataset.bytes(maximumBytes: Self.harmlessByteCount)))
  }

  /// The tensor of elements as the file has them, which are put into the order of bytes used here.
  package func array(of storage: Storage) -> NDArray {
    if !isLittleEndian { storage.swapBytes(ofWordsOf: dtype.wordSize) }
    return NDArray(storage: storage, dtype: dtype, layout: Layout(shape))
  }
}
