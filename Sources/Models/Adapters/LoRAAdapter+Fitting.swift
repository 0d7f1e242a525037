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
      guard let name = configuration.savedModule(of: key) else { continue }
      throw CheckpointError(
        .damaged, file: file, place: key,
        reason: "modules_to_save names \(name), and the adapter has no such tensor")
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
  func layouts(
    in state: StateDict, _ model: Module?
  ) throws(CheckpointError) -> [String: Bool] {
    let modules = model?.modulesByPath
    var result: [String: Bool] = [:]
    var squares: [LoRALayer] = []
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
      } catch {
        throw self.error(.unsupported, layer.keys.a, "it \(error.reason)")
      }
      switch (layout, modules?[layer.path]) {
      case (.square, let module?): result[layer.path] = module is Conv1D
      case (.square, nil): squares.append(layer)
      case (.plain, _): result[layer.path] = false
      case (.transposed, _): result[layer.path] = true
      }
    }
    guard let square = squares.first else { return result }
    // PEFT looks at the classes of the layers, and keeps what it saw last in `fan_in_fan_out`.
    let flag = configuration.fanInFanOut
    let others = layers.filter { $0.kind == .linear && result[$0.path] != nil }
    if let other = others.first(where: { result[$0.path] != flag }) {
      throw error(
        .unsupported, square.keys.a,
        "whether \(square.weightKey), which is square, is (in, out) cannot be told: fan_in_fan_out is "
          + "\(flag), and \(other.weightKey) is otherwise",
        advice: "Give the model too, with --model or as merged(into:of:).")
    }
    for layer in squares { result[layer.path] = flag }
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
