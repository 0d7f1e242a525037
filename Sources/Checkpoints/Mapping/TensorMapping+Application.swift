import Arrays
import OrderedCollections
import States

extension TensorMapping {
  /// The checkpoint with the rules applied in order.
  ///
  /// Roles, ties, views and module versions follow the tensors. So does the optimizer's state:
  /// tensors that are shaped like their parameter are changed as it is, others (such as `step`)
  /// are kept. A view of the same storage is made where that is possible; tensors that are joined,
  /// converted, or reshaped after their dimensions were exchanged are copied into memory.
  ///
  /// An optimizer's state by position is kept only as long as no rule changes shapes or joins or
  /// splits tensors; otherwise it is left out, which the report says. Metadata, architecture and
  /// origin are not changed.
  ///
  /// Where the mapping goes by the size of heads, the metadata are asked for it: `config` as transformers writes it, and
  /// what GGUF files have (`llama.attention.key_length`, `llama.rope.dimension_count`). That they do not say it
  /// is noted.
  ///
  /// - Parameter checkpoint: The checkpoint, which stays as it is.
  /// - Returns: The new checkpoint, and what each rule did.
  /// - Throws: ``MappingError`` that names the rule and the tensors: the metadata say that heads have another size, two keys would become one, a
  ///   part to be joined is missing, a shape does not fit, the parts to be joined differ in role,
  ///   type or optimizer state, or a tensor to be converted cannot be read.
  public func apply(
    to checkpoint: Checkpoint
  ) throws(MappingError) -> (checkpoint: Checkpoint, report: MappingReport) {
    var machine = MappingMachine(checkpoint)
    if let headSize, let note = try HeadSizes(checkpoint).note(on: headSize) {
      machine.report.notes.append(note)
    }
    for (index, rule) in rules.enumerated() {
      do throws(RuleFailure) {
        try machine.apply(rule, number: index + 1)
      } catch {
        throw MappingError(rule: index + 1, error.reason, advice: error.advice)
      }
    }
    return (machine.checkpoint, machine.report)
  }
}

/// A checkpoint on its way through the rules of a mapping: each call of `apply` replaces it.
private struct MappingMachine {
  /// The checkpoint after the rules that were applied so far.
  private(set) var checkpoint: Checkpoint
  var report = MappingReport()

  init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    for key in checkpoint.state.keys { report.origins[key] = key }
  }

  /// Applies a rule to the keys that the rules before it gave.
  ///
  /// - Parameter number: The number of the rule, counted from 1, for the report.
  mutating func apply(_ rule: TensorMapping.Rule, number: Int) throws(RuleFailure) {
    let keys = checkpoint.state.keys
    let steps = try rule.steps(on: keys)
    report.matchCounts.append(steps.count)
    guard !steps.isEmpty else {
      report.notes.append("rule \(number) of the mapping matched no key")
      return
    }
    let newKeys = try TensorMapping.Rule.keys(keys, after: steps)
    noteIfFinal(rule, number, steps, newKeys)
    if rule.changesArrays, checkpoint.optimizer?.naming == .positions {
      checkpoint.optimizer = nil
      report.droppedOptimizer = true
    }
    let stepOfInput = MappingStep.byInput(steps)
    var transform = MappingTransform(rule)
    // The optimizer first: it needs the shapes that the parameters have now.
    if rule.changesOptimizer {
      try moveOptimizer(stepOfInput, &transform)
    }
    try moveTensors(rule, newKeys, stepOfInput, &transform)
    let origins = report.origins
    report.origins = [:]
    for key in keys {
      for name in stepOfInput[key]?.outputs ?? [key] where report.origins[name] == nil {
        report.origins[name] = origins[key]
      }
    }
  }

  /// Replaces the model's tensors by what the steps make of them. What a step makes takes the role
  /// of its inputs, and the place of the first.
  ///
  /// - Parameters:
  ///   - newKeys: The keys after the rule, to reserve room for.
  ///   - stepOfInput: The step that each changed key goes into.
  ///   - transform: Makes the arrays, the same for names of one tensor.
  private mutating func moveTensors(
    _ rule: TensorMapping.Rule, _ newKeys: OrderedSet<String>,
    _ stepOfInput: [String: MappingStep], _ transform: inout MappingTransform
  ) throws(RuleFailure) {
    let old = checkpoint.state
    var entries: OrderedDictionary<String, StateDict.Entry> = [:]
    entries.reserveCapacity(newKeys.count)
    for (key, entry) in old.entries {
      guard let step = stepOfInput[key] else {
        entries[key] = entry
        continue
      }
      guard step.inputs[0] == key else { continue }
      let inputs = step.inputs.compactMap { old.entries[$0] }
      if let other = inputs.firstIndex(where: { $0.role != entry.role }) {
        throw RuleFailure(
          "'\(key)' and '\(step.inputs[other])' cannot be joined: one is a parameter, the other a "
            + "buffer")
      }
      let outputs = try transform.apply(to: inputs.map(\.array), names: step.inputs)
      for (name, array) in zip(step.outputs, outputs) {
        entries[name] = StateDict.Entry(array, role: entry.role)
      }
      if case .cast = rule, entry.array.dtype != outputs[0].dtype {
        report.casts.append(try cast(of: key, entry.array, to: outputs[0].dtype))
      }
    }
    checkpoint.state.moduleVersions = old.moduleVersions {
      stepOfInput[$0]?.outputs[0] ?? rule.renamed($0)
    }
    checkpoint.state.entries = entries
  }

  /// What the report says of a tensor that was converted. It is read only if its values might not
  /// all fit the new type.
  private func cast(
    of key: String, _ array: NDArray, to dtype: DType
  ) throws(RuleFailure) -> MappingReport.Cast {
    let isNarrowed = !array.dtype.isLosslesslyConvertible(to: dtype)
    do {
      let losses =
        try isNarrowed
        ? array.conversionLosses(
          as: dtype, of: key, "cast from \(array.dtype) to \(dtype) by the mapping") : []
      return MappingReport.Cast(key: key, from: array.dtype, to: dtype, losses: losses)
    } catch {
      throw RuleFailure("'\(key)' cannot be read: \(error)")
    }
  }

  /// Does to the optimizer's state what the steps do to the parameters. Of a step that joins,
  /// either all inputs have state or none.
  ///
  /// - Throws: ``RuleFailure`` if only some inputs have state, or are in different groups.
  private mutating func moveOptimizer(
    _ stepOfInput: [String: MappingStep], _ transform: inout MappingTransform
  ) throws(RuleFailure) {
    guard var optimizer = checkpoint.optimizer, optimizer.naming == .keys else { return }
    let old = optimizer.state
    optimizer.state = [:]
    for (parameter, slots) in old {
      guard let step = stepOfInput[parameter] else {
        optimizer.state[parameter] = slots
        continue
      }
      let present = step.inputs.filter { old[$0] != nil }
      guard present.first == parameter else { continue }
      guard present.count == step.inputs.count else {
        throw RuleFailure(
          "'\(parameter)' has optimizer state, and not all that it is joined with has",
          advice: "Leave the optimizer's state out, or do not join these.")
      }
      let moved = try moveSlots(step, present.compactMap { old[$0] }, &transform)
      for (name, slots) in zip(step.outputs, moved) { optimizer.state[name] = slots }
    }
    for index in optimizer.groups.indices {
      optimizer.groups[index].parameters = try Self.members(
        of: optimizer.groups[index].parameters, stepOfInput)
    }
    checkpoint.optimizer = optimizer
  }

  /// The slots of each output of a step.
  ///
  /// A tensor of its parameter's shape, such as `exp_avg`, is transformed as the parameter is; any
  /// other value, such as `step`, is copied to all outputs, and must be the same in all inputs.
  ///
  /// - Parameter slots: Those of each input.
  private mutating func moveSlots(
    _ step: MappingStep, _ slots: [OptimizerState.Slots], _ transform: inout MappingTransform
  ) throws(RuleFailure) -> [OptimizerState.Slots] {
    var result = [OptimizerState.Slots](repeating: [:], count: step.outputs.count)
    for (slot, value) in slots[0] {
      let values = slots.compactMap { $0[slot] }
      guard values.count == slots.count else {
        throw RuleFailure("not all of \(step.inputs) have '\(slot)' in their optimizer state")
      }
      let tensors = zip(step.inputs, values).compactMap { input, value -> NDArray? in
        guard let tensor = value.tensor else { return nil }
        return tensor.shape == checkpoint.state[input]?.shape ? tensor : nil
      }
      let isPerElement = tensors.count == values.count
      if isPerElement {
        let moved = try transform.apply(to: tensors, names: step.inputs)
        for (index, tensor) in moved.enumerated() { result[index][slot] = .tensor(tensor) }
      } else if values.allSatisfy({ $0 == value }) {
        for index in result.indices { result[index][slot] = value }
      } else {
        throw RuleFailure(
          "\(step.inputs) differ in '\(slot)' of their optimizer state, and what they are joined "
            + "to can have but one")
      }
    }
    return result
  }

  /// The parameters of a group after the steps. A step that joins needs all its inputs in one
  /// group.
  private static func members(
    of parameters: [String], _ stepOfInput: [String: MappingStep]
  ) throws(RuleFailure) -> [String] {
    let all = Set(parameters)
    var members: [String] = []
    for parameter in parameters {
      guard let step = stepOfInput[parameter] else {
        members.append(parameter)
        continue
      }
      guard step.inputs.allSatisfy(all.contains) else {
        throw RuleFailure("\(step.inputs) are in different groups of the optimizer")
      }
      if step.inputs[0] == parameter { members += step.outputs }
    }
    return members
  }

  /// Notes if the rule's inverse would not bring these keys back.
  private mutating func noteIfFinal(
    _ rule: TensorMapping.Rule, _ number: Int, _ steps: [MappingStep], _ newKeys: OrderedSet<String>
  ) {
    func note(_ reason: String) {
      report.notes.append("rule \(number) of the mapping cannot be undone: \(reason)")
    }
    do throws(RuleFailure) {
      let back = try rule.inverted().steps(on: newKeys)
      let expected = Set(steps.map { MappingStep(inputs: $0.outputs, outputs: $0.inputs) })
      if let wrong = back.first(where: { !expected.contains($0) }) {
        note("its inverse makes '\(wrong.outputs[0])' of '\(wrong.inputs[0])'")
      } else if back.count < expected.count {
        note("its inverse does not find all that it changed")
      }
    } catch {
      note(error.reason)
    }
  }
}

extension TensorMapping.Rule {
  /// Whether the rule gives tensors other shapes or joins or cuts them, and so does to the
  /// optimizer's.
  fileprivate var changesArrays: Bool {
    switch self {
    case .rename, .cast: false
    case .permute, .transpose, .interleave, .reshape, .split, .concatenate: true
    }
  }

  /// Whether the optimizer's state follows.
  fileprivate var changesOptimizer: Bool {
    if case .cast = self { false } else { true }
  }

  /// The name that a key would have that the checkpoint does not hold.
  fileprivate func renamed(_ key: String) -> String {
    // A rule that joins refuses a key alone; such a key stays where it is.
    guard let step = try? steps(on: [key]).first else { return key }
    return step.outputs[0]
  }
}
