import Checkpoints
import States

extension KerasPlan {
  /// The plan of a model, as its config describes it, or as it was inferred from a file.
  ///
  /// - Parameter source: Where its variables are: what some layers have follows from that.
  init(_ model: KerasLayer, in source: (any KerasVariableSource)? = nil) {
    add(KerasSite(model), source)
  }

  /// Adds the variables of a layer, or of what is in it.
  private mutating func add(_ site: KerasSite, _ source: (any KerasVariableSource)?) {
    layerKeys[site.place] = site.key
    guard site.children.isEmpty else {
      for child in site.children where !child.place.isEmpty { add(child, source) }
      return
    }
    func has(_ variables: [KerasVariable]) -> Bool? {
      source?.has(
        variables.map { variable in
          var variable = variable
          variable.path = "\(site.path)/\(variable.path)"
          variable.place = variable.place.map { "\(site.place)/\($0)" }
          variable.layer = site.topLayer
          return variable
        })
    }
    let plain = site.layer.hasPlainVariables
    let quantised =
      plain
      ? nil
      : site.layer.quantisedParts(site.input).first {
        has($0.plan.variables) ?? true
      }
    guard plain || quantised != nil else { return }
    var part =
      quantised ?? KerasPart(site.layer, input: site.input, outputs: site.outputs)
    if site.layer.hasLowRank { part.addLowRank { has($0) ?? false } }
    for index in part.plan.variables.indices {
      part.plan.variables[index].layer = site.topLayer
      if plain { part.plan.variables[index].dtype = site.layer.variableType }
      if !site.isTrainable { part.plan.variables[index].isTrainable = false }
    }
    if let doubt = site.doubt { part.noteOrder(doubt) }
    append(part.plan, place: site.place, path: site.path) { "\(site.key).\($0)" }
    if !part.plan.hyperparameters.isEmpty {
      hyperparameters[.string(site.key)] = .dict(part.plan.hyperparameters)
    }
    notes += part.plan.notes.map { "\(site.path): \($0)" }
    if let reason = part.untwinnedReason {
      notes.append("\(site.path): \(reason); its weights are as Keras has them")
    }
  }

  /// Adds the variables and tensors of a part, whose names and places are those below it.
  fileprivate mutating func append(
    _ part: KerasPlan, place: String, path: String, key: (String) -> String
  ) {
    let (variableCount, mappingCount) = (variables.count, mappings.count)
    for var variable in part.variables {
      variable.path = "\(path)/\(variable.path)"
      variable.place = variable.place.map { "\(place)/\($0)" }
      variable.original = variable.original.map { variableCount + $0 }
      variables.append(variable)
    }
    for var mapping in part.mappings {
      mapping.variables = mapping.variables.map { variableCount + $0 }
      mapping.keys = mapping.keys.map(key)
      mappings.append(mapping)
    }
    for var constant in part.constants {
      constant.key = key(constant.key)
      constant.mapping += mappingCount
      constants.append(constant)
    }
    losses += part.losses.map { loss in
      ConversionLoss(
        loss.kind, loss.subject.map(key), loss.detail, saysAll: loss.saysAll)
    }
  }
}

/// The plan of one layer. Names and places in it are those below the layer.
struct KerasPart {
  let layer: KerasLayer
  /// What flows into it: after `Flatten` its weights are permuted.
  let input: KerasFlow
  /// In which order PyTorch's twin has to give its outputs.
  let outputs: KerasArrangement
  /// What was added.
  fileprivate(set) var plan = KerasPlan()
  /// Why the layer has no twin, nil if it has.
  private(set) var untwinnedReason: String?

  /// The order of the features along an axis of a variable; from the end if it is negative.
  struct Order {
    let axis: Int
    let features: KerasArrangement
  }

  init(_ layer: KerasLayer, input: KerasFlow, outputs: KerasArrangement = .plain) {
    self.layer = layer
    self.input = input
    self.outputs = outputs
    layer.kind.addVariables(&self)
  }

  /// The plan of a quantised layer, whose variables stay as they are.
  ///
  /// - Parameter names: Those of the variables, in the order of a file of weights.
  init(quantised layer: KerasLayer, _ mode: String, _ names: [String], input: KerasFlow) {
    self.layer = layer
    self.input = input
    outputs = .plain
    for name in names {
      _ = addVariable(name, isTrainable: name == "bias" || mode == "float8")
    }
    keepUnconverted("it is quantised (\(mode))")
  }

  /// Adds what an older file has of an adaptation of low rank (LoRA), where it stands beside the kernel; in
  /// the files of Keras 3 it is a part of the kernel.
  mutating func addLowRank(_ has: ([KerasVariable]) -> Bool) {
    let kernels: Set = ["kernel", "quantized_kernel", "embeddings"]
    guard let index = plan.variables.firstIndex(where: { kernels.contains($0.path) }) else {
      return
    }
    let kernel = plan.variables[index].path == "embeddings" ? "embeddings" : "kernel"
    let added = ["a", "b"].map { letter in
      KerasVariable(path: "lora_\(kernel)_\(letter)", isTrainable: true)
    }
    guard has(added) else { return }
    plan.variables[index].isTrainable = false
    for variable in added {
      plan.variables.append(variable)
      map([plan.variables.count - 1], to: [variable.path])
    }
    plan.notes.append(
      "its \(kernel) is without LoRA, which stands beside it, and adds lora_alpha / lora_rank times the "
        + "product of lora_\(kernel)_a and lora_\(kernel)_b")
  }

  /// Adds a variable.
  ///
  /// - Parameters:
  ///   - place: Where a `.weights.h5` has the part of the layer that it is of, if it is of one.
  ///   - path: The path of that part.
  /// - Returns: The variable's position.
  mutating func addVariable(
    _ name: String, in place: String = "", _ path: String = "", isTrainable: Bool = true
  ) -> Int {
    let group = place.isEmpty ? "vars/" : place + "/vars/"
    let number = plan.variables.count { $0.place?.hasPrefix(group) == true }
    plan.variables.append(
      KerasVariable(
        path: path.isEmpty ? name : "\(path)/\(name)", place: group + String(number),
        isTrainable: isTrainable))
    return plan.variables.count - 1
  }

  /// Says that a variable is another once more: files of weights have it twice.
  mutating func makeCopy(_ index: Int, of original: Int) {
    guard plan.variables.indices.contains(original) else { return }
    plan.variables[index].original = original
  }

  /// Says which variables are which tensors.
  ///
  /// - Parameter orders: Of the features along axes of each variable. Where one is not known, the
  ///   tensors have Keras's, which is a loss.
  mutating func map(
    _ variables: some Sequence<Int>, to keys: [String], by transform: KerasTransform = .identity,
    role: StateDict.Role = .parameter, orders: [Order] = []
  ) {
    var mapping = KerasMapping(
      variables: Array(variables), keys: keys, role: role, transform: transform)
    for order in orders {
      switch order.features {
      case .plain: break
      case .blocks(let blocks):
        mapping.orders.append(KerasMapping.Order(axis: order.axis, blocks: blocks))
      case .unknown(let reason):
        plan.losses += keys.map { .unknownOrder($0, reason) }
      }
    }
    plan.mappings.append(mapping)
  }

  /// Adds a variable, and says which tensors it is. That of a buffer is not learned.
  mutating func add(
    _ name: String, in place: String = "", _ path: String = "", as keys: String...,
    by transform: KerasTransform = .identity, role: StateDict.Role = .parameter,
    orders: [Order] = []
  ) {
    let variable = addVariable(name, in: place, path, isTrainable: role == .parameter)
    map([variable], to: keys, by: transform, role: role, orders: orders)
  }

  /// Adds the bias, if the layer has one.
  mutating func addBias(as key: String = "bias", orders: [Order] = []) {
    if layer.hasBias { add("bias", as: key, orders: orders) }
  }

  /// Adds a tensor that Keras does not have, of the type and shape of the one before it.
  mutating func addConstant(
    _ key: String, _ content: KerasConstant.Content, role: StateDict.Role = .parameter
  ) {
    plan.constants.append(
      KerasConstant(key: key, content: content, role: role, mapping: plan.mappings.count - 1))
  }

  /// Adds what a layer within this one has.
  ///
  /// - Parameter suffix: What the keys of its tensors end in.
  mutating func add(
    _ inner: KerasLayer, in place: String, _ path: String, suffix: String = "",
    input: KerasFlow
  ) {
    let part = KerasPart(inner, input: input)
    plan.append(part.plan, place: place, path: path) { $0 + suffix }
    plan.hyperparameters.merge(part.plan.hyperparameters) { own, _ in own }
    untwinnedReason = untwinnedReason ?? part.untwinnedReason
  }

  /// Keeps all variables as they are, under their own names, for a layer without a twin.
  mutating func keepUnconverted(_ reason: String) {
    plan.losses = []
    plan.mappings = plan.variables.enumerated().compactMap { index, variable in
      guard variable.original == nil else { return nil }
      return KerasMapping(
        variables: [index], keys: [variable.path.replacing("/", with: ".")],
        role: variable.isTrainable ? .parameter : .buffer, transform: .identity)
    }
    untwinnedReason = reason
  }

  /// Adds an option that PyTorch's module needs to give the same outputs.
  mutating func addOption(_ name: String, _ value: Double) {
    plan.hyperparameters[.string(name)] = .float(value)
  }

  /// Reports weights that stay in Keras's order where PyTorch has another, or none that is known.
  ///
  /// - Parameter reason: Why it is not known; nil if what flows in decides that.
  mutating func noteOrder(_ reason: String? = nil) {
    guard reason != nil || input.features != .plain else { return }
    let reason = reason ?? input.features.reason ?? "its inputs are in another order in PyTorch"
    let known = Set(plan.losses.map(\.subject))
    plan.losses += plan.mappings.flatMap(\.keys).filter { !known.contains($0) }.map {
      .unknownOrder($0, reason)
    }
  }
}

extension ConversionLoss {
  /// That a weight is in Keras's order, and PyTorch's may be another.
  fileprivate static func unknownOrder(_ key: String, _ reason: String) -> ConversionLoss {
    ConversionLoss(
      .layoutGuessed, key,
      "\(reason): its elements are in Keras's order, channels last, which may not be PyTorch's")
  }
}
