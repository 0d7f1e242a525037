import Arrays
import Checkpoints

/// Tensors and other values of PyTorch made from arguments.
extension PickleMachine {
  func constructTorch(
    _ constructor: PickleGlobal.Constructor, _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue? {
    switch constructor {
    case .device:
      guard let kind = arguments.first?.stringValue else { return nil }
      let index = arguments.count > 1 ? arguments[1].intValue : nil
      let name = index.map { "\(kind):\($0)" } ?? kind
      return .instance(try adopt(PickleInstance(type: "torch.device", arguments: [.string(name)])))
    case .layout:
      guard let name = arguments.first?.stringValue else { return nil }
      return .instance(try adopt(PickleInstance(type: "torch.layout", arguments: [.string(name)])))
    case .tensorV1: return try tensor(arguments, gradient: nil, dtype: nil, metadata: nil)
    case .tensorV2: return try tensor(arguments, gradient: 4, dtype: nil, metadata: 6)
    case .tensorV3: return try tensor(arguments, gradient: 4, dtype: 6, metadata: 7)
    case .parameter:
      guard arguments.count >= 2, let gradient = arguments[1].boolValue else { return nil }
      // A pickled NumPy array in a Parameter does not occur; a quantised one was refused.
      guard case .tensor(let data) = arguments[0] else { return nil }
      let parameter = try adopt(data.asParameter(requiresGradient: gradient))
      if arguments.count > 3 { parameter.addAttributes(arguments[3]) }
      return .tensor(parameter)
    case .fromType: return try tensorWithAttributes(arguments)
    case .metaTensor:
      guard arguments.count >= 3, let dtype = dtype(arguments[0]), let shape = arguments[1].ints,
        let strides = arguments[2].ints
      else { return nil }
      return .tensor(
        try adopt(
          PickleTensor(storage: nil, dtype: dtype, offset: 0, shape: shape, strides: strides)))
    case .tensorFromNumPy:
      guard case .numpyArray? = arguments.first else { return nil }
      return arguments.first
    default: return nil
    }
  }

  private func dtype(_ value: PickleValue) -> DType? {
    guard case .global(let global) = value, case .dtype(let dtype) = global.meaning else {
      return nil
    }
    return dtype
  }

  /// A tensor from a storage, an offset, a shape, strides and, at the positions given, whether it
  /// requires a gradient, its type and what else is known of it.
  private func tensor(
    _ arguments: [PickleValue], gradient: Int?, dtype dtypePosition: Int?, metadata: Int?
  ) throws(CheckpointError) -> PickleValue? {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      let offset = arguments[1].intValue, let shape = lengths(arguments[2]),
      let strides = arguments[3].ints
    else { return nil }
    let type: DType
    if let dtypePosition {
      guard arguments.count > dtypePosition else { return nil }
      guard let given = dtype(arguments[dtypePosition]) else {
        let what = "a tensor of \(arguments[dtypePosition].kind)"
        return try unread(
          UnreadTensor(
            reason: "it holds \(what), which is not a type that is read",
            advice: "Convert it to another type in Python and save the checkpoint again.",
            what: what),
          type: "torch.Tensor")
      }
      type = given
    } else if let stored = storage.dtype {
      type = stored
    } else {
      return nil
    }
    let requiresGradient = gradient.flatMap { $0 < arguments.count ? arguments[$0].boolValue : nil }
    let tensor = try adopt(
      PickleTensor(
        storage: storage, dtype: type, offset: offset, shape: shape, strides: strides,
        requiresGradient: requiresGradient ?? false))
    if let metadata, metadata < arguments.count, let facts = arguments[metadata].dict {
      tensor.isConjugate = facts["conj"]?.boolValue ?? false
      tensor.isNegative = facts["neg"]?.boolValue ?? false
    }
    return .tensor(tensor)
  }

  /// The lengths of a shape, which may be a `torch.Size`.
  func lengths(_ value: PickleValue) -> [Int]? {
    guard case .instance(let size) = value, size.type == "torch.Size" else { return value.ints }
    return size.arguments.first?.ints
  }

  /// A tensor of a class that may have attributes: function, class, arguments, attributes.
  private func tensorWithAttributes(
    _ arguments: [PickleValue]
  ) throws(CheckpointError) -> PickleValue? {
    guard arguments.count == 4, case .global(let function) = arguments[0],
      case .global(let type) = arguments[1], let inner = arguments[2].elements
    else { return nil }
    if Self.distributedTypes.contains(type.name),
      function.presentName == "torch._utils._rebuild_wrapper_subclass",
      let value = try distributedTensor(inner, arguments[3])
    {
      return value
    }
    switch function.meaning {
    case .constructor(.tensorV2), .constructor(.tensorV3), .constructor(.parameter),
      .constructor(.metaTensor), .unsupported:
      break
    default: return nil
    }
    let value = try call(function, inner)
    guard case .tensor(let tensor) = value else { return value }
    tensor.addAttributes(arguments[3])
    let plain = ["torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter"]
    if !plain.contains(type.name) { tensor.typeName = type.name }
    return value
  }
}

extension PickleTensor {
  /// Notes the attributes that a state for `__setstate__` has: a dictionary, or that and another
  /// of what is in slots.
  func addAttributes(_ state: PickleValue) {
    for dict in [state.dict].compactMap(\.self) + (state.elements ?? []).compactMap(\.dict) {
      attributeNames += dict.keys.map(\.description)
    }
  }
}
