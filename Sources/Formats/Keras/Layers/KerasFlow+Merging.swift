import States

extension KerasLayerKind {
  /// What becomes of several inputs.
  enum Joining {
    /// The first is what the layer works on.
    case first
    /// Their elements are put together one by one.
    case elementwise
    /// They stand one after the other along an axis.
    case concatenation
    /// The layer's class is not known.
    case unknown
  }
}

extension KerasFlow {
  /// What several inputs of a layer are together.
  ///
  /// - Parameter demands: Takes those for outputs in the order of what they are added to.
  init(merging inputs: [KerasFlow], into layer: KerasLayer, _ demands: inout KerasDemands) {
    guard let first = inputs.first else {
      self = .unknown("what \(layer.name) is given is not known")
      return
    }
    guard inputs.count > 1 else {
      self = first
      return
    }
    switch layer.kind.joining {
    case .first:
      self = first
      let other = inputs.first { $0.features != .plain }
      if let other, inputs.contains(where: { $0.features != other.features }) {
        features = .unknown(
          other.features.reason ?? "the inputs of \(layer.name) are in different orders")
      }
    case .elementwise: self.init(elementsOf: inputs, layer, &demands)
    case .concatenation:
      self.init(joining: inputs, axis: layer.config["axis"]?.intValue ?? -1, layer)
    case .unknown:
      self =
        inputs.allSatisfy(\.isPlain)
        ? KerasFlow(shape: nil, order: .features)
        : .unknown("what \(layer.name) is given is not the same in both libraries")
    }
  }

  /// Elements put together one by one.
  private init(elementsOf inputs: [KerasFlow], _ layer: KerasLayer, _ demands: inout KerasDemands) {
    self = inputs[0]
    if inputs.allSatisfy({ $0 == inputs[0] }) { return }
    self.init(shape: Self.broadcast(inputs), order: Self.common(inputs, layer, &demands))
    if order == .channelsLast { lead = inputs.map(\.lead).max() ?? 0 }
    // What has one feature has it in any order.
    let wide = inputs.filter { ($0.shape?.last ?? nil) != 1 }
    guard let arranged = wide.first(where: { $0.features != .plain }) else {
      if wide.count == 1, wide[0].isVector, isVector { source = wide[0].source }
      return
    }
    features = arranged.features
    guard features.reason == nil, let other = wide.first(where: { $0.features != features })
    else { return }
    let plain = wide.filter { $0.features == .plain }
    let sources = plain.compactMap(\.source)
    for case .layer(let path) in sources where sources.count == plain.count {
      demands.ask(path, for: features)
    }
    features = .unknown(
      other.features.reason ?? "\(layer.name) puts together features of different orders")
  }

  /// The shape of several together.
  private static func broadcast(_ inputs: [KerasFlow]) -> [Int?]? {
    let shapes = inputs.compactMap(\.shape)
    guard shapes.count == inputs.count, let rank = shapes.first?.count,
      shapes.allSatisfy({ $0.count == rank })
    else { return nil }
    return (0..<rank).map { axis in
      let lengths = Set(shapes.map { $0[axis] }).subtracting([1])
      return lengths.count > 1 ? nil : lengths.first ?? 1
    }
  }

  /// Where the twin has the axes of several inputs.
  private static func common(
    _ inputs: [KerasFlow], _ layer: KerasLayer, _ demands: inout KerasDemands
  ) -> Order {
    // A vector of numbers and one feature at each place are of every order.
    let deciding = inputs.filter { input in
      guard let lengths = input.lengths else { return true }
      return lengths.dropLast().contains { $0 != 1 }
    }
    let orders = deciding.isEmpty ? inputs : deciding
    if orders.contains(where: { $0.order == .channelsLast }) {
      for case let image? in orders.map(\.image) { demands.ask(image.source, for: image.features) }
    }
    guard let first = orders.first, Set(inputs.map { $0.shape?.count }).count == 1,
      orders.allSatisfy({ $0.order == first.order && $0.lead == first.lead })
    else {
      if let opaque = inputs.first(where: \.isOpaque) { return opaque.order }
      return .undecided("\(layer.name) puts together what has different axes")
    }
    return first.order
  }

  /// One after the other.
  private init(joining inputs: [KerasFlow], axis: Int, _ layer: KerasLayer) {
    var demands = KerasDemands()
    let reason = "the axes that \(layer.name) joins are not known"
    self = .unknown(reason)
    let order = Self.common(inputs, layer, &demands)
    guard let first = inputs.first, let rank = first.shape?.count else {
      if inputs.allSatisfy({ $0.features == .plain }), axis == -1 {
        self = KerasFlow(shape: nil, order: order)
      }
      return
    }
    let shapes = inputs.compactMap(\.shape)
    let index = axis < 0 ? rank + axis : axis - 1
    guard (0..<rank).contains(index), shapes.count == inputs.count,
      shapes.allSatisfy({ $0.count == rank })
    else { return }
    let lengths = shapes.map { $0[index] }
    let sum = lengths.contains(nil) ? nil : lengths.compactMap(\.self).reduce(0, +)
    var shape = Self.broadcast(inputs) ?? shapes[0]
    shape[index] = KerasLayer.possible(sum)
    self.init(shape: shape, order: order)
    if order == .channelsLast { lead = first.lead }
    if index == rank - 1 {
      features = .joined(zip(inputs, lengths).map { ($0.features, $1) })
    } else if inputs.contains(where: { $0.features != first.features }) {
      features = .unknown("\(layer.name) joins features of different orders")
    } else {
      features = first.features
    }
  }
}

/// Orders in which layers have to give their outputs, since what follows takes them for images.
struct KerasDemands {
  /// What was found before, by the paths of the layers.
  private(set) var met: [String: KerasArrangement] = [:]
  /// What was found now.
  private var asked: [String: KerasArrangement] = [:]
  /// Layers whose outputs are reshaped, and may or may not be taken for images.
  private var open: [String: KerasFlow.Image] = [:]

  /// Asks a layer for outputs in an order. The first that asks is heard.
  mutating func ask(_ path: String, for features: KerasArrangement) {
    if asked[path] == nil { asked[path] = features }
  }

  /// Notes that the outputs of a layer may be an image.
  mutating func note(_ image: KerasFlow.Image) { open[image.source] = image }

  /// Takes what was asked for as given.
  ///
  /// - Returns: Whether there was anything new.
  mutating func meet() -> Bool {
    let count = met.count
    met.merge(asked) { own, _ in own }
    asked = [:]
    guard met.count > count else { return false }
    open = [:]
    return true
  }

  /// Why it is not known in which order a layer has to give its outputs, nil if it is.
  func doubt(_ path: String) -> String? {
    guard met[path] == nil, let image = open[path], image.rank > 2 else { return nil }
    return "whether what \(image.layer) makes of the outputs is an image is not known"
  }
}
