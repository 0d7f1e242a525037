import States

/// A layer where it stands in a model: all that what becomes of it depends on.
struct KerasSite {
  /// Why a layer has no twin.
  struct Missing: Error {
    let reason: String
  }

  let layer: KerasLayer
  /// Its path in the model.
  private(set) var path = ""
  /// Where a `.weights.h5` has it; empty for the model itself, and what files do not list.
  private(set) var place = ""
  /// What the keys of its tensors begin with.
  private(set) var key = ""
  /// The layer of the model at the top that it is in, or is.
  private(set) var topLayer: String?
  /// Whether it and all that it is in are learned.
  private(set) var isTrainable: Bool
  /// What flows into it.
  private(set) var input: KerasFlow
  /// Whether that is an input of the model, to which nothing was done yet.
  private(set) var isInput = true
  /// The layers of a model, in order.
  private(set) var children: [KerasSite] = []
  /// The tensors, if they are known.
  private let state: StateDict

  /// A model, and all that is in it.
  init(_ model: KerasLayer, state: StateDict = [:]) {
    self.init(layer: model, input: KerasFlow(input: model.givenShape), state: state)
    _ = placeChildren()
  }

  private init(layer: KerasLayer, input: KerasFlow, state: StateDict) {
    self.layer = layer
    self.input = input
    self.state = state
    isTrainable = layer.isTrainable
  }

  /// Places a model's layers, and gives what flows out of the last one.
  private mutating func placeChildren() -> KerasFlow {
    var outputs: [String: KerasFlow] = [:]
    var counts: [String: Int] = [:]
    var current = input
    // Until something is done to it, an input is whatever the first layer takes it for.
    var isUntouched = path.isEmpty
    for layer in layer.layers {
      var child = KerasSite(layer: layer, input: flow(into: layer, current, outputs), state: state)
      child.path = path.isEmpty ? layer.name : "\(path)/\(layer.name)"
      child.key = key.isEmpty ? layer.name : "\(key).\(layer.name)"
      child.topLayer = topLayer ?? layer.name
      child.isTrainable = isTrainable && layer.isTrainable
      child.isInput = isUntouched
      isUntouched = isUntouched && layer.kind.isInput
      if self.layer.lists(layer) {
        let name = layer.kind.snakeName
        let number = counts[name, default: 0]
        counts[name] = number + 1
        child.place =
          (place.isEmpty ? "" : place + "/") + "layers/\(name)" + (number == 0 ? "" : "_\(number)")
      }
      current = layer.isModel ? child.placeChildren() : layer.kind.output(layer, child.input)
      outputs[layer.name] = current
      children.append(child)
    }
    return current
  }

  private func flow(
    into layer: KerasLayer, _ current: KerasFlow, _ outputs: [String: KerasFlow]
  ) -> KerasFlow {
    let given = KerasFlow(input: layer.givenShape)
    if layer.kind.isInput {
      // A model within a model sees what it is called with.
      return path.isEmpty || input.shape == nil ? given : input
    }
    if !layer.inputs.isEmpty {
      let inputs = layer.inputs.map { outputs[$0] ?? .unknown }
      return KerasFlow(
        merging: inputs,
        axis: layer.kind.concatenates ? layer.config["axis"]?.intValue ?? -1 : nil)
    }
    guard current.shape == nil else { return current }
    return current.order == .unknown
      ? given : KerasFlow(shape: given.shape, order: current.order)
  }
}

// MARK: - Looking for a twin

extension KerasSite {
  /// The same place, seen as that of a layer within the layer.
  func with(_ inner: KerasLayer) -> KerasSite {
    var site = KerasSite(layer: inner, input: input, state: state)
    site.key = key
    return site
  }

  /// A length of one of the layer's tensors.
  func length(_ name: String, _ axis: Int) -> Int? {
    guard let shape = state["\(key).\(name)"]?.shape, axis < shape.rank else { return nil }
    return shape[axis]
  }

  /// Whether the layer has a tensor.
  func has(_ name: String) -> Value { .bool(state["\(key).\(name)"] != nil) }

  /// That there is no twin.
  func missing(_ reason: String = "it has no twin among the modules") -> Missing {
    Missing(reason: "\(layer.name) (\(layer.kind.className)): \(reason)")
  }
}
