import Checkpoints
import NN
import States

extension LoRAAdapter {
  /// Refuses a state without what the adapter is for, and one whose modules it should replace and does not.
  func checkKeys(of state: StateDict) throws(CheckpointError) {
    let targets = layers.map { ($0.keys.a, $0.weightKey) } + wholes.map { ($0.key, $0.target) }
    for (key, target) in targets where state[target] == nil {
      if let layer = layers.first(where: { $0.keys.a == key }),
        state["\(layer.path).in_proj_weight"] != nil
      {
        throw error(.unsupported, key, "adapters of multi-head attention are not supported")
      }
      throw error(
        .unsupported, key, "the model has no \(target)",
        advice: Self.advice(targets.map(\.1), state))
    }
    let known = Set(wholes.map(\.target))
    for key in state.keys where !known.contains(key) {
      if let name = configuration.savedModule(of: key) { throw missing(key, savedBy: name) }
      if isTrainedBias(key) { throw missing(bias: key) }
    }
  }

  /// The error of an adapter without a tensor of a module that `modules_to_save` names.
  func missing(_ key: String, savedBy name: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: file, place: key,
      reason: "modules_to_save names \(name), and the adapter has no such tensor")
  }

  /// The error of an adapter without a bias that is trained with it.
  func missing(bias key: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: file, place: key,
      reason:
        "by bias, \(configuration.bias.rawValue), it is the adapter's, which has no such tensor")
  }

  /// Whether the configuration has a bias trained with the adapter.
  func isTrainedBias(_ key: String) -> Bool {
    switch configuration.bias {
    case .none: false
    case .all: key == "bias" || key.hasSuffix(".bias")
    case .loraOnly: layers.contains { key == "\($0.path).bias" }
    }
  }

  /// What would make the keys of a state fit: a beginning that all of them lack or have too much.
  private static func advice(_ targets: [String], _ state: StateDict) -> String? {
    guard let first = targets.first else { return nil }
    for key in state.keys where key.hasSuffix(".\(first)") {
      let prefix = String(key.dropLast(first.count))
      if targets.allSatisfy({ state[prefix + $0] != nil }) {
        return
          "The model's keys begin with '\(prefix)' too much: --strip-prefix '\(prefix)' removes it."
      }
    }
    var rest = first[...]
    while let dot = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: dot)...]
      let prefix = String(first.dropLast(rest.count))
      let fits = targets.allSatisfy {
        $0.hasPrefix(prefix) ? state[String($0.dropFirst(prefix.count))] != nil : state[$0] != nil
      }
      if fits {
        return
          "The model's keys lack the beginning '\(prefix)': --map '^=\(prefix)' adds it to all."
      }
    }
    return nil
  }

  /// Which weights are (in, out) though the product is (out, in), by the paths of their layers.
  ///
  /// A model tells by the class of the layer, as it does PEFT. Without one a weight's shape and its bias
  /// do, and for a square weight the others of the state: `fan_in_fan_out` says only how the layer lay that PEFT saw
  /// last.
  func layouts(
    in state: StateDict, _ model: Module?
  ) throws(CheckpointError) -> [String: Bool] {
    let modules = model?.modulesByPath
    let habit = WeightHabit(state)
    var result: [String: Bool] = [:]
    for layer in layers {
      guard let weight = state[layer.weightKey] else { continue }
      guard LoRALayer.canChange(weight.dtype) else {
        throw error(
          .unsupported, layer.keys.a,
          "\(layer.weightKey) of the model is of type \(weight.dtype), to which nothing can be added"
        )
      }
      let layout: LoRALayer.WeightLayout
      do throws(LoRALayer.Misfit) {
        layout = try layer.layout(of: weight.shape)
        if let modules { try layer.check(modules[layer.path]) }
      } catch {
        throw self.error(.unsupported, layer.keys.a, "it \(error.reason)")
      }
      guard layer.kind == .linear else {
        result[layer.path] = layout == .transposed
        continue
      }
      let isInputFirst: Bool
      if let modules {
        isInputFirst = modules[layer.path] is Conv1D
      } else {
        isInputFirst = try habit.isInputFirst(layer, weight.shape, self)
      }
      guard layout == .square || isInputFirst == (layout == .transposed) else {
        throw error(
          .unsupported, layer.keys.a,
          "it is for the transpose of \(layer.weightKey), which is "
            + "\(isInputFirst ? "(in, out)" : "(out, in)") and of shape \(weight.shape)")
      }
      result[layer.path] = isInputFirst
    }
    return result
  }
}

extension Module {
  /// All modules by their paths, those with several under each.
  var modulesByPath: [String: Module] {
    Dictionary(
      namedModules(removeDuplicate: false).map { ($0.name, $0.module) },
      uniquingKeysWith: { first, _ in first })
  }
}
