import Arrays

/// A value while a pickle is interpreted.
///
/// What Python can change, or refer to twice, is a node with identity.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits, in decimal digits.
  case bigInt(String)
  case float(Double)
  case complex(Double, Double)
  case string(String)
  case bytes([UInt8])
  case global(PickleGlobal)
  case tuple(PickleTuple)
  case list(PickleList)
  case dict(PickleDict)
  case set(PickleSet)
  case instance(PickleInstance)
  case tensor(PickleTensor)
  case storage(PickleStorage)
  case numpyType(NumPyType)
  case numpyArray(NumPyArray)
}

extension PickleValue {
  var intValue: Int? {
    if case .int(let value) = self { return value }
    return nil
  }

  var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  var stringValue: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  var dict: PickleDict? {
    if case .dict(let dict) = self { return dict }
    return nil
  }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }

  /// Whether it is a tensor, be it one that is not read, or an array of NumPy's.
  var isTensor: Bool {
    switch self {
    case .tensor: true
    case .instance(let instance): instance.unread != nil
    case .numpyArray(let array): array.hasNumbers
    default: false
    }
  }

  /// The elements of a tuple or list.
  var elements: [PickleValue]? {
    switch self {
    case .tuple(let tuple): tuple.elements
    case .list(let list): list.elements
    default: nil
    }
  }

  /// The elements of a tuple or list, if they are all integers.
  var ints: [Int]? {
    guard let elements else { return nil }
    let ints = elements.compactMap(\.intValue)
    return ints.count == elements.count ? ints : nil
  }

  /// What the value is, for a message.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a boolean"
    case .int, .bigInt: "an integer"
    case .float: "a number"
    case .complex: "a complex number"
    case .string: "a text"
    case .bytes: "bytes"
    case .global(let global): "the name \(global.name)"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dict: "a dictionary"
    case .set: "a set"
    case .instance(let instance): "an object of class \(instance.type)"
    case .tensor: "a tensor"
    case .storage: "a storage"
    case .numpyType: "a NumPy type"
    case .numpyArray: "a NumPy array"
    }
  }
}
