import Arrays
import HDF5
import States

/// Writes a checkpoint as an HDF5 file, laid out as <doc:Layout> says.
///
/// First the file is laid out in memory: groups, headers, values, and a place for each tensor. Then
/// the bytes of the tensors go to their places, from where they are and on several threads, each
/// read once for its digest too; and last the structures, which say all that is known by then. All
/// this happens beside the path, which leads to the old file until the new one is whole; see
/// `ReplacementFile`.
public enum CheckpointWriter {
  /// The name and version of the program that writes, as the file records it.
  public static let producer = "Ballast 0.1.0"

  /// Writes `checkpoint` to `path`.
  ///
  /// A tensor without a role is written as a parameter.
  ///
  /// - Throws: ``CheckpointError`` if the checkpoint cannot be laid out, `FileError` if the
  ///   system refuses. The path then leads to what it did before.
  @discardableResult
  public static func write(
    _ checkpoint: Checkpoint, to path: String, options: SaveOptions = SaveOptions()
  ) throws -> SaveSummary {
    let plan = try CheckpointPlan(checkpoint, file: path, options: options)
    var layout: FileLayout
    do throws(HDF5Error) {
      layout = try FileLayout(plan, options)
    } catch {
      throw CheckpointError(
        .unsupported, file: path, place: error.path, reason: error.message, cause: error)
    }
    let replacement = try options.replacement(of: path)
    try replacement.reserve(layout.structure.fileByteCount)
    try TensorWriter(plan, to: replacement, options).write(&layout)
    try ChunkWriter(plan, to: replacement, options).write(&layout)
    layout.index.copyDigestsOfAliases()
    try layout.write(to: replacement)
    try options.commit([replacement])
    return SaveSummary(plan, fileByteCount: layout.structure.fileByteCount)
  }
}

extension CheckpointIndex {
  fileprivate mutating func copyDigestsOfAliases() {
    for number in tensors.indices {
      if let original = tensors[number].aliasOf {
        tensors[number].digest = tensors[original].digest
      }
    }
  }
}

extension SaveSummary {
  fileprivate init(_ plan: CheckpointPlan, fileByteCount: Int) {
    tensorCount = plan.tensors.count
    tensorByteCount = plan.tensors.reduce(0) { sum, tensor in
      sum + (tensor.row.aliasOf == nil ? tensor.row.byteCount : 0)
    }
    self.fileByteCount = fileByteCount
  }
}
