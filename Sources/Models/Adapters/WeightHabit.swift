import Arrays
import Checkpoints
import States

/// How the weights of linear layers lie in a state whose model is not known: (out, in), as those of
/// `torch.nn.Linear`, or (in, out), as those of GPT-2's `Conv1D`.
struct WeightHabit {
  private let state: StateDict
  /// Whether there are weights whose biases show them to be (out, in).
  private var hasOutputFirst = false
  /// Whether there are weights whose biases show them to be (in, out).
  private var hasInputFirst = false

  init(_ state: StateDict) {
    self.state = state
    for (key, entry) in state.entries where key.hasSuffix(".weight") && entry.array.rank == 2 {
      switch Self.isInputFirst(String(key.dropLast(".weight".count)), entry.array.shape, state) {
      case true?: hasInputFirst = true
      case false?: hasOutputFirst = true
      case nil: break
      }
    }
  }

  /// Whether a weight is (in, out) by the length of its bias; nil if that does not tell.
  private static func isInputFirst(_ path: String, _ shape: Shape, _ state: StateDict) -> Bool? {
    guard shape[0] != shape[1], let bias = state["\(path).bias"], bias.rank == 1 else { return nil }
    if bias.shape[0] == shape[0] { return false }
    return bias.shape[0] == shape[1] ? true : nil
  }

  /// Whether the weight of a linear layer is (in, out).
  ///
  /// - Throws: `CheckpointError` if nothing tells, or what tells contradicts `fan_in_fan_out`.
  func isInputFirst(
    _ layer: LoRALayer, _ shape: Shape, _ adapter: LoRAAdapter
  ) throws(CheckpointError) -> Bool {
    if let isInputFirst = Self.isInputFirst(layer.path, shape, state) { return isInputFirst }
    let flag = adapter.configuration.fanInFanOut
    switch (hasOutputFirst, hasInputFirst) {
    case (_, false) where !flag: return false
    case (false, true) where flag: return true
    default: break
    }
    // Without a bias a weight that is not square lies as the adapter's matrices do, if it may.
    let (input, output) = layer.extents
    if input != output {
      if shape == [output, input] { return false }
      if flag || hasInputFirst { return true }
    }
    let others =
      hasInputFirst
      ? (hasOutputFirst ? "the model has weights of both kinds" : "the model has weights that are")
      : "no weight of the model shows that it is"
    throw adapter.error(
      .unsupported, layer.keys.a,
      "whether \(layer.weightKey) of shape \(shape) is (in, out) cannot be told: fan_in_fan_out is "
        + "\(flag), and \(others)",
      advice: "Give the model too, with --model or as merged(into:of:).")
  }
}
