import OrderedCollections

extension Value: ExpressibleByBooleanLiteral {
  /// ``Value/bool(_:)``.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByIntegerLiteral {
  /// ``Value/int(_:)``.
  public init(integerLiteral value: Int) { self = .int(value) }
}

extension Value: ExpressibleByFloatLiteral {
  /// ``Value/float(_:)``.
  public init(floatLiteral value: Double) { self = .float(value) }
}

extension Value: ExpressibleByStringLiteral {
  /// ``Value/string(_:)``.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByArrayLiteral {
  /// ``Value/list(_:)``. A tuple has no literal.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
}

extension Value: ExpressibleByDictionaryLiteral {
  /// ``Value/dict(_:)``, in the order written.
  ///
  /// - Precondition: No key occurs twice.
  public init(dictionaryLiteral elements: (Key, Value)...) {
    self = .dict(OrderedDictionary(uniqueKeysWithValues: elements))
  }
}

extension Value: ExpressibleByNilLiteral {
  /// ``Value/none``, which is Python's `None`.
  public init(nilLiteral: ()) { self = .none }
}

extension Value.Key: ExpressibleByStringLiteral {
  /// ``Value/Key/string(_:)``.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value.Key: ExpressibleByIntegerLiteral {
  /// ``Value/Key/int(_:)``.
  public init(integerLiteral value: Int) { self = .int(value) }
}
