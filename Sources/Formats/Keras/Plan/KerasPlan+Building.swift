import Checkpoints
import States

extension KerasPlan {
  /// The plan of a model, as its config describes it, or as it was inferred from a file.
  init(_ model: KerasLayer) {
    add(KerasSite(model))
  }

  /// Adds the variables of a layer, or of what is in it.
  private mutating func add(_ site: KerasSite) {
    layerKeys[site.place] = site.key
    guard site.children.isEmpty else {
      for child in site.children where !child.place.isEmpty { add(child) }
      return
    }
    guard site.layer.hasPlainVariables else { return }
    var part = KerasPart(site.layer, input: site.input)
    for index in part.plan.variables.indices {
      part.plan.variables[index].layer = site.topLayer
      part.plan.variables[index].dtype = site.layer.variableType
      if !site.isTrainable { part.plan.variables[index].isTrainable = false }
    }
    append(part.plan, place: site.place, path: site.path) { "\(site.key).\($0)" }
    if !part.plan.hyperparameters.isEmpty {
      hyperparameters[.string(site.key)] = .dict(part.plan.hyperparameters)
    }
    notes += part.plan.notes.map { "\(site.path): \($0)" }
    if part.dependsOnOrder { reportOrder(of: site, part) }
    if let reason = part.untwinnedReason {
      notes.append("\(site.path): \(reason); its weights are as Keras has them")
    }
  }

  /// Reports that the order of a layer's inputs is not known: after `Flatten`, or after a layer that is
  /// not known and may flatten what convolutions gave.
  private mutating func reportOrder(of site: KerasSite, _ part: KerasPart) {
    let reason: String
    switch site.input.order {
    case .flattenedUnknown: reason = "the shape before Flatten is not known"
    case .unknown where hasConvolutions: reason = "what the layer is given is not known"
    default: return
    }
    // The bias of a Dense layer has an element for each output, whatever the inputs are.
    let isDense = part.plan.mappings.contains { $0.keys == ["weight"] && $0.transform != .identity }
    let keys = part.plan.mappings.flatMap(\.keys).filter { $0 != "bias" || !isDense }
    losses += keys.map {
      ConversionLoss(
        .layoutGuessed, "\(site.key).\($0)",
        "\(reason), so the order of its inputs is Keras's, channels last")
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
  }
}

/// The plan of one layer. Names and places in it are those below the layer.
struct KerasPart {
  let layer: KerasLayer
  /// What flows into it: after `Flatten` its weights are permuted.
  let input: KerasFlow
  /// What was added.
  fileprivate(set) var plan = KerasPlan()
  /// Why the layer has no twin, nil if it has.
  private(set) var untwinnedReason: String?
  /// Whether weights are for inputs in an order.
  private(set) var dependsOnOrder = false

  init(_ layer: KerasLayer, input: KerasFlow) {
    self.layer = layer
    self.input = input
    layer.kind.addVariables(&self)
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

  /// Says which variables are which tensors.
  mutating func map(
    _ variables: some Sequence<Int>, to keys: [String], by transform: KerasTransform = .identity,
    role: StateDict.Role = .parameter
  ) {
    plan.mappings.append(
      KerasMapping(variables: Array(variables), keys: keys, role: role, transform: transform))
  }

  /// Adds a variable, and says which tensors it is. That of a buffer is not learned.
  mutating func add(
    _ name: String, in place: String = "", _ path: String = "", as keys: String...,
    by transform: KerasTransform = .identity, role: StateDict.Role = .parameter
  ) {
    let variable = addVariable(name, in: place, path, isTrainable: role == .parameter)
    map([variable], to: keys, by: transform, role: role)
  }

  /// Adds the bias, if the layer has one.
  mutating func addBias(as key: String = "bias") {
    if layer.hasBias { add("bias", as: key) }
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
    _ inner: KerasLayer, in place: String, _ path: String, suffix: String = ""
  ) {
    let part = KerasPart(inner, input: KerasFlow(shape: nil, order: .features))
    plan.append(part.plan, place: place, path: path) { $0 + suffix }
    plan.hyperparameters.merge(part.plan.hyperparameters) { own, _ in own }
    untwinnedReason = untwinnedReason ?? part.untwinnedReason
  }

  /// Keeps all variables as they are, under their own names, for a layer without a twin.
  mutating func keepUnconverted(_ reason: String) {
    plan.mappings = plan.variables.enumerated().map { index, variable in
      KerasMapping(
        variables: [index], keys: [variable.path.replacing("/", with: ".")],
        role: variable.isTrainable ? .parameter : .buffer, transform: .identity)
    }
    untwinnedReason = reason
  }

  /// Adds an option that PyTorch's module needs to give the same outputs.
  mutating func addOption(_ name: String, _ value: Double) {
    plan.hyperparameters[.string(name)] = .float(value)
  }

  /// Says that the weights are for inputs in an order, which has to be known.
  mutating func noteOrder() { dependsOnOrder = true }
}
