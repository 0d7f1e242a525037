import OrderedCollections

extension Value: ExpressibleByBooleanLiteral {
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByIntegerLiteral {
  /// An integer.
  public init(integerLiteral value: Int) { self = .int(value) }
}

extension Value: ExpressibleByFloatLiteral {
  /// A floating-point number.
  public init(floatLiteral value: Double) { self = .float(value) }
}

extension Value: ExpressibleByStringLiteral {
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value: ExpressibleByArrayLiteral {
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
}

extension Value: ExpressibleByDictionaryLiteral {
  /// A dictionary, in the order written.
  ///
  /// - Precondition: No key is given twice.
  public init(dictionaryLiteral elements: (Key, Value)...) {
    self = .dict(OrderedDictionary(uniqueKeysWithValues: elements))
  }
}

extension Value: ExpressibleByNilLiteral {
  /// Python's `None`.
  public init(nilLiteral: ()) { self = .none }
}

extension Value.Key: ExpressibleByStringLiteral {
  /// A text key.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension Value.Key: ExpressibleByIntegerLiteral {
  /// An integer key.
  public init(integerLiteral value: Int) { self = .int(value) }
}
