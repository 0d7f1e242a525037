import OrderedCollections
import States

// What a checkpoint keeps of the Keras model that it came from, so that the way back is exact.
// What is read here may have been edited, so it is checked like everything from a file.

extension KerasPlan {
  /// The plan as a value of the checkpoint's metadata.
  var value: Value {
    [
      "variables": .list(variables.map(\.value)), "mappings": .list(mappings.map(\.value)),
      "constants": .list(constants.map(\.value)), "hyperparameters": .dict(hyperparameters),
    ]
  }

  /// The plan that a value stands for, nil if it is of another form or contradicts itself.
  init?(_ value: Value) {
    guard let variables = value["variables"]?.elements?.map(KerasVariable.init),
      let mappings = value["mappings"]?.elements?.map(KerasMapping.init),
      let constants = value["constants"]?.elements?.map(KerasConstant.init)
    else { return nil }
    self.variables = variables.compactMap(\.self)
    self.mappings = mappings.compactMap(\.self)
    self.constants = constants.compactMap(\.self)
    hyperparameters = value["hyperparameters"]?.dictionary ?? [:]
    let isSound = self.mappings.allSatisfy { mapping in
      !mapping.variables.isEmpty && mapping.variables.allSatisfy(self.variables.indices.contains)
    }
    guard isSound, self.variables.count == variables.count, self.mappings.count == mappings.count,
      self.constants.count == constants.count
    else { return nil }
  }
}

extension KerasVariable {
  fileprivate var value: Value {
    var members: OrderedDictionary<Value.Key, Value> = [
      "path": .string(path), "trainable": .bool(isTrainable),
    ]
    members["place"] = place.map(Value.string)
    members["layer"] = layer.map(Value.string)
    members["name"] = weightName.map(Value.string)
    members["dtype"] = dtype.map(Value.string)
    members["shape"] = shape.map { .list($0.map(Value.int)) }
    return .dict(members)
  }

  fileprivate init?(_ value: Value) {
    guard let path = value["path"]?.stringValue,
      let isTrainable = value["trainable"]?.boolValue
    else { return nil }
    self.path = path
    self.isTrainable = isTrainable
    place = value["place"]?.stringValue
    layer = value["layer"]?.stringValue
    weightName = value["name"]?.stringValue
    dtype = value["dtype"]?.stringValue
    let lengths = value["shape"]?.elements
    shape = lengths?.compactMap(\.intValue)
    guard shape?.count == lengths?.count, shape?.allSatisfy({ $0 >= 0 }) ?? true else {
      return nil
    }
  }
}

extension KerasMapping {
  fileprivate var value: Value {
    [
      "variables": .list(variables.map(Value.int)), "tensors": .list(keys.map(Value.string)),
      "role": .string(role.rawValue), "convention": .string(transform.name),
      "arguments": .list(transform.arguments.map(Value.int)),
    ]
  }

  fileprivate init?(_ value: Value) {
    guard let variables = value["variables"]?.elements?.compactMap(\.intValue),
      let keys = value["tensors"]?.elements?.compactMap(\.stringValue),
      let role = value["role"]?.stringValue.flatMap(StateDict.Role.init(rawValue:)),
      let name = value["convention"]?.stringValue,
      let arguments = value["arguments"]?.elements?.compactMap(\.intValue),
      let transform = KerasTransform(name: name, arguments: arguments),
      keys.count == transform.tensorCount, transform.takesSeveral || variables.count == 1
    else { return nil }
    self.init(variables: variables, keys: keys, role: role, transform: transform)
  }
}

extension KerasConstant {
  fileprivate var value: Value {
    [
      "tensor": .string(key), "content": .string(content.rawValue),
      "role": .string(role.rawValue), "mapping": .int(mapping),
    ]
  }

  fileprivate init?(_ value: Value) {
    guard let key = value["tensor"]?.stringValue,
      let content = value["content"]?.stringValue.flatMap(Content.init(rawValue:)),
      let role = value["role"]?.stringValue.flatMap(StateDict.Role.init(rawValue:)),
      let mapping = value["mapping"]?.intValue
    else { return nil }
    self.init(key: key, content: content, role: role, mapping: mapping)
  }
}

extension KerasTransform {
  /// The convention's name in the metadata.
  var name: String {
    switch self {
    case .identity: "identity"
    case .transpose: "transpose"
    case .flattenedKernel: "flattened_kernel"
    case .flattenedVector: "flattened_vector"
    case .convolution: "convolution"
    case .depthwise: "depthwise"
    case .gatedKernel: "gru_kernel"
    case .recurrentBias: "recurrent_bias"
    case .gatedBias: "gru_bias"
    case .projections: "attention_projections"
    case .projectionBiases: "attention_biases"
    case .attentionOutput: "attention_output"
    }
  }

  /// What the convention has to know.
  var arguments: [Int] {
    switch self {
    case .flattenedKernel(let lengths), .flattenedVector(let lengths): lengths
    case .depthwise(let multiplier): [multiplier]
    case .projections(let heads), .projectionBiases(let heads), .attentionOutput(let heads):
      [heads]
    default: []
    }
  }

  /// How many tensors of PyTorch it makes.
  var tensorCount: Int {
    switch self {
    case .recurrentBias, .gatedBias: 2
    default: 1
    }
  }

  /// Whether it joins several variables.
  var takesSeveral: Bool {
    switch self {
    case .projections, .projectionBiases: true
    default: false
    }
  }

  init?(name: String, arguments: [Int]) {
    guard arguments.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else { return nil }
    let isSound =
      arguments.reduce((1, false)) { product, length in
        let (result, overflow) = product.0.multipliedReportingOverflow(by: length)
        return (result, product.1 || overflow)
      }.1 == false
    switch (name, arguments.count) {
    case ("identity", 0): self = .identity
    case ("transpose", 0): self = .transpose
    case ("flattened_kernel", 2...) where isSound: self = .flattenedKernel(arguments)
    case ("flattened_vector", 2...) where isSound: self = .flattenedVector(arguments)
    case ("convolution", 0): self = .convolution
    case ("depthwise", 1): self = .depthwise(multiplier: arguments[0])
    case ("gru_kernel", 0): self = .gatedKernel
    case ("recurrent_bias", 0): self = .recurrentBias
    case ("gru_bias", 0): self = .gatedBias
    case ("attention_projections", 1): self = .projections(heads: arguments[0])
    case ("attention_biases", 1): self = .projectionBiases(heads: arguments[0])
    case ("attention_output", 1): self = .attentionOutput(heads: arguments[0])
    default: return nil
    }
  }
}
