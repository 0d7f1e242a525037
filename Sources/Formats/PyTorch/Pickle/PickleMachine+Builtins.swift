import Checkpoints
import States

/// Built-in Python types made from arguments.
extension PickleMachine {
  func makeDict(_ arguments: [PickleValue]) throws(CheckpointError) -> PickleValue? {
    let dict = try adopt(PickleDict())
    guard let source = arguments.first else { return .dict(dict) }
    guard arguments.count == 1 else { return nil }
    if let other = source.dict {
      try charge(other.count)
      for (key, value) in zip(other.keys, other.values) { try set(dict, key, value) }
      return .dict(dict)
    }
    for pair in try copiedElements(arguments) {
      guard let parts = pair.elements, parts.count == 2 else { return nil }
      try set(dict, parts[0], parts[1])
    }
    return .dict(dict)
  }

  /// The elements of the one argument, or none if there is no argument.
  func copiedElements(_ arguments: [PickleValue]) throws(CheckpointError) -> [PickleValue] {
    guard let source = arguments.first else { return [] }
    let elements: [PickleValue]
    switch source {
    case .set(let set): elements = set.elements
    default:
      guard arguments.count == 1, let sequence = source.elements else {
        throw damaged("a collection is made from \(source.kind)")
      }
      elements = sequence
    }
    try charge(elements.count)
    return elements
  }

  /// Reports that bytes that can be changed come back as those that cannot.
  func reportByteArray() {
    losses.append(ConversionLoss(.classChanged, nil, "what was a bytearray became bytes"))
  }

  func makeBytes(_ arguments: [PickleValue]) throws(CheckpointError) -> PickleValue? {
    switch arguments.first {
    case nil: return .bytes([])
    case .bytes(let bytes)?: return .bytes(bytes)
    case .string?: return try encode(arguments)
    case .list(let list)?:
      try charge(list.elements.count)
      let bytes = list.elements.compactMap { $0.intValue.flatMap(UInt8.init(exactly:)) }
      return bytes.count == list.elements.count ? .bytes(bytes) : nil
    default: return nil
    }
  }

  /// `_codecs.encode`, with which protocol 2 writes bytes as a Latin-1 text.
  func encode(_ arguments: [PickleValue]) throws(CheckpointError) -> PickleValue? {
    guard case .string(let text)? = arguments.first else {
      if case .bytes? = arguments.first { return arguments.first }
      return nil
    }
    try charge(text.utf8.count)
    let encoding = arguments.count > 1 ? arguments[1].stringValue : "utf-8"
    switch encoding {
    case "latin1", "latin-1":
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.utf8.count)
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else { return nil }
        bytes.append(byte)
      }
      return .bytes(bytes)
    case "utf-8", "utf8", "ascii": return .bytes(Array(text.utf8))
    default: return nil
    }
  }

  func makeComplex(_ arguments: [PickleValue]) -> PickleValue? {
    let parts = arguments.compactMap { argument -> Double? in
      switch argument {
      case .int(let value): Double(value)
      case .float(let value): value
      default: nil
      }
    }
    guard parts.count == arguments.count, let real = parts.first, parts.count <= 2 else {
      return nil
    }
    return .complex(real, parts.count == 2 ? parts[1] : 0)
  }
}
