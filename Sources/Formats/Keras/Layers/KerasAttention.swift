import States

extension KerasLayerKind {
  /// Attention, whose projections are one tensor in PyTorch where they are of one size.
  static let attention = [
    KerasLayerKind(
      names: ["MultiHeadAttention"], addVariables: addProjections,
      output: { layer, input in
        var flow = KerasFlow(shape: input.shape, order: input.order)
        if (layer.config["output_shape"] ?? Value.none) != .none { flow.shape = nil }
        return flow
      },
      program: { call throws(Missing) in try call.attention() }, flags: ["use_causal_mask"],
      infer: { layer, group in
        // The first versions of Keras 3 had other names for the parts.
        let parts = projections.map { name in
          let part = group.part("\(name)_dense")
          return part.count > 0 ? part : group.part("_\(name)_dense")
        }
        return layer.takeSizes(parts.map { $0.shape("vars/0") }, hasBias: parts[0].count > 1)
          && group.count == 0
      },
      recognise: { layer, weights in
        guard weights.shapes.isEmpty,
          Set(weights.children.keys) == Set(projections + ["attention_output"])
        else { return false }
        let parts = projections.map { weights.children[$0] }
        return layer.takeSizes(
          parts.map { $0?.shapes["kernel"] }, hasBias: parts[0]?.hasBias ?? false)
      })
  ]

  private static let addProjections: @Sendable (inout KerasPart) -> Void = { part in
    let layer = part.layer
    var kernels: [Int] = []
    var biases: [Int] = []
    for name in projections + ["attention_output"] {
      let name = String(name)
      let place = (name == "attention_output" ? "output" : name) + "_dense"
      kernels.append(part.addVariable("kernel", in: place, name))
      if layer.hasBias { biases.append(part.addVariable("bias", in: place, name)) }
    }
    let heads = layer.config["num_heads"]?.intValue ?? 0
    let size = layer.config["key_dim"]?.intValue ?? 0
    let valueSize = layer.config["value_dim"]?.intValue ?? size
    let hasGate = layer.flag("use_gate", default: false)
    let hasAxes = (layer.config["attention_axes"]?.elements ?? []).count > 1
    let common = part.input.shape?.last ?? nil
    let lengths = layer.attentionLengths ?? common.map { [$0, $0, $0] } ?? []
    let (features, overflow) = heads.multipliedReportingOverflow(by: size)
    guard heads > 0, valueSize == size, !overflow, lengths.first == features, !hasGate, !hasAxes
    else {
      part.keepUnconverted("PyTorch's attention has no such sizes or gates")
      part.noteOrder()
      return
    }
    let inputs = [KerasPart.Order(axis: 0, features: part.input.features)]
    if lengths == [features, features, features] {
      part.map(
        kernels.dropLast(), to: ["in_proj_weight"], by: .projections(heads: heads),
        orders: inputs)
    } else {
      for (kernel, letter) in zip(kernels, ["q", "k", "v"]) {
        part.map(
          [kernel], to: ["\(letter)_proj_weight"], by: .projections(heads: heads), orders: inputs)
      }
    }
    if layer.hasBias {
      part.map(biases.dropLast(), to: ["in_proj_bias"], by: .projectionBiases(heads: heads))
    }
    part.map(kernels.suffix(1), to: ["out_proj.weight"], by: .attentionOutput(heads: heads))
    if layer.hasBias { part.map(biases.suffix(1), to: ["out_proj.bias"]) }
  }
}

/// The parts that have a projection each, by Keras's names.
private let projections: [Substring] = ["query", "key", "value"]

extension KerasLayer {
  /// The features of queries, keys and values, if the file says what the layer was built with.
  fileprivate var attentionLengths: [Int]? {
    let shapes = buildConfig?["shapes_dict"] ?? buildConfig
    let lengths = projections.compactMap { name in
      (shapes?["\(name)_shape"] ?? shapes?["value_shape"]).flatMap(Self.shape)?.last ?? nil
    }
    return lengths.count == 3 ? lengths : nil
  }

  /// Takes the sizes from the shapes of the kernels of queries, keys and values.
  ///
  /// - Returns: Whether they can be such kernels.
  fileprivate mutating func takeSizes(_ kernels: [[Int]?], hasBias: Bool) -> Bool {
    let kernels = kernels.compactMap { $0?.count == 3 ? $0 : nil }
    guard kernels.count == 3 else { return false }
    config = [
      "num_heads": .int(kernels[0][1]), "key_dim": .int(kernels[0][2]),
      "value_dim": .int(kernels[2][2]), "use_bias": .bool(hasBias),
    ]
    let shapes = zip(projections, kernels).map { name, kernel in
      (Value.Key.string("\(name)_shape"), Value.list([.none, .int(kernel[0])]))
    }
    buildConfig = .dict(.init(uniqueKeysWithValues: shapes))
    return true
  }
}
