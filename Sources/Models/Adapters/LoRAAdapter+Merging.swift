import Arrays
import Autograd
import Checkpoints
import Files
import Kernels
import NN
import OrderedCollections
import States

extension LoRAAdapter {
  /// The state of a model with the adapter in it. Equivalent to `merge_and_unload` of PEFT.
  ///
  /// A weight becomes weight + scaling · B · A: computed in `float32`, or in `float64` for a weight of that
  /// type, and rounded to the weight's type once, for tables in half precision twice, as PEFT does.
  /// The sums in the product may be in another order than PyTorch's; but for that it is the same to the
  /// bit. Tensors of `modules_to_save` and biases take the place of the model's, in the model's types.
  /// Weights that are tied stay so and change together, as in PEFT.
  ///
  /// - Parameters:
  ///   - state: The model's state, by the names under which PEFT had it: those of the adapter's keys
  ///     without `base_model.model.`.
  ///   - model: The model, which tells whether a square weight is (in, out), as those of GPT-2; without
  ///     it, `fan_in_fan_out` and the other weights do. Its values are not used.
  /// - Throws: `CheckpointError` that names the adapter's tensor if it has no place in the state, or does
  ///   not fit there; `FileError` in it if OpenBLAS is not installed.
  public func merged(
    into state: StateDict, of model: Module? = nil
  ) throws(CheckpointError) -> StateDict {
    try merge(into: state, of: model).state
  }

  /// What ``merged(into:of:)`` gives, with what is to be known about it.
  ///
  /// The weights that change are in memory, as many as there are; the others remain as they are.
  ///
  /// - Parameters:
  ///   - state: The model's state, by the names under which PEFT had it.
  ///   - model: The model, which tells whether a square weight is (in, out).
  /// - Throws: `CheckpointError` as ``merged(into:of:)`` does.
  public func merge(
    into state: StateDict, of model: Module? = nil
  ) throws(CheckpointError) -> LoRAMerge {
    try checkKeys(of: state)
    try reportingFileErrors { () throws(FileError) in _ = try OpenBLAS.open() }
    var merge = LoRAMerge(state: state)
    var families = TiedKeys(state)
    // First, as PEFT has them in their places when it adds.
    for whole in wholes {
      // PEFT copies a module that is trained as a whole, and writes into what it only loads.
      if configuration.savedModule(of: whole.target) != nil {
        try replace(whole, families.separate(whole.target), in: &merge)
      } else {
        try replace(whole, families[whole.target], isAlone: false, in: &merge)
      }
    }
    let areTransposed = try layouts(in: merge.state, model)
    for layer in layers {
      try add(
        layer, isTransposed: areTransposed[layer.path] ?? false, to: families[layer.weightKey],
        in: &merge)
    }
    tellOfTargets(in: &merge)
    return merge
  }

  /// Refuses a state without what the adapter is for, and one whose modules it should replace and does not.
  private func checkKeys(of state: StateDict) throws(CheckpointError) {
    let targets = layers.map { ($0.keys.a, $0.weightKey) } + wholes.map { ($0.key, $0.target) }
    for (key, target) in targets where state[target] == nil {
      if let layer = layers.first(where: { $0.keys.a == key }),
        state["\(layer.path).in_proj_weight"] != nil
      {
        throw error(.unsupported, key, "adapters of multi-head attention are not supported")
      }
      throw error(
        .unsupported, key, "the model has no \(target)", advice: Self.advice(targets.map(\.1), state))
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
        return "The model's keys begin with '\(prefix)' too much: --strip-prefix '\(prefix)' removes it."
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
        return "The model's keys lack the beginning '\(prefix)': --map '^=\(prefix)' adds it to all."
      }
    }
    return nil
  }

  /// Puts a tensor into the place of the model's.
  ///
  /// - Parameters:
  ///   - family: The keys that are, or were, of the same tensor, this one first.
  ///   - isAlone: Whether the others keep theirs.
  private func replace(
    _ whole: LoRAWholeTensor, _ family: [String], isAlone: Bool = true, in merge: inout LoRAMerge
  ) throws(CheckpointError) {
    guard let mine = merge.state[whole.target] else { return }
    let theirs = whole.tensor.array
    try check(whole, theirs, mine)
    let tensor = theirs.cast(to: mine.dtype)
    if theirs.dtype != mine.dtype {
      let losses = try CheckpointError.reporting(file) {
        try theirs.conversionLosses(
          as: mine.dtype, of: whole.target, "converted to the type of the model's")
      }
      merge.losses += losses.filter { $0.kind != .dtypeChanged }
    }
    let others = family.dropFirst().joined(separator: ", ")
    for key in isAlone ? [whole.target] : family { merge.state[key] = tensor }
    if !others.isEmpty, isAlone, !mine.isBitwiseEqual(to: tensor) {
      merge.losses.append(
        ConversionLoss(
          .tieSplit, whole.target,
          "tied to \(others) in the model, and replaced alone, as in PEFT"))
    }
    if !others.isEmpty, !isAlone {
      merge.notes.append("\(others) changed with \(whole.target), to which it is tied, as in PEFT")
    }
    merge.replaced.append(whole.target)
  }

  /// Refuses a tensor that cannot be in the place of the model's.
  func check(
    _ whole: LoRAWholeTensor, _ theirs: NDArray, _ mine: NDArray
  ) throws(CheckpointError) {
    guard theirs.shape == mine.shape else {
      throw error(
        .unsupported, whole.key,
        "it has the shape \(theirs.shape), and \(whole.target) of the model \(mine.shape)")
    }
    let canConvert = LoRALayer.canChange(theirs.dtype) && LoRALayer.canChange(mine.dtype)
    guard theirs.dtype == mine.dtype || canConvert else {
      throw error(
        .unsupported, whole.key,
        "it is of type \(theirs.dtype), and \(whole.target) of the model of \(mine.dtype)")
    }
  }

  /// Which weights are (in, out) though the product is (out, in), by the paths of their layers.
  private func layouts(
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
          "\(layer.weightKey) of the model is of type \(weight.dtype), to which nothing can be added")
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

  private func add(
    _ layer: LoRALayer, isTransposed: Bool, to keys: [String], in merge: inout LoRAMerge
  ) throws(CheckpointError) {
    guard let weight = merge.state[layer.weightKey] else { return }
    let type = LoRALayer.computeType(for: weight.dtype)
    var delta = layer.delta(in: type, weight.shape, isTransposed: isTransposed)
    // PEFT rounds what it adds to a table before it adds it.
    if layer.kind == .embedding { delta = delta.cast(to: weight.dtype).cast(to: type) }
    let wide = weight.cast(to: type)
    let sum = NDArray.binary(.add, wide, delta, for: "lora").cast(to: weight.dtype)
    let lost = sum.cast(to: type).nonFiniteCount - wide.nonFiniteCount
    if lost > 0 {
      merge.losses.append(
        ConversionLoss(
          .valueOverflowed, layer.weightKey,
          "with the adapter, \(lost) of \(sum.elementCount) values are not finite any more"))
    }
    for key in keys { merge.state[key] = sum }
    merge.changed.append(layer.weightKey)
    let others = keys.filter { $0 != layer.weightKey }
    if !others.isEmpty {
      merge.notes.append(
        "\(others.joined(separator: ", ")) changed with \(layer.weightKey), to which it is tied, as in "
          + "PEFT; apart, the adapter changes the latter only")
    }
  }

  /// Notes the modules that the configuration names and the adapter has nothing for.
  private func tellOfTargets(in merge: inout LoRAMerge) {
    guard let isTarget = configuration.targetTest() else { return }
    let known = Set(layers.map(\.path))
    let ending = ".weight"
    let missing = merge.state.keys.filter { $0.hasSuffix(ending) }
      .map { String($0.dropLast(ending.count)) }
      .filter { !known.contains($0) && isTarget($0) }
    guard let first = missing.first else { return }
    let rest = missing.count == 1 ? "" : " and \(missing.count - 1) more modules"
    merge.notes.append(
      "the adapter has nothing for \(first)\(rest), which its target_modules name: unchanged")
  }
}

/// The keys of a state that are of one tensor.
private struct TiedKeys {
  private var families: [String: [String]] = [:]

  init(_ state: StateDict) {
    for (key, original) in state.ties {
      families[original, default: [original]].append(key)
    }
    for family in families.values {
      for key in family { families[key] = family }
    }
  }

  /// All keys of the tensor of a key, this one first.
  subscript(key: String) -> [String] {
    [key] + (families[key] ?? []).filter { $0 != key }
  }

  /// All keys of the tensor of a key, which from now on is of another.
  mutating func separate(_ key: String) -> [String] {
    let family = self[key]
    for other in family { families[other]?.removeAll { $0 == key } }
    families[key] = nil
    return family
  }
}

extension NDArray {
  /// How many elements of floats in single or double precision are infinite or no numbers.
  fileprivate var nonFiniteCount: Int {
    dtype == .float64
      ? withElements(as: Double.self) { $0.count { !$0.isFinite } }
      : withElements(as: Float.self) { $0.count { !$0.isFinite } }
  }
}

extension Module {
  /// All modules by their paths, those with several under each.
  var modulesByPath: [String: Module] {
    Dictionary(
      namedModules(removeDuplicate: false).map { ($0.name, $0.module) }, uniquingKeysWith: { first, _ in first })
  }
}
