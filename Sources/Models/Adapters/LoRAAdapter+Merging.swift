import Arrays
import Autograd
import Checkpoints
import Files
import Kernels
import NN
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
  ///     it, the other weights of the state do, or it is refused. Its values are not used.
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
  ///   - modelConfiguration: The model's `config.json`, by which a layer of outputs may be tied that the
  ///     state does not hold, or holds apart. Without it such a tie is not known.
  /// - Throws: `CheckpointError` as ``merged(into:of:)`` does.
  public func merge(
    into state: StateDict, of model: Module? = nil, modelConfiguration: Value? = nil
  ) throws(CheckpointError) -> LoRAMerge {
    try checkKeys(of: state)
    try reportingFileErrors { () throws(FileError) in _ = try OpenBLAS.open() }
    var merge = LoRAMerge(state: state)
    merge.configuration = modelConfiguration
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
    if let key = unused.keys.first {
      let rest = unused.count == 1 ? "" : ", and \(unused.count - 1) more tensors"
      merge.notes.append(
        "not used of the adapter, under original_module, which is what was before training: \(key)\(rest)"
      )
    }
    settleTies(of: state, in: &merge)
    return merge
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
    guard let isTarget = configuration.targetTest() else {
      if configuration.targetModules != nil {
        merge.notes.append(
          "which layers target_modules name is not compared with those that the adapter has: they are "
            + "named by what is not supported here")
      }
      return
    }
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

extension NDArray {
  /// How many elements of floats in single or double precision are infinite or no numbers.
  fileprivate var nonFiniteCount: Int {
    dtype == .float64
      ? withElements(as: Double.self) { $0.count { !$0.isFinite } }
      : withElements(as: Float.self) { $0.count { !$0.isFinite } }
  }
}
