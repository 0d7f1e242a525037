import States

extension KerasRecipe {
  /// Adds the variables of a recurrent layer.
  ///
  /// - Parameters:
  ///   - place: Where a `.weights.h5` has them below the layer.
  ///   - path: Their path below the layer, without their names.
  ///   - suffix: What PyTorch's names end in: nothing, or `_reverse`.
  mutating func addRecurrent(
    _ layer: KerasLayer, place: String, path: String, suffix: String
  ) {
    let hasBias = layer.flag("use_bias", default: true)
    own(["kernel", "recurrent_kernel"] + (hasBias ? ["bias"] : []), at: place, path: path)
    if let reason = layer.untwinnedReason {
      keepUnconverted(reason)
      return
    }
    let isGated = layer.className == "GRU"
    let kernel: KerasTransform = isGated ? .gatedKernel : .transpose
    map("\(path)/kernel", "weight_ih_l0\(suffix)", kernel)
    map("\(path)/recurrent_kernel", "weight_hh_l0\(suffix)", kernel)
    guard hasBias else { return }
    mappings.append(
      Mapping(
        labels: ["\(path)/bias"], suffixes: ["bias_ih_l0\(suffix)", "bias_hh_l0\(suffix)"],
        transform: isGated ? .gatedBias : .recurrentBias, role: .parameter))
  }

  /// Adds the variables of both directions.
  mutating func addBidirectional(_ layer: KerasLayer) {
    guard let forward = layer.part("layer"),
      ["LSTM", "GRU", "SimpleRNN"].contains(forward.className)
    else { return }
    var backward = layer.part("backward_layer") ?? forward
    if layer.part("backward_layer") == nil { backward.name = "backward_" + forward.baseName }
    let forwardName =
      forward.name.hasPrefix("forward_") ? forward.name : "forward_" + forward.name
    var other = KerasRecipe()
    addRecurrent(
      forward, place: "forward_layer/cell/vars", path: "\(forwardName)/\(forward.cellName)",
      suffix: "")
    other.addRecurrent(
      backward, place: "backward_layer/cell/vars", path: "\(backward.name)/\(backward.cellName)",
      suffix: "_reverse")
    variables += other.variables
    mappings += other.mappings
    note = note ?? other.note
    // Twins of both directions are one module; if one has none, neither is converted.
    if let note { keepUnconverted(note) }
  }

  /// Adds the four projections of attention.
  mutating func addAttention(_ layer: KerasLayer, _ flow: KerasFlow) {
    let bias = layer.flag("use_bias", default: true) ? ["bias"] : []
    let projections = [("query", "query"), ("key", "key"), ("value", "value")]
    for (name, attribute) in projections + [("attention_output", "output")] {
      own(["kernel"] + bias, at: "\(attribute)_dense/vars", path: name)
    }
    let heads = layer.config["num_heads"]?.intValue ?? 0
    let size = layer.config["key_dim"]?.intValue ?? 0
    let valueSize = layer.config["value_dim"]?.intValue ?? size
    let hasGate = layer.flag("use_gate", default: false)
    let hasAxes = (layer.config["attention_axes"]?.elements ?? []).count > 1
    let common = flow.shape?.last ?? nil
    let lengths = layer.attentionLengths ?? common.map { [$0, $0, $0] } ?? []
    let (features, overflow) = heads.multipliedReportingOverflow(by: size)
    guard heads > 0, valueSize == size, !overflow, lengths.first == features, !hasGate, !hasAxes
    else {
      keepUnconverted("PyTorch's attention has no such sizes or gates")
      return
    }
    let names = projections.map(\.0)
    if lengths != [features, features, features] {
      for (name, suffix) in zip(names, ["q", "k", "v"]) {
        map("\(name)/kernel", "\(suffix)_proj_weight", .projections(heads: heads))
      }
    } else {
      mappings.append(
        Mapping(
          labels: names.map { "\($0)/kernel" }, suffixes: ["in_proj_weight"],
          transform: .projections(heads: heads), role: .parameter))
    }
    if !bias.isEmpty {
      mappings.append(
        Mapping(
          labels: names.map { "\($0)/bias" }, suffixes: ["in_proj_bias"],
          transform: .projectionBiases(heads: heads), role: .parameter))
    }
    map("attention_output/kernel", "out_proj.weight", .attentionOutput(heads: heads))
    if !bias.isEmpty { map("attention_output/bias", "out_proj.bias") }
  }
}

extension KerasLayer {
  /// Why a recurrent layer has no twin in PyTorch, nil if it has.
  fileprivate var untwinnedReason: String? {
    if className == "GRU", !flag("reset_after", default: true) {
      return "a GRU with reset_after=False has no twin in PyTorch"
    }
    let usual = className == "SimpleRNN" ? ["tanh", "relu"] : ["tanh"]
    guard config["activation"] == nil || usual.contains(activation) else {
      return "PyTorch's \(className) has no activation \(activation)"
    }
    if className != "SimpleRNN", let gate = config["recurrent_activation"]?.stringValue,
      gate != "sigmoid"
    {
      return "PyTorch's \(className) has no recurrent activation \(gate)"
    }
    return nil
  }

  /// The name without the prefix of a direction.
  fileprivate var baseName: String {
    name.hasPrefix("forward_") ? String(name.dropFirst("forward_".count)) : name
  }
}
