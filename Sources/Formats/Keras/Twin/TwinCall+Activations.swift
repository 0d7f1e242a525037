import States

extension TwinCall {
  /// What the layer's activation makes of a value.
  func activated(_ value: TwinValue) throws(Missing) -> TwinValue {
    var value = value
    switch layer.config["activation"] {
    case nil, .some(.none): return value
    case .string(let name)?:
      let old = isOld.map { $0 ? "old" : "new" } ?? "unknown"
      if name == "softmax" || name == "log_softmax" {
        value.code = "F.\(name)(\(value.code), dim=\(value.dimension(value.rank - 1)))"
      } else if let function = Self.functions["\(name) \(old)"] ?? Self.functions[name] {
        value.code = function(value.code)
      } else if name != "linear" {
        throw missing("the activation \(PythonText.literal(name)) cannot be said in PyTorch")
      }
      return value
    default: throw missing("its activation is a program")
    }
  }

  private typealias Function = @Sendable (String) -> String

  private static func named(_ name: String) -> Function { { "\(name)(\($0))" } }

  /// Keras's activations. The names of Keras 2 stand for other functions where they say so.
  private static let functions: [String: Function] = [
    "relu": named("F.relu"), "relu6": named("F.relu6"), "sigmoid": named("torch.sigmoid"),
    "tanh": named("torch.tanh"), "elu": named("F.elu"), "selu": named("F.selu"),
    "celu": named("F.celu"), "gelu": named("F.gelu"), "silu": named("F.silu"),
    "swish": named("F.silu"), "softplus": named("F.softplus"), "softsign": named("F.softsign"),
    "mish": named("F.mish"), "exponential": named("torch.exp"),
    "log_sigmoid": named("F.logsigmoid"), "hard_tanh": named("F.hardtanh"),
    "tanh_shrink": named("F.tanhshrink"), "soft_shrink": named("F.softshrink"),
    "hard_shrink": named("F.hardshrink"), "hard_sigmoid new": named("F.hardsigmoid"),
    "hard_sigmoid old": { "(0.2 * \($0) + 0.5).clamp(0.0, 1.0)" },
    "hard_silu": named("F.hardswish"), "hard_swish": named("F.hardswish"),
    "leaky_relu": { "F.leaky_relu(\($0), 0.2)" },
  ]

  private func number(_ name: String) throws(Missing) -> String? {
    guard let value = layer.config[name], value != .none else { return nil }
    // TF-Keras writes an array of NumPy's.
    let number = value.doubleValue ?? value["config"]?["value"]?.doubleValue
    guard let text = number.flatMap(PythonText.literal) else {
      throw missing("its \(name) is no number")
    }
    return text
  }

  /// A rectifier.
  mutating func rectified() throws(Missing) -> TwinValue {
    var value = try input
    let maximum = try number("max_value")
    let slope = try number("negative_slope") ?? "0.0"
    let threshold = try number("threshold")
    guard threshold == nil || threshold == "0.0", maximum == nil || slope == "0.0" else {
      throw missing("PyTorch's ReLU has no such bounds")
    }
    if let maximum {
      value.code = "\(value.code).clamp(0.0, \(maximum))"
    } else {
      value.code =
        slope == "0.0" ? "F.relu(\(value.code))" : "F.leaky_relu(\(value.code), \(slope))"
    }
    return value
  }

  /// A rectifier that lets a part of what is negative pass.
  mutating func leaky() throws(Missing) -> TwinValue {
    var value = try input
    let (slope, alpha) = (try number("negative_slope"), try number("alpha"))
    value.code = "F.leaky_relu(\(value.code), \(slope ?? alpha ?? "0.3"))"
    return value
  }

  /// An exponential unit.
  mutating func exponential() throws(Missing) -> TwinValue {
    var value = try input
    value.code = "F.elu(\(value.code), \(try number("alpha") ?? "1.0"))"
    return value
  }

  /// Probabilities along an axis.
  mutating func softmax() throws(Missing) -> TwinValue {
    var value = try unmasked
    let given = layer.config["axis"]?.elements?.first?.intValue ?? layer.config["axis"]?.intValue
    guard (layer.config["axis"]?.elements?.count ?? 1) == 1 else {
      throw missing("it is over several axes")
    }
    let axis = given ?? -1
    let index = axis < 0 ? value.rank + axis : axis - 1
    guard (0..<value.rank).contains(index) else { throw missing("it has no axis \(axis)") }
    value.code = "F.softmax(\(value.code), dim=\(value.dimension(index)))"
    return value
  }

  /// A slope for each element.
  mutating func slopes() throws(Missing) -> TwinValue {
    var value = try input.inKerasAxes()
    guard let shape = site.shape("alpha"), shape.count == value.rank else {
      throw missing("its alpha is not of the shape of its input")
    }
    let module = try define("KerasPReLU(\(PythonText.tuple(shape)))", tensors: ["alpha"])
    value.code = "\(module)(\(value.code))"
    return value
  }

  /// A factor, and what is added.
  mutating func rescaled() throws(Missing) -> TwinValue {
    var value = try input
    guard let scale = try number("scale") else { throw missing("its scale is not known") }
    value.code = "\(value.code) * \(scale)"
    if let offset = try number("offset"), offset != "0.0" { value.code += " + \(offset)" }
    return value
  }

  /// Vectors of length one.
  mutating func normalizedToUnit() throws(Missing) -> TwinValue {
    var value = try input
    let axis = layer.config["axis"]?.elements?.first?.intValue ?? layer.config["axis"]?.intValue
    guard (layer.config["axis"]?.elements?.count ?? 1) == 1,
      axis ?? -1 == -1 || axis == value.rank
    else { throw missing("it is over other axes than the last") }
    let dimension = value.dimension(value.rank - 1)
    value.code = "F.normalize(\(value.code), dim=\(dimension), eps=1e-6)"
    return value
  }

  /// What changes values at random while a model learns.
  mutating func dropped(_ function: String, by name: String = "rate") throws(Missing) -> TwinValue {
    var value = try input
    guard let rate = layer.config[name]?.doubleValue, (0..<1).contains(rate),
      let text = PythonText.literal(rate)
    else { throw missing("its \(name) is no number from 0 to 1") }
    let shape = layer.config["noise_shape"]
    guard shape == nil || shape == .some(.none) else {
      throw missing("PyTorch's dropout has no shape of its own")
    }
    value.code = "F.\(function)(\(value.code), \(text), self.training)"
    return value
  }

  /// The same for whole channels.
  mutating func droppedChannels(_ rank: Int) throws(Missing) -> TwinValue {
    guard try input.rank == rank + 1 else { throw missing("its input is of another rank") }
    inputs[0] = try channels()
    return try dropped("dropout\(rank)d")
  }

  /// Numbers with noise, added or multiplied, while a model learns.
  mutating func disturbed(isFactor: Bool = false) throws(Missing) -> TwinValue {
    let value = assigned(try input)
    let given = layer.config[isFactor ? "rate" : "stddev"]?.doubleValue
    guard let given, given >= 0, !isFactor || given < 1,
      let text = PythonText.literal(isFactor ? (given / (1 - given)).squareRoot() : given)
    else { throw missing("the size of its noise is not known") }
    let noise = "\(text) * torch.randn_like(\(value.code))"
    var result = value
    result.code =
      isFactor
      ? "(\(value.code) * (1 + \(noise)) if self.training else \(value.code))"
      : "(\(value.code) + \(noise) if self.training else \(value.code))"
    return result
  }
}
