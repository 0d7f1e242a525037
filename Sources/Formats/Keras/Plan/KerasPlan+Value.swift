import Arrays
import OrderedCollections
import States

// What a checkpoint keeps of the Keras model that it came from, so that the way back is exact.
// What is read here may have been edited, so it is checked like everything from a file.

extension KerasPlan {
  /// The plan as a value of the checkpoint's origin.
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
    let areCopiesSound = self.variables.allSatisfy { variable in
      guard let original = variable.original else { return true }
      return self.variables.indices.contains(original)
        && self.variables[original].original == nil
    }
    guard isSound, areCopiesSound, self.variables.count == variables.count,
      self.mappings.count == mappings.count,
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
    members["original"] = original.map(Value.int)
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
    original = value["original"]?.intValue
    let lengths = value["shape"]?.elements
    shape = lengths?.compactMap(\.intValue)
    guard shape?.count == lengths?.count, shape?.allSatisfy({ $0 >= 0 }) ?? true else {
      return nil
    }
  }
}

extension KerasMapping {
  fileprivate var value: Value {
    var members: OrderedDictionary<Value.Key, Value> = [
      "variables": .list(variables.map(Value.int)), "tensors": .list(keys.map(Value.string)),
      "role": .string(role.rawValue), "convention": .string(transform.form.name),
      "arguments": .list(transform.form.arguments.map(Value.int)),
    ]
    if !orders.isEmpty { members["orders"] = .list(orders.map(\.value)) }
    return .dict(members)
  }

  fileprivate init?(_ value: Value) {
    guard let variables = value["variables"]?.elements?.compactMap(\.intValue),
      let keys = value["tensors"]?.elements?.compactMap(\.stringValue),
      let role = value["role"]?.stringValue.flatMap(StateDict.Role.init(rawValue:)),
      var name = value["convention"]?.stringValue,
      var arguments = value["arguments"]?.elements?.compactMap(\.intValue)
    else { return nil }
    let listed = value["orders"]?.elements ?? []
    var orders = listed.compactMap(Order.init)
    guard orders.count == listed.count else { return nil }
    // Before orders were told apart from transforms, `Flatten` had some of its own.
    if let base = Self.oldConventions[name], arguments.count > 1 {
      guard case .blocks(let blocks) = KerasArrangement.image(arguments) else { return nil }
      orders = [Order(axis: 0, blocks: blocks)]
      (name, arguments) = (base, [])
    }
    guard let transform = KerasTransform(name: name, arguments: arguments),
      keys.count == transform.form.tensorCount, transform.takesSeveral || variables.count == 1
    else { return nil }
    self.init(variables: variables, keys: keys, role: role, transform: transform)
    self.orders = orders
  }

  private static let oldConventions = [
    "flattened_kernel": "transpose", "flattened_vector": "identity",
  ]
}

extension KerasMapping.Order {
  fileprivate var value: Value {
    [
      "axis": .int(axis),
      "blocks": .list(
        blocks.map { block in
          [
            "lengths": .list(block.lengths.map(Value.int)),
            "order": .list(block.order.map(Value.int)),
          ]
        }),
    ]
  }

  fileprivate init?(_ value: Value) {
    guard let axis = value["axis"]?.intValue, (-8...8).contains(axis),
      let blocks = value["blocks"]?.elements, !blocks.isEmpty
    else { return nil }
    self.axis = axis
    self.blocks = blocks.compactMap { block in
      guard let lengths = block["lengths"]?.elements?.compactMap(\.intValue),
        let order = block["order"]?.elements?.compactMap(\.intValue), !lengths.isEmpty,
        lengths.allSatisfy({ (1...Int(Int32.max)).contains($0) }), lengths.count <= 16,
        order.sorted() == Array(lengths.indices), Shape(validating: lengths) != nil
      else { return nil }
      return KerasArrangement.Block(lengths: lengths, order: order)
    }
    let counts = self.blocks.map(\.count)
    guard counts.count == blocks.count, counts.count <= 1 << 16,
      counts.allSatisfy({ $0 <= Int(Int32.max) })
    else { return nil }
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
  /// How the metadata say it: the convention's name, what it has to know, and how many tensors of
  /// PyTorch it makes.
  fileprivate var form: (name: String, arguments: [Int], tensorCount: Int) {
    switch self {
    case .identity: ("identity", [], 1)
    case .transpose: ("transpose", [], 1)
    case .convolution: ("convolution", [], 1)
    case .depthwise(let multiplier): ("depthwise", [multiplier], 1)
    case .gatedKernel: ("gru_kernel", [], 1)
    case .recurrentBias: ("recurrent_bias", [], 2)
    case .gatedBias: ("gru_bias", [], 2)
    case .packedKernel(let gates): ("packed_kernel", [gates], 1)
    case .packedRecurrentKernel(let gates): ("packed_recurrent_kernel", [gates], 1)
    case .packedBias(let gates): ("packed_bias", [gates], 2)
    case .projections(let heads): ("attention_projections", [heads], 1)
    case .projectionBiases(let heads): ("attention_biases", [heads], 1)
    case .attentionOutput(let heads): ("attention_output", [heads], 1)
    }
  }

  /// Whether it joins several variables.
  var takesSeveral: Bool {
    switch self {
    case .projections, .projectionBiases: true
    default: false
    }
  }

  /// The convention of a name, nil if there is none with such arguments.
  init?(name: String, arguments: [Int]) {
    guard arguments.allSatisfy({ (1...Int(Int32.max)).contains($0) }),
      Shape(validating: arguments) != nil
    else { return nil }
    let first = arguments.first ?? 1
    let candidates: [KerasTransform] = [
      .identity, .transpose, .convolution, .depthwise(multiplier: first), .gatedKernel,
      .recurrentBias, .gatedBias, .projections(heads: first), .projectionBiases(heads: first),
      .attentionOutput(heads: first), .packedKernel(gates: first),
      .packedRecurrentKernel(gates: first), .packedBias(gates: first),
    ]
    let match = candidates.first { $0.form.name == name && $0.form.arguments == arguments }
    guard let match else { return nil }
    self = match
  }
}
