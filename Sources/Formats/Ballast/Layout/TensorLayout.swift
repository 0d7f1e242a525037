import Arrays
import Checkpoints
import HDF5

/// Lays out the datasets of tensors.
enum TensorLayout {
  /// Adds the dataset of a tensor: with room for its bytes, or in chunks.
  static func add(
    _ row: CheckpointIndex.TensorRow, _ name: String, in group: HDF5Blueprint.GroupID,
    _ options: WriteOptions, _ blueprint: inout HDF5Blueprint
  ) throws(HDF5Error) -> HDF5Blueprint.DatasetID {
    let description = TensorDatatype(row.dtype)
    let dataset = try blueprint.addDataset(
      name, description.datatype, .shape(row.shape.dimensions),
      HDF5Blueprint.Content(of: row.shape, row.dtype, options), in: group)
    if let dtypeName = description.name { try blueprint.addText("dtype", dtypeName, to: dataset) }
    if row.isValue { try blueprint.addText("type", "tensor", to: dataset) }
    return dataset
  }
}

extension CheckpointIndex.TensorRow {
  /// Whether the tensor is among the values, where only an attribute distinguishes it from a
  /// number.
  var isValue: Bool {
    ["metadata/", "origin/", "optimizer/param_groups/"].contains { path.hasPrefix($0) }
  }
}
