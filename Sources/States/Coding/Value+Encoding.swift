import OrderedCollections

extension Value {
  /// What an `Encodable` value says of itself, for the metadata of a checkpoint.
  ///
  /// ```swift
  /// struct Settings: Codable { var width = 64, rate = 0.1, layers = ["conv", "relu"] }
  /// checkpoint.metadata["settings"] = try Value(encoding: Settings())
  /// let settings = try checkpoint.metadata["settings"]?.decode(Settings.self)
  /// ```
  ///
  /// Numbers keep their kind: an integer becomes ``int(_:)``, or ``bigInt(_:)`` beyond 64 bits, and a number
  /// with a fraction ``float(_:)``, also where it is whole. Members are in the order in which the value
  /// encodes them, those of a Swift dictionary in that of their keys, which stay texts or integers; one with
  /// other keys is a list, as Swift encodes it, in an order of the moment.
  ///
  /// - Parameter value: A number, a text, a structure, an array, a dictionary or a tree of them.
  /// - Throws: `EncodingError` if a part encodes nothing, or what it throws itself.
  public init(encoding value: some Encodable) throws {
    let encoder = ValueEncoder(codingPath: [])
    try encoder.encode(value)
    guard let encoded = encoder.value else {
      throw EncodingError.invalidValue(
        value, .init(codingPath: [], debugDescription: "\(type(of: value)) encodes nothing"))
    }
    self = encoded
  }
}

/// Receives one value: a leaf, or a container of encoders.
private final class ValueEncoder: Encoder {
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]
  // One of these at most.
  private var leaf: Value?
  private var members: OrderedDictionary<Value.Key, ValueEncoder>?
  private var elements: [ValueEncoder]?
  /// Whether two kinds of containers were asked for.
  private var isMixed = false
  /// Whether a dictionary is encoded whose keys are integers; texts that look like them are none.
  private var hasIntegerKeys = false

  init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  /// What was encoded; nil if nothing was.
  var value: Value? {
    // What a class encodes of the one that it inherits from may be nothing.
    leaf ?? members.map { .dict($0.mapValues { $0.value ?? [:] }) }
      ?? elements.map { .list($0.map { $0.value ?? [:] }) }
  }

  private var isEmpty: Bool { leaf == nil && members == nil && elements == nil }

  func encode(_ value: some Encodable) throws {
    if let leaf = Value(leaf: value) { return set(leaf) }
    hasIntegerKeys = value is any IntegerKeyed
    try value.encode(to: self)
    if value is any UnorderedMembers { sortMembers() }
    guard isEmpty || isMixed else { return }
    let fault = isEmpty ? "encodes nothing" : "encodes itself in two ways"
    throw EncodingError.invalidValue(
      value, .init(codingPath: codingPath, debugDescription: "\(type(of: value)) \(fault)"))
  }

  func set(_ leaf: Value) { self.leaf = leaf }

  func member(_ key: any CodingKey) -> ValueEncoder {
    let name: Value.Key =
      hasIntegerKeys
      ? key.intValue.map { .int($0) } ?? .string(key.stringValue)
      : .string(key.stringValue)
    // Containers that are asked for twice are one.
    if let member = members?[name] { return member }
    let member = ValueEncoder(codingPath: codingPath + [key])
    members?[name] = member
    return member
  }

  func element() -> ValueEncoder {
    let element = ValueEncoder(codingPath: codingPath + [ValueKey(intValue: elementCount)])
    elements?.append(element)
    return element
  }

  var elementCount: Int { elements?.count ?? 0 }

  /// Swift's dictionaries have another order each time.
  private func sortMembers() {
    members?.sort { first, second in
      switch (first.key, second.key) {
      case (.int(let first), .int(let second)): first < second
      case (.int, _): true
      case (_, .int): false
      default: first.key.text < second.key.text
      }
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if isEmpty { members = [:] }
    if members == nil { isMixed = true }
    return KeyedEncodingContainer(Members(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if isEmpty { elements = [] }
    if elements == nil { isMixed = true }
    return Elements(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }
}

/// What has its members in no order of its own.
protocol UnorderedMembers {}
extension Dictionary: UnorderedMembers {}

/// A dictionary whose keys are integers.
protocol IntegerKeyed {}
extension Dictionary: IntegerKeyed where Key == Int {}

extension Value {
  /// A value that has no parts; nil for another.
  fileprivate init?(leaf value: some Encodable) {
    switch value {
    case let value as Bool: self = .bool(value)
    case let value as String: self = .string(value)
    case let value as Double: self = .float(value)
    case let value as Float: self = .float(Double(value))
    case let value as any BinaryInteger & Encodable:
      self = Int(exactly: value).map { .int($0) } ?? .bigInt("\(value)")
    #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
      case let value as Float16: self = .float(Double(value))
    #endif
    default: return nil
    }
  }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) { encoder.member(key).set(.none) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    try encoder.member(key).encode(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder.member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.member(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.member(ValueKey.super) }

  func superEncoder(forKey key: Key) -> any Encoder { encoder.member(key) }
}

private struct Elements: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.elementCount }

  func encodeNil() { encoder.element().set(.none) }

  func encode(_ value: some Encodable) throws { try encoder.element().encode(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    encoder.element().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder.element().unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.element() }
}

private struct Single: SingleValueEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() { encoder.set(.none) }

  func encode(_ value: some Encodable) throws { try encoder.encode(value) }
}
