import Arrays
import States

/// What flows into a layer: its shape, and the order that its features have.
///
/// Keras has the channels of images last, PyTorch first. What follows a `Flatten` therefore sees
/// its features in another order, and its weights have to be permuted.
struct KerasFlow: Equatable {
  /// What the lengths mean.
  enum Order: Equatable {
    /// An image, a line or a volume, channels last; PyTorch's twin has the channels first.
    case channelsLast
    /// A vector, or a sequence of vectors: the same in both.
    case features
    /// The output of `Flatten`, of these lengths before, channels last.
    case flattened([Int])
    /// The output of `Flatten` whose lengths before are not known.
    case flattenedUnknown
    /// Nothing is known of it.
    case unknown
  }

  /// The lengths without the batch, nil where they vary; nil if nothing is known.
  var shape: [Int?]?
  /// What they mean.
  var order: Order

  static let unknown = KerasFlow(shape: nil, order: .unknown)

  /// What an input of this shape is taken for: from three lengths on, an image or a volume.
  init(input shape: [Int?]?) {
    self.shape = shape
    order = (shape?.count ?? 0) >= 3 ? .channelsLast : shape == nil ? .unknown : .features
  }

  init(shape: [Int?]?, order: Order) {
    self.shape = shape
    self.order = order
  }
}

/// What flows into each layer of a model, by the layer's path.
struct KerasFlows {
  private(set) var inputs: [String: KerasFlow] = [:]

  /// The flows through a model.
  init(_ model: KerasLayer) {
    _ = run(model, path: "", KerasFlow(input: Self.givenShape(model)))
  }

  /// The shape of the input that a config gives.
  static func givenShape(_ layer: KerasLayer) -> [Int?]? {
    for name in ["batch_shape", "batch_input_shape", "build_input_shape"] {
      if let shape = layer.config[name].flatMap(KerasLayer.shape) { return shape }
    }
    return layer.inputShape
  }

  /// Runs a model's layers, and gives what flows out of the last one.
  private mutating func run(
    _ model: KerasLayer, path: String, _ input: KerasFlow
  ) -> KerasFlow {
    var outputs: [String: KerasFlow] = [:]
    var current = input
    for layer in model.layers {
      let layerPath = path.isEmpty ? layer.name : "\(path)/\(layer.name)"
      var flow = current
      if layer.className == "InputLayer" {
        // A model within a model sees what it is called with.
        let own = KerasFlow(input: Self.givenShape(layer))
        flow = path.isEmpty || input.shape == nil ? own : input
      } else if !layer.inputs.isEmpty {
        flow = Self.merged(layer.inputs.map { outputs[$0] ?? .unknown }, layer)
      } else if flow.shape == nil {
        flow = KerasFlow(
          shape: Self.givenShape(layer),
          order: flow.order == .unknown
            ? KerasFlow(input: Self.givenShape(layer)).order : flow.order)
      }
      inputs[layerPath] = flow
      current =
        layer.isModel ? run(layer, path: layerPath, flow) : Self.output(of: layer, flow)
      outputs[layer.name] = current
    }
    return current
  }

  /// What several inputs are together.
  private static func merged(_ flows: [KerasFlow], _ layer: KerasLayer) -> KerasFlow {
    guard let first = flows.first else { return .unknown }
    if flows.allSatisfy({ $0 == first }) && layer.className != "Concatenate" { return first }
    guard flows.allSatisfy({ $0.order == first.order }) else { return .unknown }
    switch first.order {
    case .channelsLast, .features:
      guard layer.className == "Concatenate", let shape = first.shape, !shape.isEmpty else {
        return KerasFlow(shape: nil, order: first.order)
      }
      let channels = flows.map { $0.shape?.last ?? nil }
      let sum = channels.contains(nil) ? nil : channels.compactMap(\.self).reduce(0, +)
      return KerasFlow(shape: shape.dropLast() + [sum], order: first.order)
    case .flattened, .flattenedUnknown, .unknown: return .unknown
    }
  }
}

// MARK: - Layers

extension KerasFlows {
  /// What keeps the shape and the order of what it is given.
  private static let passing: Set<String> = [
    "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average",
    "BatchNormalization", "Concatenate", "Dropout", "ELU", "GaussianDropout", "GaussianNoise",
    "GroupNormalization", "InputLayer", "LayerNormalization", "LeakyReLU", "Maximum", "Minimum",
    "MultiHeadAttention", "Multiply", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax",
    "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Subtract", "UnitNormalization",
  ]

  /// What flows out of a layer.
  static func output(of layer: KerasLayer, _ input: KerasFlow) -> KerasFlow {
    let name = layer.className
    if passing.contains(name) { return input }
    switch name {
    case "Flatten": return flattened(layer, input)
    case "Dense", "EinsumDense":
      let isVector = input.shape?.count == 1
      return KerasFlow(
        shape: input.shape.map { $0.dropLast() + [layer.length("units")] },
        order: isVector || input.order == .features ? .features : input.order)
    case "Embedding":
      return KerasFlow(
        shape: input.shape.map { $0 + [layer.length("output_dim")] },
        order: .features)
    case "LSTM", "GRU", "SimpleRNN":
      return recurrent(layer, input, units: layer.length("units"))
    case "Bidirectional":
      guard let inner = layer.parts.first(where: { $0.attribute == "layer" })?.layer else {
        return .unknown
      }
      let units = inner.length("units")
      let isJoined = layer.config["merge_mode"]?.stringValue == "concat"
      return recurrent(inner, input, units: isJoined ? units.map { 2 * $0 } : units)
    default: break
    }
    if name.hasPrefix("Global") && name.contains("Pooling") {
      guard let shape = input.shape, let channels = shape.last else { return .unknown }
      return layer.flag("keepdims", default: false)
        ? KerasFlow(
          shape: [Int?](repeating: 1, count: shape.count - 1) + [channels], order: input.order)
        : KerasFlow(shape: [channels], order: .features)
    }
    if let window = KerasWindow(layer) {
      guard layer.config["data_format"]?.stringValue != "channels_first" else {
        return KerasFlow(shape: nil, order: .features)
      }
      return KerasFlow(shape: input.shape.flatMap(window.output), order: .channelsLast)
    }
    let resizing = ["ZeroPadding", "Cropping", "UpSampling", "Resizing", "CenterCrop"]
    return resizing.contains { name.hasPrefix($0) }
      ? KerasFlow(shape: input.shape.flatMap { resized($0, layer) }, order: input.order) : .unknown
  }

  /// The shape after padding, cropping or repeating, nil if it is not known.
  private static func resized(_ shape: [Int?], _ layer: KerasLayer) -> [Int?]? {
    let isRepeated = layer.className.hasPrefix("UpSampling")
    let isCropped = layer.className.hasPrefix("Cropping")
    guard isRepeated || isCropped || layer.className.hasPrefix("ZeroPadding"),
      let argument = layer.config[isRepeated ? "size" : isCropped ? "cropping" : "padding"]
    else { return nil }
    // One number for all directions, one for each, or one for each of both ends.
    let isLine = shape.count == 2
    let parts = isLine && !isRepeated ? [argument] : argument.elements ?? [argument]
    let sums = parts.map { part -> Int? in
      if let length = KerasLayer.possible(part.intValue) { return isRepeated ? length : 2 * length }
      let ends = part.elements?.compactMap { KerasLayer.possible($0.intValue) } ?? []
      return ends.count == 2 ? ends[0] + ends[1] : nil
    }
    let directions = shape.count - 1
    guard !sums.contains(nil), sums.count == directions || sums.count == 1 else { return nil }
    var result = shape
    for axis in 0..<directions {
      guard let change = sums[sums.count == 1 ? 0 : axis] else { return nil }
      result[axis] = KerasLayer.possible(
        shape[axis].map { isRepeated ? $0 * change : isCropped ? $0 - change : $0 + change })
    }
    return result
  }

  private static func recurrent(
    _ layer: KerasLayer, _ input: KerasFlow, units: Int?
  ) -> KerasFlow {
    guard let steps = input.shape?.first, layer.flag("return_sequences", default: false) else {
      return KerasFlow(shape: [units], order: .features)
    }
    return KerasFlow(shape: [steps, units], order: .features)
  }

  private static func flattened(_ layer: KerasLayer, _ input: KerasFlow) -> KerasFlow {
    let shape = input.shape?.contains(nil) == false ? input.shape : layer.inputShape ?? input.shape
    let lengths = shape?.compactMap(\.self) ?? []
    let isKnown = shape != nil && lengths.count == shape?.count
    let count = isKnown ? Shape(validating: lengths)?.elementCount : nil
    switch input.order {
    case .channelsLast:
      guard isKnown, let channels = lengths.last, let count else {
        return KerasFlow(shape: [nil], order: .flattenedUnknown)
      }
      // One channel, or one place: there is nothing to permute.
      let isPlain = lengths.count < 2 || channels == 1 || count == channels
      return KerasFlow(shape: [count], order: isPlain ? .features : .flattened(lengths))
    case .flattened, .flattenedUnknown: return input
    case .features: return KerasFlow(shape: [count], order: .features)
    case .unknown:
      let isVector = (shape?.count ?? 2) < 2
      return KerasFlow(shape: [count], order: isVector ? .features : .flattenedUnknown)
    }
  }
}

/// A layer that slides a window: a convolution or a pooling.
struct KerasWindow {
  /// The window, its steps and their spread, for each direction.
  let size, strides, dilation: [Int]
  /// `valid`, `same` or `causal`.
  let padding: String
  /// The channels of the output; nil if they are those of the input times the multiplier.
  let filters: Int?
  let multiplier: Int
  let isTransposed: Bool

  /// The window of a layer, nil for layers of other kinds and windows that are impossible.
  init?(_ layer: KerasLayer) {
    let name = layer.className
    guard let rank = [1, 2, 3].first(where: { name.contains("\($0)D") }),
      name.contains("Conv") || name.contains("Pooling"), !name.contains("LSTM")
    else { return nil }
    func lengths(_ key: String, _ value: Int) -> [Int]? {
      switch layer.config[key] {
      case .int(let length)?: [Int](repeating: length, count: rank)
      case .list(let elements)?, .tuple(let elements)?: elements.compactMap(\.intValue)
      case nil, .some(.none): [Int](repeating: value, count: rank)
      default: nil
      }
    }
    let isPooling = name.contains("Pooling")
    guard let size = lengths(isPooling ? "pool_size" : "kernel_size", isPooling ? 2 : 1),
      let dilation = lengths("dilation_rate", 1)
    else { return nil }
    var strides = lengths("strides", 1)
    if case nil = layer.config["strides"], isPooling { strides = size }
    if case .some(.none) = layer.config["strides"], isPooling { strides = size }
    guard let strides,
      [size, strides, dilation].allSatisfy({ lengths in
        lengths.count == rank && lengths.allSatisfy { (1...(1 << 24)).contains($0) }
      })
    else { return nil }
    self.size = size
    self.strides = strides
    self.dilation = dilation
    padding = layer.config["padding"]?.stringValue ?? "valid"
    filters = layer.length("filters")
    multiplier =
      name.hasPrefix("Depthwise") ? layer.length("depth_multiplier") ?? 1 : 1
    isTransposed = name.contains("Transpose")
  }

  /// The shape that comes out for one that goes in, nil if the ranks do not match.
  func output(_ input: [Int?]) -> [Int?]? {
    guard input.count == size.count + 1, let channels = input.last else { return nil }
    var result: [Int?] = []
    for (index, length) in input.dropLast().enumerated() {
      result.append(KerasLayer.possible(length.map { max(output($0, index), 0) }))
    }
    return result + [KerasLayer.possible(filters ?? channels.map { $0 * multiplier })]
  }

  private func output(_ length: Int, _ index: Int) -> Int {
    let stride = strides[index]
    let extent = (size[index] - 1) * dilation[index] + 1
    if isTransposed {
      return length * stride + (padding == "same" ? 0 : max(extent - stride, 0))
    }
    return padding == "valid"
      ? (length - extent) / stride + 1 : (length + stride - 1) / stride
  }

  /// The zeros at both ends of each direction together that `same` needs for an input.
  func samePadding(_ input: [Int?]) -> [Int]? {
    guard padding == "same", !isTransposed, input.count == size.count + 1 else { return nil }
    var result: [Int] = []
    for (index, length) in input.dropLast().enumerated() {
      let extent = (size[index] - 1) * dilation[index] + 1
      if strides[index] == 1 {
        result.append(extent - 1)
      } else if let length {
        let count = (length + strides[index] - 1) / strides[index]
        result.append(max((count - 1) * strides[index] + extent - length, 0))
      } else {
        return nil
      }
    }
    return result
  }
}
