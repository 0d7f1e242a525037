/// What a name says of the tensors that are kept under it.
enum ModelName {
  /// How likely what has the name is the model, the likeliest first.
  enum Rank: Int, Comparable {
    /// People save models under this name.
    case model
    /// It says nothing.
    case other
    /// As `other`, with less in it than what stands beside it.
    case lesser
    /// An average of the model, or one that follows it.
    case average
    /// Of an optimizer, or of what else drives a training: never taken for a model.
    case training

    static func < (first: Rank, second: Rank) -> Bool { first.rawValue < second.rawValue }
  }

  /// Names under which people save a model, the most telling first.
  static let models = [
    "model_state_dict", "state_dict", "model_state", "model", "module", "net", "network",
    "net_state_dict", "model_weights", "weights", "params",
  ]
  /// Those of them under which other things are kept too.
  static let vague: Set = ["module", "weights", "params"]

  /// Whether a name is one of a state dict, and of no module.
  static func isContainer(_ name: String) -> Bool {
    ["model_state_dict", "state_dict", "model_state", "net_state_dict", "model_weights"]
      .contains(name)
  }

  private static let averages: Set = [
    "ema", "emas", "averaged", "average", "avg", "swa", "teacher", "target", "shadow", "polyak",
    "momentum",
  ]
  private static let trainings: Set = [
    "optimizer", "optimizers", "optim", "optims", "optimiser", "optimisers", "scheduler",
    "schedulers", "scaler", "rng", "exp_avg", "exp_avg_sq", "grads", "gradients", "sampler",
    "dataloader", "callbacks", "loops",
  ]

  /// The place among ``models`` of a name; nil if it is none of them.
  static func place(_ name: String) -> Int? { models.firstIndex(of: name) }

  /// What a single name says.
  static func rank(_ name: String) -> Rank {
    if place(name) != nil { return .model }
    let words = Set(name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    if !words.isDisjoint(with: trainings) || trainings.contains(name.lowercased()) {
      return .training
    }
    return words.isDisjoint(with: averages) ? .other : .average
  }

  /// What the names on the way to a value say: that it is a training's, or an average, if one of
  /// them does.
  static func rank(of names: [String]) -> Rank {
    let ranks = names.map(rank)
    if let worst = ranks.max(), worst >= .average { return worst }
    return ranks.contains(.model) ? .model : .other
  }
}
