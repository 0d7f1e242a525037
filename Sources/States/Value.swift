import Arrays
import OrderedCollections

/// A value that is saved beside the tensors: an epoch, a loss, options, nested dictionaries.
///
/// The cases are what Python's checkpoints hold, so that nothing has to change its type on the
/// way from a PyTorch file to HDF5 and back.
public indirect enum Value: Sendable {
  /// Python's `None`.
  case none
  /// A boolean.
  case bool(Bool)
  /// An integer that fits in 64 bits.
  case int(Int)
  /// An integer that does not, in decimal digits with a sign if negative.
  case bigInt(String)
  /// A floating-point number.
  case float(Double)
  /// A complex number.
  case complex(real: Double, imaginary: Double)
  /// A text.
  case string(String)
  /// Raw bytes.
  case bytes([UInt8])
  /// A sequence that Python can change.
  case list([Value])
  /// A sequence that Python cannot change, such as Adam's `betas`.
  case tuple([Value])
  /// A dictionary in the order of its keys.
  case dict(OrderedDictionary<Key, Value>)
  /// A tensor that is not part of the model's state, such as the state of a random generator.
  case tensor(NDArray)
  /// An instance of a class that is not known here, as its class's name and what it holds.
  ///
  /// It is data only: nothing of the class is run. `argparse.Namespace` is a common one.
  case object(type: String, state: Value)

  /// A key of a dictionary.
  ///
  /// Python tells `1` from `"1"`; so does this type.
  public indirect enum Key: Hashable, Sendable {
    /// A text, the usual key.
    case string(String)
    /// An integer.
    case int(Int)
    /// A floating-point number.
    case float(Double)
    /// A boolean.
    case bool(Bool)
    /// Python's `None`.
    case none
    /// A tuple of keys.
    case tuple([Key])
  }
}

extension Value: Equatable {
  /// Whether two values are of the same type and content. Floats and tensors are compared by
  /// their bits, so that NaN equals itself and 0 differs from −0; dictionaries with their order.
  public static func == (lhs: Value, rhs: Value) -> Bool {
    switch (lhs, rhs) {
    case (.none, .none): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.bigInt(let a), .bigInt(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.complex(let a, let b), .complex(let c, let d)):
      a.bitPattern == c.bitPattern && b.bitPattern == d.bitPattern
    case (.string(let a), .string(let b)): a == b
    case (.bytes(let a), .bytes(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.tuple(let a), .tuple(let b)): a == b
    case (.dict(let a), .dict(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    case (.tensor(let a), .tensor(let b)): a.isBitwiseEqual(to: b)
    case (.object(let a, let b), .object(let c, let d)): a == c && b == d
    default: false
    }
  }
}

extension Value {
  /// The value of a dictionary's text key, nil for other values and keys.
  public subscript(key: String) -> Value? {
    guard case .dict(let dictionary) = self else { return nil }
    return dictionary[.string(key)]
  }

  /// The integer, if this is one.
  public var intValue: Int? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The number, if this is an integer or a floating-point number.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The boolean, if this is one.
  public var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The text, if this is one.
  public var stringValue: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The elements, if this is a list or a tuple.
  public var elements: [Value]? {
    switch self {
    case .list(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// The dictionary, if this is one.
  public var dictionary: OrderedDictionary<Key, Value>? {
    if case .dict(let dictionary) = self { return dictionary }
    return nil
  }

  /// The tensor, if this is one.
  public var tensor: NDArray? {
    if case .tensor(let array) = self { return array }
    return nil
  }
}
