import States

extension TwinCall {
  private var axis: Int? {
    guard (layer.config["axis"]?.elements?.count ?? 1) == 1 else { return nil }
    return layer.config["axis"]?.elements?.first?.intValue ?? layer.config["axis"]?.intValue ?? -1
  }

  /// Whether the layer is over the last axis of its input alone.
  private func isOverLast(_ value: TwinValue) -> Bool { axis == -1 || axis == value.rank }

  private func epsilon(_ usual: Double = 1e-3) throws(Missing) -> String {
    guard let text = PythonText.literal(layer.config["epsilon"]?.doubleValue ?? usual) else {
      throw missing("its epsilon is no number")
    }
    return text
  }

  private var tensors: [String] { ["weight", "bias"].filter(has) }

  /// The order of the features that weight and bias are for. One that Keras does not have, and PyTorch
  /// wants, is a constant, and says nothing of it.
  private var scaleOrder: KerasArrangement {
    tensors.first(where: isVariable).map { order(of: $0, axis: -1) } ?? .plain
  }

  /// By statistics of batches.
  mutating func batchNormalized() throws(Missing) -> TwinValue {
    var value = try input
    let count = try shape(of: "running_mean", rank: 1)[0]
    let order = order(of: "running_mean", axis: -1)
    if axis == 1, value.rank > 1 {
      value = value.inKerasAxes()
    } else if isOverLast(value) {
      value = value.featuresFirst(order)
    } else {
      throw missing("it is over an axis that PyTorch's is not")
    }
    guard value.rank <= 4, value.rank > 0 else { throw missing("PyTorch has none of its rank") }
    let momentum = 1 - (layer.config["momentum"]?.doubleValue ?? 0.99)
    guard let text = PythonText.literal((momentum * 1e12).rounded() / 1e12),
      tensors.count != 1
    else { throw missing("its momentum is no number") }
    let rank = max(value.rank - 1, 1)
    let module = try define(
      "nn.BatchNorm\(rank)d(\(count), eps=\(try epsilon()), momentum=\(text)"
        + "\(tensors.isEmpty ? ", affine=False" : ""))",
      tensors: tensors + ["running_mean", "running_var", "num_batches_tracked"])
    value.code = "\(module)(\(value.code))"
    return value
  }

  /// By statistics of an example's features.
  mutating func layerNormalized() throws(Missing) -> TwinValue {
    let given = try input
    guard isOverLast(given), !layer.flag("rms_scaling", default: false) else {
      throw missing("it is over other axes than the last, or has another scale")
    }
    guard let count = tensors.isEmpty ? given.shape.last ?? nil : site.shape("weight")?.first,
      tensors != ["bias"], site.shape("weight")?.count ?? 1 == 1
    else { throw missing("its weights are not those of one axis") }
    var value = given.inKerasAxes(
      tensors.isEmpty ? given.features : scaleOrder)
    let options =
      tensors.isEmpty
      ? ", elementwise_affine=False" : tensors.count == 1 ? ", bias=False" : ""
    let module = try define(
      "nn.LayerNorm(\(count), eps=\(try epsilon())\(options))", tensors: tensors)
    value.code = "\(module)(\(value.code))"
    return value
  }

  /// By the mean of squares of an example's features.
  mutating func scaledByRootMeanSquare() throws(Missing) -> TwinValue {
    let given = try input
    let count = try shape(of: "weight", rank: 1)[0]
    guard isOverLast(given) else { throw missing("it is over other axes than the last") }
    var value = given.inKerasAxes(order(of: "weight", axis: -1))
    let module = try define(
      "nn.RMSNorm(\(count), eps=\(try epsilon(1e-6)))", tensors: ["weight"])
    value.code = "\(module)(\(value.code))"
    return value
  }

  /// By statistics of groups of channels.
  mutating func groupNormalized() throws(Missing) -> TwinValue {
    let given = try input
    guard isOverLast(given), given.rank > 1, let groups = layer.length("groups"), groups > 0,
      scaleOrder == .plain, tensors.count != 1,
      let count = tensors.isEmpty ? given.shape.last ?? nil : site.shape("weight")?.first,
      count.isMultiple(of: groups)
    else {
      throw missing("it is over other axes than PyTorch's, has no bias, or its features are moved")
    }
    var value = given.featuresFirst()
    let module = try define(
      "nn.GroupNorm(\(groups), \(count), eps=\(try epsilon())"
        + "\(tensors.isEmpty ? ", affine=False" : ""))", tensors: tensors)
    value.code = "\(module)(\(value.code))"
    return value
  }

  /// By statistics that were counted before.
  mutating func standardized() throws(Missing) -> TwinValue {
    let given = try input
    let shape = try shape(of: "mean", rank: 1)
    guard isOverLast(given) else { throw missing("it is over other axes than the last") }
    var value = given.inKerasAxes(order(of: "mean", axis: -1))
    let inverts = layer.flag("invert", default: false) ? ", inverts=True" : ""
    let module = try define(
      "KerasNormalization(\(PythonText.tuple(shape))\(inverts))",
      tensors: ["mean", "variance", "count"])
    value.code = "\(module)(\(value.code))"
    return value
  }
}
