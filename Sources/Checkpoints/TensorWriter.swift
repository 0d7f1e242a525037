import Arrays
import HDF5

/// Makes the datasets of tensors.
package struct TensorWriter {
  let tree: GroupTree
  let options: SaveOptions

  /// Tensors below this size are not compressed: the bookkeeping of a chunk takes more than that.
  private static let compressionThreshold = 1 << 10
  private static let chunkByteCount = 1 << 20

  /// Makes another name for a dataset.
  func link(_ path: String, to original: String) throws {
    let (originalGroup, originalName) = try tree.parent(of: original)
    let (group, name) = try tree.parent(of: path)
    try group.createHardLink(name, to: originalGroup.dataset(originalName))
  }

  /// Makes the dataset of a tensor: with room for its bytes, or, compressed, with its bytes.
  ///
  /// Records in `row` where the room is, or the digest of what was written.
  func create(_ array: NDArray, _ row: inout CheckpointIndex.TensorRow) throws {
    let description = TensorDatatype(row.dtype)
    let (group, name) = try tree.parent(of: row.path)
    let isCompressed =
      options.compression != nil && row.byteCount >= Self.compressionThreshold && array.rank > 0
    // Every byte will be written, so nothing needs to be filled in first.
    var storage = HDF5DatasetOptions(allocationTime: .early, fillTime: .never)
    if isCompressed, let compression = options.compression {
      storage = HDF5DatasetOptions(
        layout: .chunked(Self.chunkShape(array.shape, itemSize: row.dtype.itemSize)),
        filters: (compression.shuffle ? [.shuffle] : []) + [.deflate(level: compression.level)],
        fillTime: .never)
    }
    let dataset = try group.createDataset(
      name, description.datatype, shape: array.shape.dimensions, options: storage)
    if let dtypeName = description.name { try dataset.attributes.setText("dtype", dtypeName) }
    if row.isValue { try dataset.attributes.setText("type", "tensor") }
    if isCompressed {
      var sum = RunningDigest(dtype: row.dtype, shape: array.shape)
      try array.converted(to: row.dtype).withContiguousBytes { bytes in
        sum.update(bytes)
        try dataset.writeBytes(from: bytes)
      }
      row.digest = sum.digest
    } else if array.elementCount > 0 {
      row.dataOffset = try dataset.offset
    }
    if array.elementCount == 0 { row.digest = Digest(emptyOf: row.dtype, array.shape) }
  }

  /// The shape of chunks of about a mebibyte, each a run of elements in row-major order.
  package static func chunkShape(_ shape: Shape, itemSize: Int) -> [Int] {
    var chunk = [Int](repeating: 1, count: shape.rank)
    var byteCount = itemSize
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      let length = max(shape[axis], 1)
      chunk[axis] = min(length, max(chunkByteCount / byteCount, 1))
      byteCount *= chunk[axis]
      if chunk[axis] < length { break }
    }
    return chunk
  }
}

extension CheckpointIndex.TensorRow {
  /// Whether the tensor is among the values, where only an attribute tells it from a number.
  var isValue: Bool {
    path.hasPrefix("metadata/") || path.hasPrefix("optimizer/param_groups/")
  }
}
