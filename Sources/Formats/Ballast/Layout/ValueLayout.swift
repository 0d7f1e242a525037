import Checkpoints
import HDF5

/// Lays out the groups and datasets of values.
enum ValueLayout {
  /// Adds a value that is planned.
  ///
  /// - Returns: Its row in the index.
  static func add(
    _ planned: CheckpointPlan.PlannedValue, to tree: inout GroupTree
  ) throws(HDF5Error) -> CheckpointIndex.ValueRow {
    var row = CheckpointIndex.ValueRow(path: planned.path)
    switch planned.value {
    case .group(let container):
      let group = try tree.group(planned.path)
      for (name, text) in container.attributes {
        try tree.blueprint.addText(name, text, to: group)
      }
      row.digest = container.digest
    case .dataset(let leaf):
      row.digest = leaf.digest
      try add(leaf, at: planned.path, to: &tree)
    case .tensor:
      // Its dataset is laid out with those of the other tensors.
      break
    }
    return row
  }

  /// Adds a single value or a list.
  private static func add(
    _ leaf: EncodedValue.Leaf, at path: String, to tree: inout GroupTree
  ) throws(HDF5Error) {
    let (group, name) = try tree.parent(of: path)
    let (dataspace, bytes): (HDF5Dataspace, [UInt8]) =
      switch leaf.content {
      case .null: (.null, [])
      case .scalar(let bytes): (.scalar, bytes)
      case .vector(let bytes, let count): (.shape([count]), bytes)
      }
    let dataset = try tree.blueprint.addDataset(
      name, leaf.datatype, dataspace, .bytes(bytes), in: group)
    if let type = leaf.type { try tree.blueprint.addText("type", type, to: dataset) }
  }
}
