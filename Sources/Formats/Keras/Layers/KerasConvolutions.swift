import States

extension KerasLayerKind {
  /// Convolutions, also of each channel by itself.
  static let convolutions = [
    convolution("Conv1D", "Convolution1D", rank: 1),
    convolution("Conv2D", "Convolution2D", rank: 2),
    convolution("Conv3D", "Convolution3D", rank: 3),
    transposed("Conv1DTranspose", rank: 1),
    transposed("Conv2DTranspose", "Convolution2DTranspose", rank: 2),
    transposed("Conv3DTranspose", rank: 3),
    depthwise("DepthwiseConv1D", rank: 1),
    depthwise("DepthwiseConv2D", rank: 2),
    separable("SeparableConv1D", "SeparableConvolution1D", rank: 1),
    separable("SeparableConv2D", "SeparableConvolution2D", rank: 2),
  ]

  private static let addKernel: Variables = { part in
    part.add("kernel", as: "weight", by: .convolution, orders: [part.inputChannels])
    part.addBias()
  }

  private static func convolution(_ names: String..., rank: Int) -> KerasLayerKind {
    KerasLayerKind(
      names: names, window: .init(rank: rank),
      addVariables: addKernel, output: KerasWindow.output,
      twin: { site throws(Missing) in
        try site.convolution(try site.window(), groups: site.layer.length("groups") ?? 1)
      },
      program: { call throws(Missing) in
        try call.convolution(groups: call.layer.length("groups") ?? 1)
      }, infer: counted(1...2),
      recognise: { layer, weights in
        let found = weights.convolution(layer.name)
        return found?.kind == .plain && found?.kernel.count == rank + 2
      })
  }

  private static func transposed(_ names: String..., rank: Int) -> KerasLayerKind {
    KerasLayerKind(
      names: names,
      window: .init(rank: rank, isTransposed: true),
      addVariables: { part in
        // Its kernel has the outputs before the inputs.
        part.add("kernel", as: "weight", by: .convolution, orders: [part.channels(axis: -1)])
        part.addBias()
      }, output: KerasWindow.output,
      twin: { site throws(Missing) in
        let window = try site.window()
        guard window.padding == "valid", zip(window.size, window.strides).allSatisfy(>=),
          window.dilation.allSatisfy({ $0 == 1 }),
          case nil = site.layer.config["output_padding"]?.intValue,
          let inputs = site.length("weight", 0), let outputs = site.length("weight", 1)
        else { throw site.missing("PyTorch has no such padding") }
        return [
          "module": .string("ConvTranspose" + window.suffix), "in_channels": .int(inputs),
          "out_channels": .int(outputs), "kernel_size": KerasWindow.argument(window.size),
          "stride": KerasWindow.argument(window.strides), "bias": site.has("bias"),
        ]
      }, program: { call throws(Missing) in try call.transposedConvolution() },
      infer: counted(1...2),
      recognise: { layer, weights in
        let found = weights.convolution(layer.name)
        return found?.kind == .transposed && found?.kernel.count == rank + 2
      })
  }

  private static func depthwise(_ names: String..., rank: Int) -> KerasLayerKind {
    KerasLayerKind(
      names: names, window: .init(rank: rank, isDepthwise: true),
      addVariables: { part in
        part.add(
          "kernel", as: "weight", by: .depthwise(multiplier: part.layer.multiplier),
          orders: [part.ownChannels])
        part.addBias(orders: [part.ownChannels])
      },
      output: { layer, input in
        let flow = KerasWindow.output(layer, input)
        // Each channel stays itself.
        return input.features == .plain ? flow : .unknown("the order of its channels is not known")
      },
      twin: { site throws(Missing) in
        try site.convolution(try site.window(), groups: site.groups(of: "weight"))
      }, program: { call throws(Missing) in try call.convolution(groups: nil) },
      infer: { layer, group in
        layer.takeDepthwise(group.shape("vars/0"), hasBias: group.count > 1)
        return (1...2).contains(group.count)
      },
      recognise: { layer, weights in
        let found = weights.convolution(layer.name)
        layer.takeDepthwise(found?.kernel, hasBias: weights.hasBias)
        return found?.kind == .depthwise && found?.kernel.count == rank + 2
      })
  }

  private static func separable(_ names: String..., rank: Int) -> KerasLayerKind {
    KerasLayerKind(
      names: names, window: .init(rank: rank),
      addVariables: { part in
        let depthwise = KerasTransform.depthwise(multiplier: part.layer.multiplier)
        part.add(
          "depthwise_kernel", as: "depthwise.weight", by: depthwise, orders: [part.ownChannels])
        part.add(
          "pointwise_kernel", as: "pointwise.weight", by: .convolution,
          orders: [part.ownChannels])
        part.addBias(as: "pointwise.bias")
      }, output: KerasWindow.output,
      twin: { site throws(Missing) in
        let window = try site.window()
        let depthwise = try site.convolution(
          window, weight: "depthwise.weight", groups: site.groups(of: "depthwise.weight"))
        guard let inputs = site.length("pointwise.weight", 1),
          let channels = site.length("pointwise.weight", 0)
        else { throw site.missing() }
        let pointwise: Value = [
          "module": .string("Conv" + window.suffix), "in_channels": .int(inputs),
          "out_channels": .int(channels), "kernel_size": 1, "bias": site.has("pointwise.bias"),
        ]
        return [
          "module": "Sequential", "children": ["depthwise": depthwise, "pointwise": pointwise],
        ]
      }, program: { call throws(Missing) in try call.separable() },
      infer: { layer, group in
        layer.takeDepthwise(group.shape("vars/0"), hasBias: group.count > 2)
        return (2...3).contains(group.count)
      },
      recognise: { layer, weights in
        let kernel = weights.only("depthwise_kernel", "pointwise_kernel")?.first
        layer.takeDepthwise(kernel, hasBias: weights.hasBias)
        return kernel?.count == rank + 2
      })
  }
}

extension KerasPart {
  /// The order of the channels that a convolution takes, along an axis of its kernel.
  fileprivate func channels(axis: Int) -> Order {
    let taken = layer.hasChannelsFirst ? input.withChannelsFirst : input
    if case .opaque(let reason) = taken.order {
      return Order(axis: axis, features: .unknown(reason))
    }
    // Of an image with its channels first they are not along the last axis.
    if layer.hasChannelsFirst || (layer.length("groups") ?? 1) > 1, taken.features != .plain {
      return Order(
        axis: axis,
        features: .unknown(taken.features.reason ?? "its channels are in another order in PyTorch"))
    }
    return Order(axis: axis, features: taken.features)
  }

  fileprivate var inputChannels: Order { channels(axis: -2) }

  /// The same where each channel has weights of its own, which are not moved.
  fileprivate var ownChannels: Order {
    let order = channels(axis: 0)
    guard order.features != .plain, order.features.reason == nil else { return order }
    return Order(
      axis: 0, features: .unknown("its channels are in another order in PyTorch"))
  }
}

extension KerasLayer {
  /// The outputs for each channel of a depthwise convolution.
  fileprivate var multiplier: Int { config["depth_multiplier"]?.intValue ?? 1 }

  /// Takes the arguments of a depthwise convolution that its weights show.
  fileprivate mutating func takeDepthwise(_ kernel: [Int]?, hasBias: Bool) {
    config = ["use_bias": .bool(hasBias), "depth_multiplier": .int(kernel?.last ?? 1)]
  }
}

extension KerasWeightTree {
  fileprivate enum Convolution { case plain, depthwise, transposed }

  /// The kernel of a convolution, and which one the bias says that it is: kernels are of lengths
  /// `(k…, a, b)`, of which a plain one has `b` outputs, a transposed one `a`, and a depthwise one
  /// `a · b`. Without a bias, only TF-Keras gives the last a name of its own.
  fileprivate func convolution(_ name: String) -> (kind: Convolution, kernel: [Int])? {
    if let shapes = only("depthwise_kernel") { return (.depthwise, shapes[0]) }
    guard let kernel = kernel(of: name), kernel.count > 2 else { return nil }
    guard let bias = shapes["bias"] else {
      return (name.contains("depthwise") ? .depthwise : .plain, kernel)
    }
    let (inputs, outputs) = (kernel[kernel.count - 2], kernel[kernel.count - 1])
    let (product, overflow) = inputs.multipliedReportingOverflow(by: outputs)
    if bias == [outputs] { return (.plain, kernel) }
    if bias == [product], !overflow { return (.depthwise, kernel) }
    return bias == [inputs] ? (.transposed, kernel) : nil
  }
}

extension KerasSite {
  /// The groups of the twin of a depthwise convolution: the channels of its input.
  fileprivate func groups(of weight: String) -> Int {
    (length(weight, 0) ?? 0) / max(layer.multiplier, 1)
  }

  /// The twin of a convolution.
  fileprivate func convolution(
    _ window: KerasWindow, weight: String = "weight", groups: Int
  ) throws(Missing) -> Value {
    guard let outputs = length(weight, 0), let inputs = length(weight, 1), groups > 0,
      inputs <= Int(Int32.max), groups <= Int(Int32.max)
    else { throw missing("its weights are not those of a convolution") }
    var padding: Value = "same"
    if window.padding != "same" || window.strides.contains(where: { $0 > 1 }) {
      guard let zeros = window.padding(input) else { throw missing("PyTorch pads both ends alike") }
      padding = KerasWindow.argument(zeros)
    }
    return [
      "module": .string("Conv" + window.suffix), "in_channels": .int(inputs * groups),
      "out_channels": .int(outputs), "kernel_size": KerasWindow.argument(window.size),
      "stride": KerasWindow.argument(window.strides), "padding": padding,
      "dilation": KerasWindow.argument(window.dilation), "groups": .int(groups),
      "bias": has("bias"),
    ]
  }
}
