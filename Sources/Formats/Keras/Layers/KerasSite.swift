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
  /// What flows out of it.
  private(set) var result = KerasFlow(shape: nil, order: .features)
  /// Whether what flows in is an input of the model, to which nothing was done yet.
  private(set) var isInput = true
  /// The layers of a model, in order.
  private(set) var children: [KerasSite] = []
  /// In which order the twin has to give its outputs.
  private(set) var outputs = KerasArrangement.plain
  /// Why that is not known.
  private(set) var doubt: String?
  /// The tensors, if they are known.
  private let state: StateDict

  /// A model, and all that is in it.
  init(_ model: KerasLayer, state: StateDict = [:]) {
    var demands = KerasDemands()
    // What follows a layer may ask for its outputs in another order, and is then looked at again.
    repeat {
      self.init(layer: model, input: KerasFlow(input: model.givenShape), state: state)
      _ = placeChildren([], &demands)
    } while demands.meet()
    settle(demands)
  }

  private init(layer: KerasLayer, input: KerasFlow, state: StateDict) {
    self.layer = layer
    self.input = input
    self.state = state
    isTrainable = layer.isTrainable
  }

  /// Notes at each layer in which order it has to give its outputs.
  private mutating func settle(_ demands: KerasDemands) {
    if layer.kind.givesOrder {
      outputs = demands.met[path] ?? .plain
      doubt = demands.doubt(path)
    }
    for index in children.indices { children[index].settle(demands) }
  }

  /// Places a model's layers, and gives what flows out of the last one.
  ///
  /// - Parameter inputs: What the model is called with.
  private mutating func placeChildren(
    _ inputs: [KerasFlow], _ demands: inout KerasDemands
  ) -> KerasFlow {
    var outputs: [String: KerasFlow] = [:]
    var counts: [String: Int] = [:]
    var current = input
    var inputCount = 0
    // Until something is done to it, an input is whatever the first layer takes it for.
    var isUntouched = path.isEmpty
    for layer in layer.layers {
      let flows: [KerasFlow]
      if layer.kind.isInput {
        flows = [flow(intoInput: layer, inputCount, inputs)]
        inputCount += 1
      } else {
        flows = self.flows(into: layer, current, outputs, &demands)
      }
      var child = KerasSite(layer: layer, input: flows[0], state: state)
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
      current = layer.isModel ? child.placeChildren(flows, &demands) : child.output(&demands)
      child.result = current
      outputs[layer.name] = current
      children.append(child)
    }
    return output(of: outputs) ?? current
  }

  /// What flows out of a model whose config names its outputs.
  private func output(of outputs: [String: KerasFlow]) -> KerasFlow? {
    let names = KerasLayer.outputNames(layer.config["output_layers"] ?? .list([]))
    let flows = names.map { outputs[$0] ?? .unknown("an output of \(layer.name) is not known") }
    guard let first = flows.first else { return nil }
    if flows.allSatisfy({ $0 == first }) { return first }
    // Which of several a layer takes is not looked at.
    return flows.allSatisfy(\.isPlain)
      ? KerasFlow(shape: nil, order: .opaque("\(layer.name) has several outputs"))
      : .unknown("\(layer.name) has several outputs")
  }

  /// What flows out of a layer that is no model.
  private func output(_ demands: inout KerasDemands) -> KerasFlow {
    var flow = input
    if let image = flow.image {
      let places = layer.kind.window.map(\.rank) ?? layer.kind.places
      let isLine = layer.kind.window.map { !$0.isPooling && $0.rank == 1 } ?? false
      if places == image.rank - 1, image.rank > 2 || isLine {
        demands.ask(image.source, for: image.features)
      }
    }
    flow = layer.kind.output(layer, flow)
    if layer.kind.givesOrder {
      let isVector = flow.isVector || flow.shape == nil
      flow.features = isVector ? demands.met[path] ?? .plain : .plain
      flow.source = isVector ? .layer(path) : nil
      flow.image = nil
    }
    if let image = flow.image { demands.note(image) }
    return flow
  }

  /// What flows into a layer in its calls together, and, for a model, in each of its inputs.
  private func flows(
    into layer: KerasLayer, _ current: KerasFlow, _ outputs: [String: KerasFlow],
    _ demands: inout KerasDemands
  ) -> [KerasFlow] {
    guard !layer.calls.isEmpty else {
      guard current.shape == nil, let given = layer.givenShape else { return [current] }
      var flow = current
      flow.shape = given
      if current.source == .input { flow = KerasFlow(input: given) }
      return [flow]
    }
    var calls: [[KerasFlow]] = []
    for names in layer.calls {
      let inputs = names.map { outputs[$0] ?? .unknown("what \(layer.name) is given is not known") }
      calls.append(
        layer.isModel ? inputs : [KerasFlow(merging: inputs, into: layer, &demands)])
    }
    let first = calls[0]
    if calls.allSatisfy({ $0 == first }) { return first }
    // Called with several, a layer has one set of weights for all.
    return first.indices.map { index in
      let flows = calls.map { index < $0.count ? $0[index] : first[index] }
      let own = first[index]
      let isSame = flows.allSatisfy { $0.features == own.features && $0.order == own.order }
      guard isSame else {
        return flows.allSatisfy(\.isPlain)
          ? KerasFlow(shape: nil, order: .opaque("\(layer.name) is called in several ways"))
          : .unknown("\(layer.name) is called with inputs in different orders")
      }
      let isSameShape = flows.allSatisfy { $0.shape == own.shape }
      var flow = KerasFlow(
        shape: isSameShape ? own.shape : nil, order: own.order, features: own.features)
      if flows.allSatisfy({ $0.source == .input }) { flow.source = .input }
      return flow
    }
  }

  /// What flows into an input of a model.
  private func flow(
    intoInput layer: KerasLayer, _ number: Int, _ inputs: [KerasFlow]
  ) -> KerasFlow {
    let given = KerasFlow(input: layer.givenShape)
    // A model within a model sees what it is called with.
    guard !path.isEmpty else { return given }
    let names = KerasLayer.outputNames(self.layer.config["input_layers"] ?? .list([]))
    let index = names.firstIndex(of: layer.name) ?? number
    guard names.count <= 1 || names.count == inputs.count else {
      return inputs.allSatisfy(\.isPlain)
        ? KerasFlow(shape: layer.givenShape, order: given.order)
        : .unknown("what \(self.layer.name) is called with is not known")
    }
    var flow = index < inputs.count ? inputs[index] : input
    if flow.shape == nil { flow.shape = given.shape }
    if flow.isOpaque, flow.features == .plain, flow.shape?.count ?? 3 < 3 { flow.order = .features }
    return flow
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

  /// The lengths of one of the layer's tensors.
  func shape(_ name: String) -> [Int]? { state["\(key).\(name)"]?.shape.dimensions }

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
