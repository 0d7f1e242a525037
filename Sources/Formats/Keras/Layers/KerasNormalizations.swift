import States

extension KerasLayerKind {
  /// Normalisations, by the batch's statistics or by those of an example's features.
  static let normalizations =
    [
      KerasLayerKind(
        names: [
          "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2",
          "SyncBatchNormalization",
        ],
        addVariables: { part in
          let orders = part.normalize(scale: "gamma", bias: "beta")
          part.addOption("momentum", part.layer.momentum)
          part.add("moving_mean", as: "running_mean", role: .buffer, orders: orders)
          part.add("moving_variance", as: "running_var", role: .buffer, orders: orders)
          // PyTorch has a weight and a bias, or neither.
          let (hasScale, hasBias) = (part.layer.hasScale, part.layer.hasCenter)
          if hasScale && !hasBias { part.addConstant("bias", .zeros) }
          if hasBias && !hasScale { part.addConstant("weight", .ones) }
          part.addConstant("num_batches_tracked", .count, role: .buffer)
        }, output: passing,
        twin: { site throws(Missing) in
          guard let features = site.length("running_mean", 0) else { throw site.missing() }
          let rank = site.input.shape?.count ?? 0
          let isImage =
            site.input.order == .channelsLast && site.input.lead == 0 && (2...3).contains(rank)
          guard rank == 1 || isImage else { throw site.otherAxis }
          return [
            "module": rank == 3 ? "BatchNorm2d" : "BatchNorm1d", "num_features": .int(features),
            "eps": .float(site.layer.epsilon), "momentum": .float(site.layer.momentum),
            "affine": site.has("weight"),
          ]
        }, program: { call throws(Missing) in try call.batchNormalized() }, infer: counted(4...4),
        recognise: { layer, weights in
          let statistics: Set<Substring> = ["moving_mean", "moving_variance"]
          return layer.takeScale(weights.names.subtracting(statistics))
            && weights.names.isSuperset(of: statistics)
        }),
      KerasLayerKind(
        names: ["LayerNormalization"], addVariables: addScaleAndBias, output: passing,
        twin: { site throws(Missing) in
          guard let features = site.length("weight", 0), site.length("weight", 1) == nil,
            site.input.order == .features, !site.layer.flag("rms_scaling", default: false)
          else { throw site.otherAxis }
          return [
            "module": "LayerNorm", "normalized_shape": .int(features),
            "eps": .float(site.layer.epsilon), "bias": site.has("bias"),
          ]
        }, program: { call throws(Missing) in try call.layerNormalized() }, infer: counted(2...2),
        // Nothing distinguishes it from a GroupNormalization.
        recognise: { layer, weights in
          layer.takeScale(weights.names) && !weights.names.isEmpty
        }),
      KerasLayerKind(
        names: ["GroupNormalization"], addVariables: addScaleAndBias, output: passing,
        twin: { site throws(Missing) in
          guard let channels = site.length("weight", 0), site.input.order == .channelsLast,
            let groups = site.layer.length("groups"), site.has("bias") == true
          else { throw site.otherAxis }
          return [
            "module": "GroupNorm", "num_groups": .int(groups), "num_channels": .int(channels),
            "eps": .float(site.layer.epsilon),
          ]
        }, program: { call throws(Missing) in try call.groupNormalized() }, infer: counted(2...2)),
      KerasLayerKind(
        names: ["RMSNormalization"],
        addVariables: { part in
          part.normalize(scale: "scale", bias: nil)
          part.addOption("eps", part.layer.config["epsilon"]?.doubleValue ?? 1e-6)
        }, output: passing, program: { call throws(Missing) in try call.scaledByRootMeanSquare() },
        infer: counted(1...1)),
      KerasLayerKind(
        names: ["SpectralNormalization"],
        addVariables: { part in
          guard let inner = part.layer.part("layer"), inner.hasPlainVariables else { return }
          // The kernel of the layer in it is its own, too.
          let copy = part.addVariable(inner.name + "/kernel", isTrainable: false)
          part.add("vector_u", as: "vector_u", role: .buffer)
          part.add(inner, in: "layer", inner.name, input: part.input)
          part.makeCopy(copy, of: copy + 2)
        },
        output: { layer, input in
          guard let inner = layer.part("layer"), !inner.isModel else {
            return .unknown("what \(layer.name) makes is not known")
          }
          return inner.kind.output(inner, input)
        }),
      KerasLayerKind(
        names: ["Normalization"],
        addVariables: { part in
          // Given as arguments, they are no variables.
          guard (part.layer.config["mean"] ?? .none) == .none else { return }
          let hasAxis = (part.layer.config["axis"] ?? -1) != .none
          let orders = hasAxis ? [KerasPart.Order(axis: -1, features: part.normalizedFeatures)] : []
          part.add("mean", as: "mean", role: .buffer, orders: orders)
          part.add("variance", as: "variance", role: .buffer, orders: orders)
          part.add("count", as: "count", role: .buffer)
        }, output: passing, program: { call throws(Missing) in try call.standardized() },
        infer: { _, group in group.count == 3 },
        recognise: { $1.names == ["mean", "variance", "count"] }),
    ]
    + passing(
      "UnitNormalization", program: { call throws(Missing) in try call.normalizedToUnit() })

  private static let addScaleAndBias: @Sendable (inout KerasPart) -> Void = { part in
    part.normalize(scale: "gamma", bias: "beta")
    // PyTorch has a weight without a bias, but not the other way round.
    if part.layer.hasCenter && !part.layer.hasScale { part.addConstant("weight", .ones) }
  }
}

extension KerasPart {
  /// Adds the variables that all have in common.
  ///
  /// - Returns: What becomes of a vector with an element for each feature.
  @discardableResult
  fileprivate mutating func normalize(scale: String, bias: String?) -> [Order] {
    let orders = [Order(axis: -1, features: normalizedFeatures)]
    if bias == nil || layer.hasScale { add(scale, as: "weight", orders: orders) }
    if let bias {
      if layer.hasCenter { add(bias, as: "bias", orders: orders) }
      addOption("eps", layer.epsilon)
    }
    return orders
  }

  /// The order of what there is a weight of each for.
  fileprivate var normalizedFeatures: KerasArrangement {
    let axes = (layer.config["axis"]?.elements ?? []).count
    if axes > 1, input.order != .features {
      return .unknown("its weights are of the shape of an image, channels last")
    }
    // TF-Keras writes the axis of a LayerNormalization as a list of one.
    let axis =
      layer.config["axis"]?.intValue ?? layer.config["axis"]?.elements?.first?.intValue ?? -1
    guard axis != -1, let rank = input.shape?.count, axis != rank else { return input.features }
    return input.features == .plain
      ? .plain : .unknown("it is over another axis than that of the features")
  }
}

extension KerasSite {
  fileprivate var otherAxis: Missing {
    missing("it is over an axis that PyTorch's is not")
  }
}

extension KerasLayer {
  fileprivate var hasScale: Bool { flag("scale", default: true) }
  fileprivate var hasCenter: Bool { flag("center", default: true) }

  /// What is added to the variance.
  fileprivate var epsilon: Double { config["epsilon"]?.doubleValue ?? 1e-3 }

  /// PyTorch's momentum: what a batch adds, not what it leaves.
  fileprivate var momentum: Double { 1 - (config["momentum"]?.doubleValue ?? 0.99) }

  /// Takes from the names of its weights whether it has a factor and a bias.
  ///
  /// - Returns: Whether it has no others.
  fileprivate mutating func takeScale(_ names: Set<Substring>) -> Bool {
    config = ["scale": .bool(names.contains("gamma")), "center": .bool(names.contains("beta"))]
    return names.isSubset(of: ["gamma", "beta"])
  }
}
