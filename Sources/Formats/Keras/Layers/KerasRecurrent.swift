import States

extension KerasLayerKind {
  /// Recurrent layers, and what runs them in both directions.
  static let recurrent = directions + [bidirectional]

  /// What runs in one direction, by the gates of its cell.
  private static let directions = cells + [packed("CuDNNLSTM", "LSTM"), packed("CuDNNGRU", "GRU")]

  private static let cells = [
    recurrent("LSTM", gateCount: 4, twin: "LSTM"), recurrent("GRU", gateCount: 3, twin: "GRU"),
    recurrent("SimpleRNN", gateCount: 1, twin: "RNN", activations: ["tanh", "relu"]),
  ]

  /// A recurrent class.
  ///
  /// PyTorch has two biases where Keras has one, or, of a GRU, one with two rows.
  ///
  /// - Parameter activations: Those that the twin has.
  private static func recurrent(
    _ className: String, gateCount: Int, twin: String, activations: [String] = ["tanh"]
  ) -> KerasLayerKind {
    let isGRU = gateCount == 3
    return KerasLayerKind(
      names: [className],
      addVariables: { part in
        let layer = part.layer
        let path = KerasLayer.snakeCase(className + "Cell")
        let kernel: KerasTransform = isGRU ? .gatedKernel : .transpose
        part.add(
          "kernel", in: "cell", path, as: "weight_ih_l0", by: kernel,
          orders: [.init(axis: 0, features: part.input.features)])
        part.add("recurrent_kernel", in: "cell", path, as: "weight_hh_l0", by: kernel)
        if layer.hasBias {
          part.add(
            "bias", in: "cell", path, as: "bias_ih_l0", "bias_hh_l0",
            by: isGRU ? .gatedBias : .recurrentBias)
        }
        if isGRU, !layer.flag("reset_after", default: true) {
          part.keepUnconverted("a GRU with reset_after=False has no twin in PyTorch")
        } else if layer.config["activation"] != nil, !activations.contains(layer.activation) {
          part.keepUnconverted("PyTorch's \(className) has no activation \(layer.activation)")
        } else if gateCount > 1, let gate = layer.config["recurrent_activation"],
          gate != "sigmoid"
        {
          part.keepUnconverted(
            "PyTorch's \(className) has no recurrent activation \(gate.stringValue ?? "of its own")"
          )
        }
      },
      output: { layer, input in
        let steps = layer.flag("return_sequences", default: false) ? input.shape?.first : nil
        return KerasFlow(
          shape: (steps.map { [$0] } ?? []) + [layer.length("units")], order: .features)
      },
      // The twin applies its activations itself.
      modules: { site throws(Missing) in
        let layer = site.layer
        guard let hidden = site.length("weight_hh_l0", 1),
          let inputs = site.length("weight_ih_l0", 1), site.input.order == .features,
          site.input.features.reason == nil,
          !layer.flag("go_backwards", default: false)
        else { throw site.missing("PyTorch has no such layer") }
        guard layer.flag("return_sequences", default: false) else {
          throw site.missing("it gives its last step only, and PyTorch's gives all")
        }
        let module: Value = [
          "module": .string(twin), "input_size": .int(inputs), "hidden_size": .int(hidden),
          "batch_first": true, "bias": site.has("bias_ih_l0"),
        ]
        let isGiven = activations.count > 1 && layer.config["activation"] != nil
        return [
          (layer.name, isGiven ? module.adding("nonlinearity", .string(layer.activation)) : module)
        ]
      },
      program: { call throws(Missing) in
        try call.recurrent(twin, activations: Set(activations))
      },
      infer: { layer, group in
        let cell = group.part("cell")
        layer.config = [
          "use_bias": .bool(cell.count > 2),
          "reset_after": .bool(cell.shape("vars/2")?.count != 1),
        ]
        return group.count == 0 && (2...3).contains(cell.count)
      },
      recognise: { layer, weights in
        guard let cell = weights.onlyChild, cell.children.isEmpty,
          let kernel = cell.shapes["kernel"], let recurrent = cell.shapes["recurrent_kernel"],
          kernel.count == 2, recurrent.count == 2, kernel[1] == recurrent[1], recurrent[0] > 0
        else { return false }
        layer.config = [
          "use_bias": .bool(cell.hasBias),
          "reset_after": .bool(cell.shapes["bias"]?.count != 1),
        ]
        let (outputs, overflow) = recurrent[0].multipliedReportingOverflow(by: gateCount)
        return !overflow && recurrent[1] == outputs
      })
  }

  /// A class of TF-Keras whose weights are those of a library of NVIDIA's: PyTorch's own but for the order of
  /// a GRU's gates.
  private static func packed(_ className: String, _ twin: String) -> KerasLayerKind {
    let plain = cells.first { $0.className == twin }
    let gates = twin == "GRU" ? 3 : 4
    return KerasLayerKind(
      names: [className],
      addVariables: { part in
        let orders = [KerasPart.Order(axis: 0, features: part.input.features.orUnknown)]
        part.add("kernel", as: "weight_ih_l0", by: .packedKernel(gates: gates), orders: orders)
        part.add(
          "recurrent_kernel", as: "weight_hh_l0", by: .packedRecurrentKernel(gates: gates))
        part.add("bias", as: "bias_ih_l0", "bias_hh_l0", by: .packedBias(gates: gates))
      },
      output: { layer, input in plain?.output(layer, input) ?? input },
      modules: { site throws(Missing) in try plain?.modules(site) ?? [] },
      program: { call throws(Missing) in
        try call.recurrent(twin, activations: [])
      },
      infer: { _, group in group.count == 3 })
  }

  private static let bidirectional = KerasLayerKind(
    names: ["Bidirectional"],
    addVariables: { part in
      guard let forward = part.layer.part("layer"), forward.isDirection else { return }
      let isNamed = forward.name.hasPrefix("forward_")
      let name = isNamed ? String(forward.name.dropFirst("forward_".count)) : forward.name
      var backward = forward
      backward.name = "backward_" + name
      backward = part.layer.part("backward_layer") ?? backward
      part.add(forward, in: "forward_layer", "forward_" + name, input: part.input)
      part.add(
        backward, in: "backward_layer", backward.name, suffix: "_reverse", input: part.input)
      // The twins of both directions are one module; if one has none, neither is converted.
      if backward.kind.className != forward.kind.className {
        part.keepUnconverted("its directions are of different classes")
      } else if let reason = part.untwinnedReason {
        part.keepUnconverted(reason)
      }
    },
    output: { layer, input in
      guard let inner = layer.part("layer"), inner.isDirection else {
        return .unknown("what \(layer.name) makes is not known")
      }
      var flow = inner.kind.output(inner, input)
      if layer.joinsDirections {
        flow.shape = flow.shape.map { $0.dropLast() + [inner.length("units").map { 2 * $0 }] }
      }
      return flow
    },
    modules: { site throws(Missing) in
      guard let inner = site.layer.part("layer"), inner.isDirection, site.layer.joinsDirections
      else { throw site.missing("it does not join its directions") }
      return try inner.kind.modules(site.with(inner)).map { _, module in
        (site.layer.name, module.adding("bidirectional", true))
      }
    },
    program: { call throws(Missing) in
      guard let inner = call.layer.part("layer"),
        let (twin, activations) = twins[inner.kind.className]
      else { throw call.missing("what it runs in both directions has no twin") }
      return try call.bidirectional(twin, inner, activations: activations)
    },
    infer: { layer, group in
      for (attribute, name) in [("layer", "forward_layer"), ("backward_layer", "backward_layer")] {
        let part = group.part(name)
        let cell = part.part("cell").name ?? ""
        guard let kind = directions.first(where: { cell.hasPrefix($0.snakeName) }) else {
          return false
        }
        var inner = KerasLayer(kind, name: part.name ?? name)
        guard kind.infer(&inner, part) else { return false }
        layer.parts.append((attribute, inner))
      }
      return group.count == 0
    },
    recognise: { layer, weights in
      guard weights.shapes.isEmpty, weights.children.count == 2 else { return false }
      for (attribute, prefix) in [("layer", "forward_"), ("backward_layer", "backward_")] {
        let child = weights.children.elements.first { $0.key.hasPrefix(prefix) }
        guard let inner = child.flatMap({ $0.value.layer(String($0.key)) }), inner.isDirection
        else {
          return false
        }
        layer.parts.append((attribute, inner))
      }
      return true
    })

  /// PyTorch's class of each class that runs in one direction, and the activations that it has.
  private static let twins: [String: (String, Set<String>)] = [
    "LSTM": ("LSTM", ["tanh"]), "GRU": ("GRU", ["tanh"]), "SimpleRNN": ("RNN", ["tanh", "relu"]),
    "CuDNNLSTM": ("LSTM", []), "CuDNNGRU": ("GRU", []),
  ]

  fileprivate static let directionNames = Set(directions.map(\.className))
}

extension KerasLayer {
  /// Whether it is a recurrent layer that runs in one direction.
  fileprivate var isDirection: Bool { KerasLayerKind.directionNames.contains(kind.className) }

  /// Whether the outputs of both directions stand beside each other.
  fileprivate var joinsDirections: Bool { config["merge_mode"]?.stringValue == "concat" }
}

extension KerasArrangement {
  /// The same, where features in another order cannot be moved: that would be told as not known.
  fileprivate var orUnknown: KerasArrangement {
    self == .plain || reason != nil ? self : .unknown("its inputs are in another order in PyTorch")
  }
}

extension Value {
  /// A dictionary with one more member.
  fileprivate func adding(_ name: String, _ value: Value) -> Value {
    var members = dictionary ?? [:]
    members[.string(name)] = value
    return .dict(members)
  }
}
