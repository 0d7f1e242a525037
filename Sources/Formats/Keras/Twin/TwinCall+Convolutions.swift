extension TwinCall {
  /// The input with its channels as PyTorch wants them: behind the batch.
  func channels(_ features: KerasArrangement = .plain) throws(Missing) -> TwinValue {
    let value = try input
    return layer.hasChannelsFirst ? value.inKerasAxes() : value.featuresFirst(features)
  }

  /// What a layer of images gives whose input was that of ``channels(_:)``.
  private func image(_ code: String) throws(Missing) -> TwinValue {
    let shape = try shape()
    return TwinValue(code, shape, axes: layer.hasChannelsFirst ? .keras : .first(0))
  }

  /// The layer's window over an image of as many directions.
  private func window(over value: TwinValue) throws(Missing) -> KerasWindow {
    guard let window = KerasWindow(layer), value.rank == window.size.count + 1 else {
      throw missing("its window is not that of its input")
    }
    return window
  }

  /// What stands between the input and a convolution, and the padding that the module does itself.
  private func padded(
    _ value: TwinValue, _ window: KerasWindow
  ) throws(Missing) -> (code: String, padding: String) {
    switch window.padding {
    case "valid": return (value.code, "")
    case "same" where window.strides.allSatisfy({ $0 == 1 }):
      return (value.code, ", padding=\"same\"")
    case "same":
      let parts = [window.size, window.strides, window.dilation].map(PythonText.list)
      return ("pad_same(\(value.code), \(parts.joined(separator: ", ")))", "")
    case "causal" where window.size.count == 1 && !layer.hasChannelsFirst:
      let count = (window.size[0] - 1) * window.dilation[0]
      return ("F.pad(\(value.code), (\(count), 0))", "")
    default: throw missing("its padding cannot be said in PyTorch")
    }
  }

  /// A convolution; of one for each channel, `groups` is nil.
  mutating func convolution(groups: Int?) throws(Missing) -> TwinValue {
    let value = try channels(order(of: "weight", axis: -2))
    let window = try window(over: value)
    let (code, padding) = try padded(value, window)
    let module = try convolution(
      "", window, groups: groups, padding: padding, bias: has("bias"))
    return try activated(image("\(module)(\(code))"))
  }

  /// A convolution of each channel, and one of each place.
  mutating func separable() throws(Missing) -> TwinValue {
    let value = try channels()
    let window = try window(over: value)
    let (code, padding) = try padded(value, window)
    _ = try define("nn.Module()", tensors: [])
    let first = try convolution("depthwise", window, groups: nil, padding: padding, bias: false)
    let shape = try shape(of: "pointwise.weight", rank: window.size.count + 2)
    guard shape.dropFirst(2).allSatisfy({ $0 == 1 }) else {
      throw missing("its second kernel is wider than a place")
    }
    let hasBias = has("pointwise.bias")
    let second = try define(
      "nn.Conv\(window.suffix)(\(shape[1]), \(shape[0]), 1\(hasBias ? "" : ", bias=False"))",
      at: "pointwise", tensors: hasBias ? ["weight", "bias"] : ["weight"])
    return try activated(image("\(second)(\(first)(\(code)))"))
  }

  private mutating func convolution(
    _ path: String, _ window: KerasWindow, groups: Int?, padding: String, bias: Bool
  ) throws(Missing) -> String {
    let name = path.isEmpty ? "weight" : "\(path).weight"
    let shape = try shape(of: name, rank: window.size.count + 2)
    let multiplier = max(layer.config["depth_multiplier"]?.intValue ?? 1, 1)
    let groups = groups ?? shape[0] / multiplier
    let (inputs, overflow) = shape[1].multipliedReportingOverflow(by: groups)
    guard Array(shape.dropFirst(2)) == window.size, groups > 0, !overflow,
      shape[0].isMultiple(of: groups)
    else { throw missing("its kernel is not of the lengths that the config says") }
    var arguments = "\(inputs), \(shape[0]), \(PythonText.lengths(window.size))"
    if window.strides.contains(where: { $0 > 1 }) {
      arguments += ", stride=\(PythonText.lengths(window.strides))"
    }
    arguments += padding
    if window.dilation.contains(where: { $0 > 1 }) {
      arguments += ", dilation=\(PythonText.lengths(window.dilation))"
    }
    if groups > 1 { arguments += ", groups=\(groups)" }
    if !bias { arguments += ", bias=False" }
    return try define(
      "nn.Conv\(window.suffix)(\(arguments))", at: path,
      tensors: bias ? ["weight", "bias"] : ["weight"])
  }

  /// A convolution that makes images larger.
  mutating func transposedConvolution() throws(Missing) -> TwinValue {
    let value = try channels(order(of: "weight", axis: -1))
    let window = try window(over: value)
    let shape = try shape(of: "weight", rank: window.size.count + 2)
    let given = layer.config["output_padding"]
    guard Array(shape.dropFirst(2)) == window.size, given == nil || given == .some(.none),
      layer.length("groups") ?? 1 == 1
    else { throw missing("its padding cannot be said in PyTorch") }
    // Keras cuts off what is beyond its own length, of an odd number one more at the end.
    let extents = zip(window.size, window.dilation).map { ($0 - 1) * $1 + 1 }
    let extra = zip(extents, window.strides).map { max($1 - $0, 0) }
    let cut = zip(extents, window.strides).map { window.padding == "same" ? max($0 - $1, 0) : 0 }
    guard ["same", "valid"].contains(window.padding) else {
      throw missing("its padding cannot be said in PyTorch")
    }
    let isEven = cut.allSatisfy { $0.isMultiple(of: 2) }
    var arguments = "\(shape[0]), \(shape[1]), \(PythonText.lengths(window.size))"
    arguments += ", stride=\(PythonText.lengths(window.strides))"
    if isEven, cut.contains(where: { $0 > 0 }) {
      arguments += ", padding=\(PythonText.lengths(cut.map { $0 / 2 }))"
    }
    if extra.contains(where: { $0 > 0 }) {
      arguments += ", output_padding=\(PythonText.lengths(extra))"
    }
    if window.dilation.contains(where: { $0 > 1 }) {
      arguments += ", dilation=\(PythonText.lengths(window.dilation))"
    }
    if !has("bias") { arguments += ", bias=False" }
    let module = try define(
      "nn.ConvTranspose\(window.suffix)(\(arguments))",
      tensors: has("bias") ? ["weight", "bias"] : ["weight"])
    var code = "\(module)(\(value.code))"
    if !isEven {
      let pads = cut.reversed().flatMap { [-($0 / 2), $0 / 2 - $0] }
      code = "F.pad(\(code), \(PythonText.tuple(pads)))"
    }
    return try activated(image(code))
  }

  // MARK: Poolings

  /// The largest number in each window.
  mutating func maximum() throws(Missing) -> TwinValue {
    var value = try unmasked
    let order = value.features
    value = layer.hasChannelsFirst ? value.inKerasAxes() : value.featuresFirst(order)
    let window = try window(over: value)
    let parts = [window.size, window.strides].map(PythonText.lengths).joined(separator: ", ")
    var code = value.code
    if window.padding == "same" {
      let lists = [window.size, window.strides].map(PythonText.list).joined(separator: ", ")
      code = "pad_same(\(code), \(lists), value=-math.inf)"
    }
    return try pooled("F.max_pool\(window.suffix)(\(code), \(parts))", value)
  }

  /// The mean of each window.
  mutating func mean() throws(Missing) -> TwinValue {
    var value = try unmasked
    let order = value.features
    value = layer.hasChannelsFirst ? value.inKerasAxes() : value.featuresFirst(order)
    let window = try window(over: value)
    let function = "F.avg_pool\(window.suffix)"
    guard window.padding == "same" else {
      let parts = [window.size, window.strides].map(PythonText.lengths).joined(separator: ", ")
      return try pooled("\(function)(\(value.code), \(parts))", value)
    }
    let lists = [window.size, window.strides].map(PythonText.list).joined(separator: ", ")
    return try pooled("average_same(\(function), \(value.code), \(lists))", value)
  }

  private func pooled(_ code: String, _ value: TwinValue) throws(Missing) -> TwinValue {
    TwinValue(code, try shape(), axes: value.axes, features: value.features)
  }

  /// What is made of all places of each channel.
  ///
  /// - Parameter function: The name of a method that takes dimensions.
  mutating func ofAllPlaces(_ function: String) throws(Missing) -> TwinValue {
    let given = try unmasked
    let value = layer.hasChannelsFirst ? given.inKerasAxes() : given
    guard value.rank == (layer.kind.places ?? 0) + 1 else {
      throw missing("its input is of another rank")
    }
    let isFirst = layer.hasChannelsFirst
    let axes = isFirst ? Array(1..<value.rank) : Array(0..<(value.rank - 1))
    let dimensions = PythonText.tuple(axes.map(value.dimension))
    let keeps = layer.flag("keepdims", default: false)
    let code = "\(value.code).\(function)(\(dimensions)\(keeps ? ", keepdim=True" : ""))"
    let channels = (isFirst ? value.shape.first : value.shape.last) ?? nil
    guard keeps else { return TwinValue(code, [channels], features: value.features) }
    let ones = axes.map { _ in 1 as Int? }
    return TwinValue(
      code, isFirst ? [channels] + ones : ones + [channels], axes: value.axes,
      features: value.features)
  }
}
