import Arrays
import OrderedCollections
import States

extension ReadResult {
  /// Names an optimizer's state by the keys of the model's parameters, which it is said to have in
  /// the model's order, group by group.
  ///
  /// An optimizer that has names already keeps them, and those in the metadata keep their numbers, which
  /// notes say. One over a part of the parameters is matched by
  /// shapes besides, if there is one way only.
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if the model's parameters, in its order, are
  ///   not of the shapes of the optimizer's state, or if that can be so in several ways.
  package mutating func nameOptimizerInOrder(file: String) throws(CheckpointError) {
    let numbered = checkpoint.optimizers.filter { $0.value.naming == .positions }.keys
    if !numbered.isEmpty {
      notes.append(
        "optimizers in the metadata keep their numbers: \(numbered.joined(separator: ", "))")
    }
    guard let optimizer = checkpoint.optimizer, optimizer.naming == .positions else {
      notes.append(
        checkpoint.optimizer == nil
          ? "it has no optimizer to be named" : "the optimizer's parameters have names already")
      return
    }
    let ties = Set(checkpoint.state.ties.map(\.key))
    let candidates = checkpoint.state.entries.filter { key, entry in
      !ties.contains(key) && entry.role != .buffer
    }
    let wanted = optimizer.groups.map { $0.parameters.map { optimizer.shape(of: $0) } }
    guard
      let places = ParameterAlignment.unique(
        of: wanted, in: candidates.values.map(\.array.shape))
    else {
      throw CheckpointError(
        .unsupported, file: file, place: "optimizer",
        reason: "its parameters are not the model's in the model's order, or not in one way only",
        advice: "Leave --optimizer-in-order out: then they keep their numbers.")
    }
    let names = places.map { $0.map { candidates.keys[$0] } }
    checkpoint.optimizer = optimizer.renamed(names)
    let note = Self.positionsNote
    notes.removeAll { $0 == note }
  }

  /// What a reader says of an optimizer whose parameters it cannot name.
  package static let positionsNote =
    "nothing says beyond doubt which of the model's parameters are the optimizer's, which keep their "
    + "numbers; --optimizer-in-order says that they are in the model's order"
}

extension OptimizerState {
  /// Slots that have the shape of their parameter.
  package static let shapedSlots = [
    "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "exp_inf", "momentum_buffer", "square_avg",
    "grad_avg", "acc_delta", "sum", "prev", "step_size", "ax",
  ]

  /// The shape of a parameter, as far as its slots agree on one; nil if they do not tell.
  fileprivate func shape(of parameter: String) -> Shape? {
    let shapes = Self.shapedSlots.compactMap { state[parameter]?[$0]?.tensor?.shape }
    return shapes.allSatisfy { $0 == shapes[0] } ? shapes.first : nil
  }

  /// The state with the parameters of its groups under other names, which are keys.
  package func renamed(_ names: [[String]]) -> OptimizerState {
    var result = self
    result.naming = .keys
    result.state = [:]
    var nameOf: [String: String] = [:]
    for (number, group) in groups.enumerated() {
      for (old, new) in zip(group.parameters, names[number]) { nameOf[old] = new }
      result.groups[number].parameters = names[number]
    }
    for (parameter, slots) in state { result.state[nameOf[parameter] ?? parameter] = slots }
    return result
  }
}
