import Checkpoints
import States

extension OpenedCheckpoint {
  /// Refuses a file of which a conversion would carry no tensor, though it holds something.
  ///
  /// What is truly empty, as an empty state dict, passes: its copy is as empty.
  ///
  /// - Throws: `CheckpointError` with code `unsupported`, which names some of what the file holds.
  public func checkHoldsTensors() throws(CheckpointError) {
    guard checkpoint.state.isEmpty, (checkpoint.optimizer?.tensorCount ?? 0) == 0,
      checkpoint.models.values.allSatisfy(\.isEmpty),
      checkpoint.optimizers.values.allSatisfy({ $0.tensorCount == 0 })
    else { return }
    if let uncertainty { throw uncertainty }
    guard let content = contentText else { return }
    throw CheckpointError(
      .unsupported, file: path,
      reason: "no tensor of a model or an optimizer was found in it, and nothing was converted; "
        + "it holds \(content)",
      advice: "ballast-inspect shows what was read.")
  }

  /// How many tensors a file of a format has beside those of the model, where other programs take them for the
  /// model's: of optimizers, of other models, in the metadata.
  public func otherTensorCount(in format: FileFormat) -> Int {
    guard format.traits.mixesTensors else { return 0 }
    var rest = checkpoint
    rest.metadata = checkpoint.metadata.filter { !format.traits.holdsAsValue($0.key, checkpoint) }
    return CheckpointContents(rest).tensors.count - checkpoint.state.count
  }

  /// Why none of several models in the file was taken for its model; nil if one was, or there is none. All
  /// of them are in `Checkpoint.models` then.
  public var uncertainty: CheckpointError? {
    if let uncertainty = result.uncertainty { return uncertainty }
    guard checkpoint.state.isEmpty else { return nil }
    return CheckpointError(
      unclear: checkpoint.models.map {
        ModelCandidate(root: $0.key, tensorCount: $0.value.count, isTaken: false)
      }, file: path)
  }

  /// Some of what the file holds besides a model, in a few words; nil if it holds nothing.
  public var contentText: String? {
    let contents = CheckpointContents(checkpoint)
    let items = contents.values.filter { $0.section != .reading && !$0.section.isForm }
    var firsts: [String: String] = [:]
    for tensor in contents.tensors {
      guard let owner = tensor.owner, firsts[owner] == nil else { continue }
      firsts[owner] = tensor.name
    }
    var parts = items.map { item in
      let name = item.section == .metadata ? item.label : item.name
      guard let first = firsts[item.name] else { return name }
      let count = item.value.tensorCount
      let place = name + first.dropFirst(item.name.count)
      return "\(name) (with \(count) tensor\(count == 1 ? "" : "s"): \(place)"
        + (count == 1 ? ")" : ", …)")
    }
    let named = Set(contents.values.map(\.name))
    parts += contents.tensors.filter { tensor in !(tensor.owner.map(named.contains) ?? false) }
      .map(\.name)
    parts += losses.filter(\.hidesContent).map(\.description)
    if checkpoint.state.isEmpty, let members = try? probe.zip()?.entries.map(\.name) {
      // Constants of a program, of which no value speaks.
      parts += members.filter { $0.contains("/constants/") || $0.contains("/data/") }
    }
    guard !parts.isEmpty else { return nil }
    let shown = parts.prefix(Self.shownCount).map { $0.count > 160 ? $0.prefix(159) + "…" : $0 }
    let rest = parts.count - shown.count
    return shown.joined(separator: "; ") + (rest == 0 ? "" : "; and \(rest) more")
  }

  private static let shownCount = 4
}
