import Checkpoints
import PyTorchFiles

/// What a file of optimizer states says: the part that one rank has of the weights in float32, and of what the
/// optimizer keeps for each.
///
/// Its keys are those of `state_dict` in `stage_1_and_2.py` and `stage3.py` of `deepspeed/runtime/zero`, and in
/// `deepspeed/runtime/bf16_optimizer.py`, of DeepSpeed 0.18.2.
struct OptimizerStates {
  /// The path of the file.
  let file: String
  let root: SavedValue
  /// Which of ZeRO's stages divided it: 1, 2 or 3.
  let stage: Int
  /// How many ranks there are, by group or for all.
  let partitionCounts: [Int]
  /// The flat tensors of weights, one for each group of parameters.
  let weights: [SavedValue]
  /// How long each is.
  let lengths: [Int]
  /// The state of the optimizer that DeepSpeed divides; nil if it was taken out.
  let base: SavedValue?

  private let state: SavedValue
  /// Where the parameters of each group are, if that was written down.
  private let mappings: [SavedValue]?
  /// What the optimizer keeps for each flat tensor; nil if it keeps no dictionary.
  private let kept: [Int: SavedValue]?
  /// The same as a list, which DeepSpeed calls elastic: without paddings.
  private let elastic: [SavedValue]?

  private enum Key {
    static let state = "optimizer_state_dict"
    static let stage = "zero_stage"
    static let count = "partition_count"
    static let joined = "single_partition_of_fp32_groups"
    static let divided = "fp32_flat_groups"
    static let base = "base_optimizer_state"
    static let slices = "param_slice_mappings"
    static let paddings = "group_paddings"
  }

  /// What of the state is told by the tensors that are made of it.
  private static let structure: Set = [
    Key.stage, Key.count, Key.joined, Key.divided, Key.base, Key.state, Key.slices, Key.paddings,
    "ds_version",
  ]

  /// - Throws: `CheckpointError` with code `damaged` if it is none, or contradicts itself; `unsupported` for a
  ///   stage that is not known.
  init(_ object: SavedObject) throws(CheckpointError) {
    file = object.file
    root = object.root
    let file = file
    func damaged(_ place: String?, _ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file, place: place, reason: reason)
    }
    guard let state = root[Key.state], state.entries != nil else {
      throw damaged(nil, "it holds \(root.kind) without the state of an optimizer (\(Key.state))")
    }
    self.state = state
    // The optimizer for bfloat16 divides as stage 1 does, and has no stage.
    if let value = state[Key.stage] {
      guard let stage = value.enumNumber else {
        throw damaged(Key.stage, "the stage of ZeRO is \(value.kind)")
      }
      guard (1...3).contains(stage) else {
        throw CheckpointError(
          .unsupported, file: file, place: Key.stage,
          reason: "it was divided by stage \(stage) of ZeRO, and 1 to 3 are known")
      }
      self.stage = stage
    } else {
      stage = 1
    }
    let counts = state[Key.count]
    guard let partitionCounts = counts?.lengths ?? counts?.int.map({ [$0] }),
      !partitionCounts.isEmpty
    else {
      throw damaged(Key.count, "it is not said how many ranks there are")
    }
    self.partitionCounts = partitionCounts
    let key = stage == 3 ? Key.divided : Key.joined
    guard let weights = state[key]?.elements else {
      throw damaged(key, "the weights of the rank are not in it")
    }
    var lengths: [Int] = []
    for (group, tensor) in weights.enumerated() {
      guard let shape = tensor.shape, shape.count == 1, shape[0] >= 0 else {
        throw damaged(
          "\(key)[\(group)]",
          "it is \(tensor.shape.map { "of shape \($0.listed)" } ?? tensor.kind), and should be a "
            + "flat tensor"
        )
      }
      lengths.append(shape[0])
    }
    self.weights = weights
    self.lengths = lengths
    let base = state[stage == 3 ? Key.state : Key.base]
    self.base = base.flatMap { $0.isNone ? nil : $0 }
    mappings = state[Key.slices]?.elements
    elastic = self.base?.elements
    kept = self.base?["state"]?.valuesByNumber
  }

  /// Of which group each flat tensor's options are, and the options; nil if they are not in the file.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if the groups are not those of the flat tensors.
  func groups() throws(CheckpointError) -> [(tensors: [Int], options: SavedValue)]? {
    guard let groups = base?["param_groups"]?.elements else { return nil }
    var found: [(tensors: [Int], options: SavedValue)] = []
    var next = 0
    for (number, group) in groups.enumerated() {
      guard let members = group["params"]?.lengths else {
        throw CheckpointError(
          .damaged, file: file, place: "param_groups[\(number)]",
          reason: "it is not said which flat tensors are of the group")
      }
      guard members == Array(next..<next + members.count) else {
        throw CheckpointError(
          .unsupported, file: file, place: "param_groups[\(number)]",
          reason: "its flat tensors are \(members.listed), and not the next ones in order")
      }
      next += members.count
      found.append((members, group))
    }
    guard next == weights.count else {
      throw CheckpointError(
        .damaged, file: file,
        reason: "its optimizer has groups of \(next) flat tensors, and \(weights.count) are in it")
    }
    return found
  }

  /// What the optimizer keeps for a flat tensor, by name; none if it never took a step.
  func slots(_ group: Int) throws(CheckpointError) -> [(key: String, value: SavedValue)] {
    let saved: SavedValue?
    if let elastic {
      saved = group < elastic.count ? elastic[group] : nil
    } else {
      guard let kept else {
        throw CheckpointError(
          .damaged, file: file, reason: "the state of its optimizer is not in it")
      }
      saved = kept[group]
    }
    guard let saved else { return [] }
    guard let entries = saved.entries else {
      throw CheckpointError(
        .damaged, file: file, place: "state of flat tensor \(group)",
        reason: "it is \(saved.kind), and should be a dictionary")
    }
    return entries
  }

  /// Where DeepSpeed itself says that the parameters of a group are: how many elements from which on.
  func slices(
    _ group: Int
  ) throws(CheckpointError) -> [String: (start: Int, count: Int)]? {
    guard let mappings, group < mappings.count else { return nil }
    guard let entries = mappings[group].entries else { return nil }
    var slices: [String: (start: Int, count: Int)] = [:]
    for (name, address) in entries {
      guard let start = address["start"]?.int, let count = address["numel"]?.int else {
        throw CheckpointError(
          .damaged, file: file, place: name, reason: "\(Key.slices) does not say where it is")
      }
      slices[name] = (start, count)
    }
    return slices
  }

  /// What the optimizer has beside its state and groups, and what the one that DeepSpeed divides has.
  var others: [(key: String, value: SavedValue)] {
    let base = (self.base?.entries ?? []).filter { $0.key != "state" && $0.key != "param_groups" }
    return (state.entries ?? []).filter { !Self.structure.contains($0.key) }
      + base.map { ("\(Key.base).\($0.key)", $0.value) }
  }

  /// What is beside the optimizer in the file.
  var rootOthers: [(key: String, value: SavedValue)] {
    (root.entries ?? []).filter { $0.key != Key.state }
  }

  /// What the optimizer keeps for flat tensors that are not in the file, by their numbers or whatever stands
  /// for them.
  var surplus: [String] {
    if let elastic {
      return elastic.count > weights.count
        ? (weights.count..<elastic.count).map { "\($0)" } : []
    }
    return (base?["state"]?.entries ?? []).map(\.key).filter { key in
      Int(key).map { !weights.indices.contains($0) } ?? true
    }
  }
}
