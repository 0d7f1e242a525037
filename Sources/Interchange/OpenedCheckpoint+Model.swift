import Checkpoints
import States

extension OpenedCheckpoint {
  /// What in the file may be taken for the model, by `ReadOptions.root`: what was found where it had to
  /// be searched for, and other parts that hold tensors.
  public var candidates: [ModelCandidate] {
    result.candidates.isEmpty
      ? checkpoint.metadata.compactMap { name, value in
        let count = value.tensorCount
        return count == 0
          ? nil : ModelCandidate(root: name, tensorCount: count, isTaken: false)
      } : result.candidates
  }

  /// Leaves behind all but the model: the optimizer, the metadata, and what is kept of how they were put
  /// together. A note says what that was, and losses that were about it are gone with it.
  public mutating func keepModelOnly() {
    var left: [String] = []
    if let optimizer = checkpoint.optimizer {
      left.append("the optimizer (\(optimizer.type ?? "unknown type"))")
    }
    left += checkpoint.metadata.keys
    let names = Set(checkpoint.metadata.keys)
    let keys = Set(checkpoint.state.keys)
    losses = losses.filter { loss in
      guard let subject = loss.subject, !keys.contains(subject) else { return true }
      let first = subject.prefix { $0 != "." && $0 != "[" }
      return loss.kind != .optimizerDropped && first != "optimizer"
        && !names.contains(String(first)) && !names.contains(subject)
    }
    checkpoint.optimizer = nil
    checkpoint.metadata = [:]
    result.furtherRoleRules = [:]
    for (id, value) in checkpoint.origin.entries {
      guard let format = FileFormat(id: id) else { continue }
      checkpoint.origin[id] = format.implementation.originEntry(ofModelIn: value)
    }
    checkpoint.losses = losses
    guard !left.isEmpty else { return }
    notes.append(
      "left behind: \(left.prefix(8).joined(separator: ", "))"
        + (left.count > 8 ? " and \(left.count - 8) more" : ""))
  }
}
