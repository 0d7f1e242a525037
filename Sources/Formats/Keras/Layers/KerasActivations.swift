import States

extension KerasLayerKind {
  /// Activations as layers of their own.
  static let activations = [
    KerasLayerKind(
      names: ["Activation"], output: passing,
      modules: { site throws(Missing) in try site.activation(named: site.layer.name) },
      program: { call throws(Missing) in try call.activated(call.input) }),
    KerasLayerKind(
      names: ["ReLU"], output: passing,
      twin: { site throws(Missing) in
        let maximum = site.layer.number("max_value")
        guard site.layer.number("negative_slope") ?? 0 == 0,
          site.layer.number("threshold") ?? 0 == 0, maximum == nil || maximum == 6
        else { throw site.missing("PyTorch's ReLU has no such bounds") }
        return ["module": maximum == 6 ? "ReLU6" : "ReLU"]
      }, program: { call throws(Missing) in try call.rectified() }),
    KerasLayerKind(
      names: ["LeakyReLU"], output: passing,
      twin: { site throws(Missing) in
        let slope = site.layer.number("negative_slope") ?? site.layer.number("alpha") ?? 0.3
        return ["module": "LeakyReLU", "negative_slope": .float(slope)]
      }, program: { call throws(Missing) in try call.leaky() }),
    KerasLayerKind(
      names: ["ELU"], output: passing,
      twin: { site throws(Missing) in
        ["module": "ELU", "alpha": .float(site.layer.number("alpha") ?? 1)]
      }, program: { call throws(Missing) in try call.exponential() }),
    KerasLayerKind(
      names: ["Softmax"], output: passing,
      twin: { site throws(Missing) in
        guard site.layer.config["axis"]?.intValue ?? -1 == -1 else {
          throw site.missing("it is over an axis that PyTorch's is not")
        }
        return .softmax(over: site.input)
      }, program: { call throws(Missing) in try call.softmax() }),
    KerasLayerKind(
      names: ["PReLU"],
      addVariables: { part in
        part.add("alpha", as: "alpha")
        part.keepUnconverted("the alpha of PReLU is not of PyTorch's shape")
        part.noteOrder()
      }, output: passing, program: { call throws(Missing) in try call.slopes() },
      infer: counted(1...1)),
  ]
}

extension KerasSite {
  /// The layer's twin under its name, and its activation after it.
  func twinAndActivation() throws(Missing) -> [(String, Value)] {
    [(layer.name, try layer.kind.twin(self))]
      + (try activation(named: "\(layer.name)_activation"))
  }

  /// The twin of the layer's activation: nothing, or one module.
  fileprivate func activation(
    named name: String
  ) throws(Missing) -> [(String, Value)] {
    guard let activation = layer.config["activation"], activation != .none,
      layer.activation != "linear"
    else { return [] }
    switch layer.activation {
    case "softmax": return [(name, .softmax(over: layer.kind.output(layer, input)))]
    case "leaky_relu": return [(name, ["module": "LeakyReLU", "negative_slope": 0.2])]
    case let other:
      guard let module = Self.activations[other] else {
        throw missing("the activation \(other) has no twin")
      }
      return [(name, ["module": .string(module)])]
    }
  }

  private static let activations = [
    "relu": "ReLU", "relu6": "ReLU6", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "ELU",
    "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "swish": "SiLU", "softplus": "Softplus",
    "softsign": "Softsign", "mish": "Mish", "hard_sigmoid": "Hardsigmoid",
    "hard_silu": "Hardswish", "hard_swish": "Hardswish",
  ]
}

extension Value {
  /// Over the channels, which the twin of an image has first.
  fileprivate static func softmax(over flow: KerasFlow) -> Value {
    ["module": "Softmax", "dim": flow.order == .channelsLast && !flow.isVector ? 1 : -1]
  }
}

extension KerasLayer {
  fileprivate func number(_ name: String) -> Double? { config[name]?.doubleValue }
}
