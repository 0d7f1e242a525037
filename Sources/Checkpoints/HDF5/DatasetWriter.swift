import Arrays
import Files
import HDF5

extension HDF5Blueprint.Content {
  /// Tensors below this size are not compressed: the node that finds their chunk takes two to five
  /// kibibytes.
  private static let compressionThreshold = 1 << 14

  /// How the elements of a tensor are stored in a file with these options: in one piece, or in
  /// chunks.
  package init(of shape: Shape, _ dtype: DType, _ options: WriteOptions) {
    guard let compression = options.compression, shape.rank > 0,
      shape.elementCount * dtype.itemSize >= Self.compressionThreshold
    else {
      self = .room
      return
    }
    self = .chunks(
      shape: ChunkGrid(shape, itemSize: dtype.itemSize).chunkShape,
      filters: (compression.shuffle ? [.shuffle] : []) + [.deflate(level: compression.level)])
  }
}

/// Fills the datasets of an HDF5 file that is laid out with the bytes of tensors: on several
/// threads, in bounded memory, into a file or a member of an archive.
///
/// Those that are in one piece go to their places; the chunks of others follow behind, in order, so
/// that the same tensors give the same file on any number of threads.
package struct DatasetWriter {
  /// A tensor, and the dataset that waits for it.
  package struct Item: Sendable {
    /// The values.
    package let array: NDArray
    /// The type in which they are written.
    package let dtype: DType
    /// The dataset, laid out as `HDF5Blueprint.Content` has it for the type and the options.
    package let dataset: HDF5Blueprint.DatasetID

    /// A tensor on its way.
    package init(_ array: NDArray, as dtype: DType, to dataset: HDF5Blueprint.DatasetID) {
      self.array = array
      self.dtype = dtype
      self.dataset = dataset
    }

    /// How the tensor is cut into chunks; nil if it is in one piece.
    func grid(_ options: WriteOptions) -> ChunkGrid? {
      guard case .chunks = HDF5Blueprint.Content(of: array.shape, dtype, options) else {
        return nil
      }
      return ChunkGrid(array.shape, itemSize: dtype.itemSize)
    }
  }

  private let items: [Item]
  private let options: WriteOptions
  private let seen: ReadChecksums?

  /// - Parameters:
  ///   - options: Those by which the datasets were laid out.
  ///   - seen: What takes the checksums of what is read of files; nil if they are not needed.
  package init(_ items: [Item], _ options: WriteOptions, recording seen: ReadChecksums?) {
    self.items = items
    self.options = options
    self.seen = seen
  }

  /// The bytes that chunks add to a file at most: compression makes none larger.
  package var maximumChunkByteCount: Int {
    items.reduce(0) { sum, item in
      sum + (item.grid(options).map { $0.count * $0.chunkByteCount } ?? 0)
    }
  }

  /// Writes all tensors.
  ///
  /// - Parameters:
  ///   - structure: Records where the chunks are, and where the file ends.
  ///   - file: Where the file begins.
  /// - Returns: The CRC-32 of each tensor's bytes before compression, in the order of the items.
  /// - Throws: `FileError` if a tensor cannot be read or written.
  package func write(
    _ structure: inout HDF5Structure, to file: TensorStream.Place
  ) throws -> [UInt32] {
    var checksums = [UInt32](repeating: 0, count: items.count)
    var placed: [Int] = []
    var chunked: [(number: Int, tensor: ChunkWriter.Tensor)] = []
    for (number, item) in items.enumerated() {
      if let grid = item.grid(options) {
        chunked.append((number, ChunkWriter.Tensor(array: item.array, dtype: item.dtype, grid)))
      } else {
        placed.append(number)
      }
    }
    let stream = TensorStream(
      placed.map { number in
        let item = items[number]
        return TensorStream.Item(
          item.array, as: item.dtype,
          to: file.advanced(by: structure.offset(of: item.dataset) ?? 0))
      }, threads: options.threads, recording: seen)
    for (number, checksum) in zip(placed, try stream.write()) { checksums[number] = checksum }
    guard let compression = options.compression, !chunked.isEmpty else { return checksums }
    let writer = ChunkWriter(
      chunked.map(\.tensor), compression, threads: options.threads, recording: seen)
    let (written, end) = try writer.write(to: file, at: structure.fileByteCount)
    structure.fileByteCount = end
    for ((number, _), tensor) in zip(chunked, written) {
      structure.setChunks(of: items[number].dataset, tensor.chunks)
      checksums[number] = tensor.checksum
    }
    return checksums
  }
}
