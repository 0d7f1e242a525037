import OrderedCollections

extension Value {
  /// A `Decodable` value made of this one, such as the metadata that ``init(encoding:)`` made.
  ///
  /// Numbers keep their kind, but that an integer is also a number with a fraction, as which Python writes
  /// `1` for `1.0`. A tuple is an array, and an instance of a class is what is in it. Members that a structure
  /// does not know are passed over; a dictionary has to take all.
  ///
  /// - Parameter type: The type of the result.
  /// - Throws: `DecodingError`, with the path, if a member is missing or of another kind, and for an integer
  ///   or a finite number that is beyond its type; or what `type` throws itself. A `Float` is rounded.
  public func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try ValueDecoder(value: self, codingPath: []).decode(type)
  }
}

/// Gives away one value.
private struct ValueDecoder: Decoder {
  let value: Value
  let codingPath: [any CodingKey]
  /// Whether a dictionary is made, and whether its keys are integers.
  private(set) var (takesAllMembers, hasIntegerKeys) = (false, false)
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(value: Value, codingPath: [any CodingKey]) {
    // Its class is Python's.
    if case .object(_, let state) = value { self.value = state } else { self.value = value }
    self.codingPath = codingPath
  }

  var isNone: Bool { if case .none = value { true } else { false } }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    switch type {
    case is Bool.Type: try leaf(value.boolValue as? T)
    case is String.Type: try leaf(value.stringValue as? T)
    case is Double.Type: try leaf(number as? T)
    case is Float.Type: try leaf(singlePrecisionNumber as? T)
    case let type as any (FixedWidthInteger & Decodable).Type: try leaf(integer(type) as? T)
    default: try type.init(from: making(type))
    }
  }

  private func making(_ type: Any.Type) -> ValueDecoder {
    var decoder = self
    decoder.takesAllMembers = type is any UnorderedMembers.Type
    decoder.hasIntegerKeys = type is any IntegerKeyed.Type
    return decoder
  }

  /// The number, if a `Double` is exactly that.
  private var number: Double? {
    if case .int(let number) = value { return Double(exactly: number) }
    return value.doubleValue
  }

  private var singlePrecisionNumber: Float? {
    guard let number else { return nil }
    let rounded = Float(number)
    return rounded.isFinite || !number.isFinite ? rounded : nil
  }

  private func leaf<T>(_ decoded: T?) throws -> T {
    guard let decoded else { throw mismatch(T.self) }
    return decoded
  }

  private func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
    switch value {
    case .int(let number): T(exactly: number)
    case .bigInt(let digits): T(digits)
    default: nil
    }
  }

  func mismatch(_ type: Any.Type) -> DecodingError {
    DecodingError.typeMismatch(
      type, .init(codingPath: codingPath, debugDescription: "\(value) is no \(type)"))
  }

  func inner(_ value: Value, _ key: any CodingKey) -> ValueDecoder {
    ValueDecoder(value: value, codingPath: codingPath + [key])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard let members = value.dictionary else { throw mismatch([String: Value].self) }
    let container = Members<Key>(decoder: self, members: members)
    // A dictionary would lack what has another kind of key.
    if takesAllMembers && container.allKeys.count < members.count {
      throw mismatch(hasIntegerKeys ? [Int: Value].self : [String: Value].self)
    }
    return KeyedDecodingContainer(container)
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    if case .bytes(let bytes) = value {
      return Elements(decoder: self, elements: bytes.map { .int(Int($0)) })
    }
    guard let elements = value.elements else { throw mismatch([Value].self) }
    return Elements(decoder: self, elements: elements)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ValueDecoder
  let members: OrderedDictionary<Value.Key, Value>
  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    members.keys.compactMap { key in
      switch key {
      case .string(let text) where !decoder.hasIntegerKeys: Key(stringValue: text)
      case .int(let number) where decoder.hasIntegerKeys: Key(intValue: number)
      default: nil
      }
    }
  }

  private func member(_ key: any CodingKey) -> Value? {
    guard decoder.hasIntegerKeys else { return members[.string(key.stringValue)] }
    return key.intValue.flatMap { members[.int($0)] }
  }

  private func inner(_ key: any CodingKey) throws -> ValueDecoder {
    guard let value = member(key) else {
      throw DecodingError.keyNotFound(
        key,
        .init(codingPath: codingPath, debugDescription: "there is no \"\(key.stringValue)\""))
    }
    return decoder.inner(value, key)
  }

  func contains(_ key: Key) -> Bool { member(key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try inner(key).isNone }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try inner(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try inner(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try inner(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try inner(ValueKey.super) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try inner(key) }
}

private struct Elements: UnkeyedDecodingContainer {
  let decoder: ValueDecoder
  let elements: [Value]
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }
  private(set) var currentIndex = 0

  init(decoder: ValueDecoder, elements: [Value]) {
    self.decoder = decoder
    self.elements = elements
  }

  /// The present element, which stays the present one if it is not what was asked for.
  private mutating func next<T>(_ body: (ValueDecoder) throws -> T) throws -> T {
    let key = ValueKey(intValue: currentIndex)
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        T.self,
        .init(codingPath: codingPath + [key], debugDescription: "there are no more elements"))
    }
    let result = try body(decoder.inner(elements[currentIndex], key))
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, case .none = elements[currentIndex] else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try next { try $0.decode(type) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}

private struct Single: SingleValueDecodingContainer {
  let decoder: ValueDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.isNone }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.decode(type) }
}
