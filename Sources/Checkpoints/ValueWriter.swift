import HDF5

/// Makes the groups and datasets of values.
enum ValueWriter {
  /// Writes a value that is planned.
  ///
  /// - Returns: Its row in the index.
  static func write(
    _ planned: CheckpointPlan.PlannedValue, in tree: GroupTree
  ) throws -> CheckpointIndex.ValueRow {
    var row = CheckpointIndex.ValueRow(path: planned.path)
    switch planned.value {
    case .group(let container):
      let group = try tree.group(planned.path)
      for (name, text) in container.attributes { try group.attributes.setText(name, text) }
      row.digest = container.digest
    case .dataset(let leaf):
      row.digest = leaf.digest
      try write(leaf, at: planned.path, in: tree)
    case .tensor:
      // Its dataset is made with those of the other tensors.
      break
    }
    return row
  }

  /// Writes a single value or a list.
  static func write(_ leaf: EncodedValue.Leaf, at path: String, in tree: GroupTree) throws {
    let (group, name) = try tree.parent(of: path)
    let dataset: HDF5Dataset
    switch leaf.content {
    case .null:
      dataset = try group.createDataset(name, leaf.datatype, .null)
    case .scalar(let bytes):
      dataset = try group.createDataset(name, leaf.datatype, .scalar)
      try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
    case .vector(let bytes, let count):
      dataset = try group.createDataset(name, leaf.datatype, shape: [count])
      try bytes.withUnsafeBytes { try dataset.writeBytes(from: $0) }
    }
    if let type = leaf.type { try dataset.attributes.setText("type", type) }
  }
}
