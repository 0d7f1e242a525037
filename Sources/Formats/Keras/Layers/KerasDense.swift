import States

extension KerasLayerKind {
  /// Products with a matrix, and its rows by number.
  static let dense = [
    KerasLayerKind(
      names: ["Dense"], givesOrder: true, quantised: quantisedKernels,
      addVariables: { part in
        part.add(
          "kernel", as: "weight", by: .transpose,
          orders: [
            .init(axis: 0, features: part.input.features),
            .init(axis: 1, features: part.outputs),
          ])
        part.addBias(orders: [.init(axis: 0, features: part.outputs)])
      }, output: { $1.withFeatures($0.length("units"), of: $0) },
      twin: { site throws(Missing) in
        guard site.input.order == .features || site.input.isVector,
          site.input.features.reason == nil, let outputs = site.length("weight", 0),
          let inputs = site.length("weight", 1)
        else { throw site.missing("the order of its inputs is not that of PyTorch") }
        return [
          "module": "Linear", "in_features": .int(inputs), "out_features": .int(outputs),
          "bias": site.has("bias"),
        ]
      }, program: { call throws(Missing) in try call.linear() }, infer: counted(1...2),
      recognise: { layer, weights in weights.kernel(of: layer.name)?.count == 2 }),
    KerasLayerKind(
      names: ["EinsumDense"], quantised: quantisedKernels, hasBiasAxes: true,
      addVariables: { part in
        part.add("kernel", as: "kernel")
        if part.layer.config["bias_axes"]?.stringValue != nil { part.add("bias", as: "bias") }
        part.keepUnconverted("EinsumDense has no twin in PyTorch")
        part.noteOrder()
      },
      output: { layer, input in
        input.features == .plain
          ? KerasFlow(
            shape: input.shape.map { $0.map { _ in nil } },
            order: input.shape?.count == 1
              ? .features : .undecided("\(layer.name) may move axes"))
          : .unknown("what \(layer.name) makes is not known")
      },
      infer: { layer, group in
        if group.count > 1 { layer.config = ["bias_axes": "?"] }
        return (1...2).contains(group.count)
      }),
    KerasLayerKind(
      names: ["Embedding"], quantised: quantisedRows,
      addVariables: { $0.add("embeddings", as: "weight") },
      output: { layer, input in
        KerasFlow(shape: input.shape.map { $0 + [layer.length("output_dim")] }, order: .features)
      },
      twin: { site throws(Missing) in
        guard let count = site.length("weight", 0), let size = site.length("weight", 1) else {
          throw site.missing()
        }
        return ["module": "Embedding", "num_embeddings": .int(count), "embedding_dim": .int(size)]
      }, program: { call throws(Missing) in try call.embedding() }, infer: counted(1...1),
      recognise: { $1.only("embeddings") != nil && !$1.hasBias }),
  ]
}

extension KerasFlow {
  /// What a layer makes of it that gives each place so many features.
  fileprivate func withFeatures(_ count: Int?, of layer: KerasLayer) -> KerasFlow {
    var flow = KerasFlow(shape: shape.map { $0.dropLast() + [count] }, order: order)
    flow.width = count
    if isVector {
      flow.order = .features
    } else if order == .channelsLast {
      // PyTorch's `Linear` wants the channels last, too.
      flow.order = .undecided("\(layer.name) is applied to each place")
    }
    return flow
  }
}
