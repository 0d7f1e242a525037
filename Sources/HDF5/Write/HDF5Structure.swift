import Files

/// The structures of a new file, and where the elements of its datasets belong.
///
/// ``HDF5Blueprint/structure(alignment:threshold:)`` makes it. The file is written in this order:
///
/// 1. The elements of each dataset, at ``offset(of:)`` or anywhere behind ``fileByteCount``.
/// 2. What is known only then: ``fill(_:with:)``, ``setChunks(of:_:)``, ``fileByteCount``.
/// 3. The structures, at the start of the file: ``withBytes(_:)``.
///
/// Until the last step the file has no signature, so that what is cut short is not taken for a
/// file.
///
/// ```swift
/// var end = structure.fileByteCount
/// var places: [HDF5ChunkPlace] = []
/// for chunk in compressedChunks {  // in row-major order of their offsets
///   // Write the bytes of the chunk at `end`.
///   places.append(HDF5ChunkPlace(offset: end, byteCount: chunk.count))
///   end += chunk.count
/// }
/// structure.setChunks(of: weight, places)
/// structure.fileByteCount = end
/// ```
///
/// It is a value: changing a copy does not change the original. Datasets are named by what the
/// blueprint returned for them; those of another blueprint lead to a trap or to another dataset.
public struct HDF5Structure: Sendable {
  private var content: [UInt8]
  private var addresses: [Int?]
  private let addressFields: [Int]
  private let byteCounts: [Int]
  private let chunkTrees: [Int: HDF5ChunkTree]
  private let textPlaces: [Range<Int>]

  /// The bytes before and between elements with a place of their own, which nobody writes: the
  /// alignment leaves them. In a new file they are zero; a caller that writes over another file
  /// has to clear them.
  public let gaps: [Range<Int>]

  /// Where the file ends, in bytes from its start, as the superblock declares it (specification,
  /// II.A). What is written behind it, such as chunks, has to move it.
  ///
  /// Readers report a file that is shorter as truncated.
  public var fileByteCount: Int {
    didSet { writeEnd() }
  }

  /// The bytes that the caller writes before the content: none, or a power of two from 512 on, as
  /// `H5Pset_userblock` has it.
  ///
  /// All places here, and ``fileByteCount``, count from the end of this block.
  public var userBlockSize = 0 {
    didSet { writeEnd() }
  }

  init(
    _ encoder: HDF5StructureEncoder, _ blueprint: HDF5Blueprint, alignment: Int, threshold: Int
  ) {
    content = encoder.bytes
    addresses = encoder.innerAddresses
    addressFields = encoder.addressFields
    chunkTrees = encoder.chunkTrees
    textPlaces = encoder.textPlaces
    byteCounts = blueprint.datasets.map(\.byteCount)
    var end = content.count
    var gaps: [Range<Int>] = []
    for (number, dataset) in blueprint.datasets.enumerated() {
      if dataset.content == .room, dataset.byteCount > 0 {
        let unit = dataset.byteCount >= threshold ? alignment : 8
        let start = (end + unit - 1) / unit * unit
        if start > end { gaps.append(end..<start) }
        end = start
        addresses[number] = end
        end += dataset.byteCount
      }
      if let address = addresses[number] {
        content.replace(at: addressFields[number], with: UInt64(address))
      }
    }
    self.gaps = gaps
    fileByteCount = end
    writeEnd()
  }

  private mutating func writeEnd() {
    content.replace(at: HDF5StructureEncoder.baseField, with: UInt64(userBlockSize))
    content.replace(
      at: HDF5StructureEncoder.endOfFileField, with: UInt64(userBlockSize + fileByteCount))
  }

  /// The place of a dataset's elements, in bytes from the start of the file; `nil` if there are
  /// none, or they are in chunks.
  ///
  /// For ``HDF5Blueprint/Content/room`` it is where the caller writes them: in row-major order and
  /// the byte order of the dataset's type. Others lie among the structures.
  public func offset(of dataset: HDF5Blueprint.DatasetID) -> Int? {
    chunkTrees[dataset.index] == nil ? addresses[dataset.index] : nil
  }

  /// Sets the elements of a dataset that lies among the structures.
  ///
  /// Until then they are zeros.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - bytes: The elements in row-major order, as the file has them.
  /// - Precondition: It is one with ``HDF5Blueprint/Content/inner``, and these are all its bytes.
  public mutating func fill(_ dataset: HDF5Blueprint.DatasetID, with bytes: [UInt8]) {
    precondition(bytes.count == byteCounts[dataset.index], "these are not the elements")
    guard let address = addresses[dataset.index] else { return }
    content.replaceSubrange(address..<address + bytes.count, with: bytes)
  }

  /// Replaces a text of an attribute by another one of as many bytes, which is known only after the
  /// elements.
  ///
  /// - Parameters:
  ///   - text: What ``HDF5Blueprint/addReplaceableText(_:_:to:)`` returned.
  ///   - other: The text that takes its place.
  /// - Precondition: Both have as many bytes.
  public mutating func replace(_ text: HDF5Blueprint.TextID, with other: String) {
    let place = textPlaces[text.index]
    precondition(other.utf8.count == place.count, "the text has another length")
    content.replaceSubrange(place, with: other.utf8)
  }

  /// Sets where the chunks of a dataset are.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - chunks: All chunks of the dataset, in row-major order of their offsets: for each dimension
  ///     as many as its length divided by that of a chunk, rounded up.
  /// - Precondition: The dataset is in chunks, of which there are as many.
  public mutating func setChunks(
    of dataset: HDF5Blueprint.DatasetID, _ chunks: [HDF5ChunkPlace]
  ) {
    guard let tree = chunkTrees[dataset.index], chunks.count == tree.chunkCount else {
      preconditionFailure("these are not the chunks of the dataset")
    }
    let bytes = tree.encoded(chunks)
    content.replaceSubrange(tree.address..<tree.address + bytes.count, with: bytes)
  }

  /// The bytes that the file begins with: all structures, to be written at 0.
  ///
  /// - Parameter body: Called once with the bytes, which are valid only until it returns.
  /// - Returns: What `body` returns.
  public func withBytes<R, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    try content.withBytes(body)
  }
}
