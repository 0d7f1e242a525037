import Checkpoints

extension OpenedCheckpoint: CustomStringConvertible {
  /// The file, its format and what is in it, then a line for each loss and note.
  ///
  /// ```
  /// training.pth (PyTorch): 4 tensors; optimizer Adam; metadata epoch
  /// ```
  public var description: String {
    let tensorCount = checkpoint.state.keys.count
    var parts = [tensorCount == 1 ? "1 tensor" : "\(tensorCount) tensors"]
    if let optimizer = checkpoint.optimizer {
      parts.append("optimizer \(optimizer.type ?? "of unknown type")")
    }
    for (kind, names) in [
      ("further models", Array(checkpoint.models.keys)),
      ("further optimizers", Array(checkpoint.optimizers.keys)),
      ("metadata", Array(checkpoint.metadata.keys)),
    ] where !names.isEmpty {
      let more = names.count > 8 ? " and \(names.count - 8) more" : ""
      parts.append("\(kind) \(names.prefix(8).joined(separator: ", "))\(more)")
    }
    return
      (["\(path) (\(format.displayName)): \(parts.joined(separator: "; "))"]
      + losses.map { "lost: \($0)" } + notes.map { "note: \($0)" })
      .joined(separator: "\n")
  }
}
