import Arrays
import Checkpoints
import HDF5

/// Lays out the datasets of tensors.
enum TensorLayout {
  /// Tensors below this size are not compressed: the node that finds their chunk takes two to five
  /// kibibytes.
  private static let compressionThreshold = 1 << 14

  /// Adds the dataset of a tensor: with room for its bytes, or in chunks.
  static func add(
    _ row: CheckpointIndex.TensorRow, _ name: String, in group: HDF5Blueprint.GroupID,
    _ options: WriteOptions, _ blueprint: inout HDF5Blueprint
  ) throws(HDF5Error) -> HDF5Blueprint.DatasetID {
    let description = TensorDatatype(row.dtype)
    var content = HDF5Blueprint.Content.room
    if let compression = options.compression, isCompressed(row, options) {
      content = .chunks(
        shape: ChunkGrid(row.shape, itemSize: row.dtype.itemSize).chunkShape,
        filters: (compression.shuffle ? [.shuffle] : []) + [.deflate(level: compression.level)])
    }
    let dataset = try blueprint.addDataset(
      name, description.datatype, .shape(row.shape.dimensions), content, in: group)
    if let dtypeName = description.name { try blueprint.addText("dtype", dtypeName, to: dataset) }
    if row.isValue { try blueprint.addText("type", "tensor", to: dataset) }
    return dataset
  }

  /// Whether a tensor is worth compressing.
  static func isCompressed(_ row: CheckpointIndex.TensorRow, _ options: WriteOptions) -> Bool {
    options.compression != nil && row.byteCount >= compressionThreshold && row.shape.rank > 0
  }
}

extension CheckpointIndex.TensorRow {
  /// Whether the tensor is among the values, where only an attribute tells it from a number.
  var isValue: Bool {
    ["metadata/", "origin/", "optimizer/param_groups/"].contains { path.hasPrefix($0) }
  }
}
