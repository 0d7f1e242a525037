/// The structures of a new file, and where the elements of its datasets belong.
///
/// See ``HDF5Blueprint``.
public struct HDF5Structure: Sendable {
  private var content: [UInt8]
  private var addresses: [Int?]
  private let addressFields: [Int]
  private let byteCounts: [Int]
  private let chunkTrees: [Int: HDF5ChunkTree]

  /// The bytes before and between elements with a place of their own, which nobody writes: the
  /// alignment leaves them.
  public let gaps: [Range<Int>]

  /// Where the file ends. What is written behind it, such as chunks, has to move it.
  public var fileByteCount: Int {
    didSet { writeEnd() }
  }

  init(
    _ encoder: HDF5StructureEncoder, _ blueprint: HDF5Blueprint, alignment: Int, threshold: Int
  ) {
    content = encoder.bytes
    addresses = encoder.innerAddresses
    addressFields = encoder.addressFields
    chunkTrees = encoder.chunkTrees
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
    content.replace(at: HDF5StructureEncoder.endOfFileField, with: UInt64(fileByteCount))
  }

  /// The place of a dataset's elements in the file; nil if there are none, or they are in chunks.
  public func offset(of dataset: HDF5Blueprint.DatasetID) -> Int? {
    chunkTrees[dataset.index] == nil ? addresses[dataset.index] : nil
  }

  /// Sets the elements of a dataset that lies among the structures.
  ///
  /// - Precondition: It is one with ``HDF5Blueprint/Content/inner``, and these are all its bytes.
  public mutating func fill(_ dataset: HDF5Blueprint.DatasetID, with bytes: [UInt8]) {
    precondition(bytes.count == byteCounts[dataset.index], "these are not the elements")
    guard let address = addresses[dataset.index] else { return }
    content.replaceSubrange(address..<address + bytes.count, with: bytes)
  }

  /// Says where the chunks of a dataset are, in row-major order: all of them.
  ///
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

  /// The bytes that the file begins with: all structures.
  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try content.withUnsafeBufferPointer { (buffer) throws(E) in
      try body(UnsafeRawBufferPointer(buffer))
    }
  }
}
