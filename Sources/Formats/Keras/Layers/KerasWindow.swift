import States

/// The window of a layer that slides one: a convolution or a pooling.
struct KerasWindow {
  /// The window, its steps and their spread, for each direction.
  let size, strides, dilation: [Int]
  /// `valid`, `same` or `causal`.
  let padding: String
  /// The channels of the output; nil if they are those of the input times the multiplier.
  let filters: Int?
  let multiplier: Int
  let isTransposed: Bool

  /// What classes that slide a window differ in.
  struct Form {
    /// The directions in which it slides.
    let rank: Int
    var isPooling = false
    var isTransposed = false
    var isDepthwise = false
  }

  /// The window of a layer, nil for layers of other kinds and windows that are impossible.
  init?(_ layer: KerasLayer) {
    guard let form = layer.kind.window else { return nil }
    let rank = form.rank
    func lengths(_ key: String, _ value: Int) -> [Int]? {
      switch layer.config[key] {
      case .int(let length)?: [Int](repeating: length, count: rank)
      case .list(let elements)?, .tuple(let elements)?: elements.compactMap(\.intValue)
      case nil, .some(.none): [Int](repeating: value, count: rank)
      default: nil
      }
    }
    // Keras 1 had other names for a kernel's lengths.
    guard form.isPooling || layer.config["kernel_size"] != nil,
      let size = lengths(form.isPooling ? "pool_size" : "kernel_size", form.isPooling ? 2 : 1),
      let dilation = lengths("dilation_rate", 1)
    else { return nil }
    let isPlain = (layer.config["strides"] ?? Value.none) == .none
    guard let strides = form.isPooling && isPlain ? size : lengths("strides", 1),
      [size, strides, dilation].allSatisfy({ lengths in
        lengths.count == rank && lengths.allSatisfy { (1...(1 << 24)).contains($0) }
      })
    else { return nil }
    self.size = size
    self.strides = strides
    self.dilation = dilation
    padding = layer.config["padding"]?.stringValue ?? "valid"
    filters = layer.length("filters")
    multiplier = form.isDepthwise ? layer.length("depth_multiplier") ?? 1 : 1
    isTransposed = form.isTransposed
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

  /// The zeros at each end, nil if PyTorch cannot put them there: more at one than at the other.
  func padding(_ input: KerasFlow) -> [Int]? {
    switch padding {
    case "valid": return size.map { _ in 0 }
    case "same":
      guard let sums = input.shape.flatMap(samePadding),
        sums.allSatisfy({ $0.isMultiple(of: 2) })
      else { return nil }
      return sums.map { $0 / 2 }
    default: return nil
    }
  }

  /// What PyTorch's classes for so many directions end in.
  var suffix: String { "\(size.count)d" }

  /// Lengths as an argument: one for a line, two for an image.
  static func argument(_ lengths: [Int]) -> Value {
    lengths.count == 1 ? .int(lengths[0]) : .list(lengths.map(Value.int))
  }
}

extension KerasWindow {
  /// What flows out of a layer that slides a window, or of one of which nothing is known.
  static let output: KerasLayerKind.Output = { layer, input in
    guard let window = KerasWindow(layer) else {
      // What a layer makes of what is the same in both libraries is the same in both.
      return input.isPlain && layer.kind.window == nil
        ? KerasFlow(shape: nil, order: .opaque("what \(layer.name) makes is not known"))
        : .unknown("what \(layer.name) makes is not known")
    }
    let isPooling = layer.kind.window?.isPooling == true
    if layer.hasChannelsFirst {
      let first = input.withChannelsFirst
      let last = first.shape.map { Array($0.dropFirst()) + $0.prefix(1) }
      let shape = last.flatMap(window.output).map { $0.suffix(1) + Array($0.dropLast()) }
      guard !isPooling || first.order == .features else { return first.with(shape: shape) }
      return KerasFlow(shape: shape, order: .features)
    }
    let shape = input.shape.flatMap(window.output)
    // A pooling moves no features; a sequence may stay one.
    guard isPooling else { return KerasFlow(shape: shape, order: .channelsLast) }
    if input.isOpaque { return .unknown("what \(layer.name) is given is not known") }
    var flow = KerasFlow(shape: shape, order: .channelsLast, features: input.features)
    if window.size.count == 1, input.order == .features, input.source != .input {
      flow.order = .undecided("\(layer.name) works on places, and is given a sequence")
    }
    return flow
  }
}

extension KerasSite {
  /// The layer's window. No modules of volumes are described.
  func window() throws(Missing) -> KerasWindow {
    guard let window = KerasWindow(layer), window.size.count < 3 else { throw missing() }
    guard input.order == .channelsLast || (isInput && input.order == .features),
      input.lead == 0, input.features == .plain, !layer.hasChannelsFirst
    else { throw missing("the order of its input is not that of PyTorch") }
    return window
  }
}
