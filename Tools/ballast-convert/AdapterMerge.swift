import Checkpoints
import Interchange
import Models
import ToolSupport

/// The merging of an adapter of LoRA into the model that is converted.
struct AdapterMerge {
  private let path: String
  /// The model, if it is named: it tells how its weights lie.
  private let model: String?

  /// - Parameters:
  ///   - path: The folder of the adapter; nil if there is nothing to merge.
  ///   - model: The model as it is given to `--model`.
  init?(_ path: String?, model: String?) {
    guard let path else { return nil }
    (self.path, self.model) = (path, model)
  }

  /// Merges the adapter, and notes what it changed.
  ///
  /// - Throws: `CheckpointError` if the adapter cannot be read, or does not fit; `ModelError`.
  func apply(to opened: inout OpenedCheckpoint) throws {
    let read = try OpenedCheckpoint(path, access: .verified)
    if let uncertainty = read.uncertainty { throw uncertainty }
    let adapter = try LoRAAdapter(read.checkpoint, file: path)
    let model = try self.model.map { try ModelSpec($0).description.build() }
    let merge = try adapter.merge(
      into: opened.checkpoint.state, of: model,
      modelConfiguration: opened.checkpoint.metadata["config"])
    opened.checkpoint.state = merge.state
    opened.checkpoint.metadata["config"] = merge.configuration
    opened.losses += read.losses + merge.losses
    opened.notes += read.notes.filter { !$0.contains("adapter") }
    opened.notes.append(
      "\(path) is merged: \(merge.changed.count.of("weight")) changed, "
        + "\(merge.replaced.count.of("tensor")) replaced")
    opened.notes += merge.notes
    if opened.checkpoint.optimizer != nil {
      opened.notes.append(
        "the optimizer's state is that of the weights before the adapter was merged")
    }
    for (name, _) in opened.checkpoint.models {
      opened.notes.append(
        "the model \"\(name)\" of the file is as it was: the adapter is not in it")
    }
  }
}
