import States

extension KerasLayerKind {
  /// What runs another layer, and has its variables.
  static let wrappers = [
    KerasLayerKind(
      names: ["TimeDistributed"], movesAxes: true,
      addVariables: { part in
        if let inner = part.layer.part("layer"), inner.hasPlainVariables {
          part.add(inner, in: "layer", inner.name, input: part.input.step)
        }
      },
      output: { layer, input in
        guard let inner = layer.part("layer"), !inner.isModel else {
          return .unknown("what \(layer.name) makes is not known")
        }
        return input.steps(inner.kind.output(inner, input.step))
      }, program: { call throws(Missing) in try call.distributed() })
  ]

  /// What makes one of several inputs.
  static let merging = [
    KerasLayerKind(
      names: ["Concatenate"], joining: .concatenation, output: passing,
      program: { call throws(Missing) in try call.joined() }),
    elementwise("Add") { "\($0) + \($1)" },
    elementwise("Average", isMean: true) { "\($0) + \($1)" },
    elementwise("Maximum") { "torch.maximum(\($0), \($1))" },
    elementwise("Minimum") { "torch.minimum(\($0), \($1))" },
    elementwise("Multiply") { "\($0) * \($1)" },
    elementwise("Subtract") { "\($0) - \($1)" },
  ]

  /// A class that puts elements together one by one.
  private static func elementwise(
    _ name: String, isMean: Bool = false, _ join: @escaping @Sendable (String, String) -> String
  ) -> KerasLayerKind {
    KerasLayerKind(
      names: [name], joining: .elementwise, output: passing,
      program: { call throws(Missing) in try call.merged(isMean: isMean, join) },
      isOperation: !isMean)
  }

  /// What does nothing but while a model learns.
  static let regularization =
    [
      KerasLayerKind(
        names: ["Dropout"], output: passing,
        twin: { site throws(Missing) in
          ["module": "Dropout", "p": site.layer.config["rate"] ?? 0.5]
        }, program: { call throws(Missing) in try call.dropped("dropout") })
    ]
    + passing("ActivityRegularization", "Identity", program: unchanged)
    + passing(
      "AlphaDropout", program: { call throws(Missing) in try call.dropped("alpha_dropout") })
    + passing(
      "SpatialDropout1D", program: { call throws(Missing) in try call.droppedChannels(1) })
    + passing(
      "SpatialDropout2D", program: { call throws(Missing) in try call.droppedChannels(2) })
    + passing(
      "SpatialDropout3D", program: { call throws(Missing) in try call.droppedChannels(3) })
    + passing(
      "GaussianDropout", program: { call throws(Missing) in try call.disturbed(isFactor: true) })
    + passing("GaussianNoise", program: { call throws(Missing) in try call.disturbed() })
    + passing("Masking")
}

extension KerasFlow {
  /// What a layer sees that is run for each step.
  fileprivate var step: KerasFlow {
    guard let shape else {
      return isPlain ? self : .unknown("the shape of the steps is not known")
    }
    let rest = Array(shape.dropFirst())
    if lead > 0 {
      var flow = KerasFlow(shape: rest, order: order, features: features)
      flow.lead = lead - 1
      return flow
    }
    if source == .input { return KerasFlow(input: rest) }
    let isVector = rest.count == 1
    switch order {
    case .features:
      return KerasFlow(
        shape: rest,
        order: rest.count > 2 ? .undecided("its steps may be images") : .features,
        features: features)
    case .channelsLast:
      return KerasFlow(
        shape: rest, order: isVector ? .features : .undecided("its steps are parts of an image"),
        features: features)
    case .undecided, .opaque:
      return KerasFlow(shape: rest, order: isVector ? .features : order, features: features)
    }
  }

  /// What comes out of all steps, of what comes out of one.
  fileprivate func steps(_ step: KerasFlow) -> KerasFlow {
    var flow = step
    flow.shape = shape.flatMap { all in step.shape.map { [all.first ?? nil] + $0 } }
    flow.source = nil
    flow.image = nil
    switch step.order {
    case .channelsLast: flow.lead = step.lead + 1
    case .features:
      let isSequence = order == .features || lead > 0 || source == .input
      if !isSequence {
        flow.order = isOpaque ? order : .undecided("the steps are places of an image")
      }
    case .undecided, .opaque: break
    }
    return flow
  }
}
