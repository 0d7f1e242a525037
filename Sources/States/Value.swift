import Arrays
import OrderedCollections

/// A value saved beside the tensors: an epoch, a loss, options, nested dictionaries.
///
/// The cases are what Python checkpoints contain, so that nothing changes its type on the way from
/// a PyTorch file to HDF5 and back. Literals create the common ones:
///
/// ```swift
/// let metadata: Value = ["epoch": 3, "lr": 0.1, "milestones": [30, 60], "note": nil]
/// metadata["epoch"]?.intValue                  // 3
/// ```
public indirect enum Value: Sendable {
  /// Python's `None`.
  case none
  /// A boolean: Python's `True` or `False`.
  case bool(Bool)
  /// An integer that fits in 64 bits.
  case int(Int)
  /// An integer that does not, as decimal digits with a minus sign if negative.
  case bigInt(String)
  /// A double-precision number, which is Python's `float`.
  case float(Double)
  /// A double-precision complex number.
  case complex(real: Double, imaginary: Double)
  /// Text.
  case string(String)
  /// Raw bytes: Python's `bytes`.
  case bytes([UInt8])
  /// A mutable sequence: Python's `list`.
  case list([Value])
  /// An immutable sequence, such as Adam's `betas`: Python's `tuple`.
  case tuple([Value])
  /// A dictionary, in the order of its keys.
  case dict(OrderedDictionary<Key, Value>)
  /// A tensor outside the model's state, such as the state of a random generator.
  case tensor(NDArray)
  /// An instance of an unknown class, as the name of the class and the contents of the instance.
  ///
  /// It is data only: no code of the class is run. `argparse.Namespace` is a common one.
  case object(type: String, state: Value)
  /// A model beside the checkpoint's own: the average of its weights (EMA), another network, a fold.
  case model(StateDict)
  /// An optimizer beside the checkpoint's own.
  case optimizer(OptimizerState)

  /// A key of a dictionary.
  ///
  /// Like Python, it distinguishes `1` from `"1"`.
  public indirect enum Key: Hashable, Sendable {
    /// Text, the usual key.
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

extension Value {
  /// A key as a value.
  package init(_ key: Key) {
    switch key {
    case .string(let text): self = .string(text)
    case .int(let number): self = .int(number)
    case .float(let number): self = .float(number)
    case .bool(let truth): self = .bool(truth)
    case .none: self = .none
    case .tuple(let keys): self = .tuple(keys.map(Value.init))
    }
  }
}

extension Value: Equatable {
  /// Whether two values have the same type and contents.
  ///
  /// Floats and tensors are compared by their bits, so NaN equals itself and 0 differs from −0.
  /// Dictionaries must agree in order too. An integer never equals a float.
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
    case (.model(let a), .model(let b)): a.isBitwiseEqual(to: b)
    case (.optimizer(let a), .optimizer(let b)): a.isBitwiseEqual(to: b)
    default: false
    }
  }
}

extension Value {
  /// The value under a text key; nil if there is none, or if this is not a dictionary.
  public subscript(key: String) -> Value? {
    guard case .dict(let dictionary) = self else { return nil }
    return dictionary[.string(key)]
  }

  /// The integer, or nil if this is not ``int(_:)``.
  public var intValue: Int? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The number as a `Double`, or nil if this is neither ``int(_:)`` nor ``float(_:)``.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The boolean, or nil if this is not ``bool(_:)``.
  public var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The text, or nil if this is not ``string(_:)``.
  public var stringValue: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The elements, or nil if this is neither ``list(_:)`` nor ``tuple(_:)``.
  public var elements: [Value]? {
    switch self {
    case .list(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// The members, or nil if this is not ``dict(_:)``.
  public var dictionary: OrderedDictionary<Key, Value>? {
    if case .dict(let dictionary) = self { return dictionary }
    return nil
  }

  /// The array, or nil if this is not ``tensor(_:)``.
  public var tensor: NDArray? {
    if case .tensor(let array) = self { return array }
    return nil
  }
}

extension StateDict {
  /// Whether two have the same tensors, to the bit, with the same roles under the same keys in the same
  /// order, and the same versions of modules.
  package func isBitwiseEqual(to other: StateDict) -> Bool {
    keys == other.keys && moduleVersions.elements.elementsEqual(other.moduleVersions, by: ==)
      && zip(entries.values, other.entries.values).allSatisfy {
        $0.role == $1.role && $0.array.isBitwiseEqual(to: $1.array)
      }
  }
}

extension OptimizerState {
  /// Whether two keep the same, to the bit, in the same order.
  package func isBitwiseEqual(to other: OptimizerState) -> Bool {
    func areEqual(
      _ mine: OrderedDictionary<String, Value>, _ theirs: OrderedDictionary<String, Value>
    ) -> Bool {
      mine.elements.elementsEqual(theirs) { $0.key == $1.key && $0.value == $1.value }
    }
    return type == other.type && naming == other.naming
      && state.elements.elementsEqual(other.state) {
        $0.key == $1.key && areEqual($0.value, $1.value)
      }
      && groups.elementsEqual(other.groups) {
        $0.parameters == $1.parameters && areEqual($0.options, $1.options)
      }
  }
}
