import OrderedCollections

/// An error thrown for a text that is not valid JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The position of the error, in bytes from the beginning of the text.
  public let offset: Int
  /// What is wrong at that position, as a clause without a full stop.
  public let reason: String

  /// One sentence with the position and the reason.
  public var description: String { "not valid JSON at byte \(offset): \(reason)" }
}

extension Value {
  /// Limits on what a text from an untrusted source may contain.
  public struct JSONLimits: Sendable {
    /// How deeply arrays and objects may be nested. 128 by default.
    public var depth = 128
    /// Whether a name may occur twice in an object; the last occurrence then counts. False by
    /// default.
    public var allowsDuplicateNames = false

    /// The default limits: 128 levels, no duplicate names.
    public init() {}
  }

  /// The value of a JSON text (RFC 8259), with the members of objects in order.
  ///
  /// Integers become ``int(_:)``, or ``bigInt(_:)`` beyond 64 bits; numbers with a fraction or an
  /// exponent become ``float(_:)``. Arrays become ``list(_:)`` and objects ``dict(_:)`` with text
  /// keys.
  ///
  /// Stricter than most parsers: no byte-order mark, no NaN or infinity, no number beyond the range
  /// of `Double`, no lone surrogates, and by default no duplicate names.
  ///
  /// ```swift
  /// let value = try Value(json: #"{"lr": 0.1, "steps": [30, 60]}"#)
  /// value["lr"]?.doubleValue          // 0.1
  /// ```
  ///
  /// - Parameters:
  ///   - json: The text, in UTF-8.
  ///   - limits: What the text may contain.
  /// - Throws: ``JSONError`` with the position and the reason.
  public init(json: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(bytes: Array(json), limits: limits)
    self = try parser.parseDocument()
  }

  /// The value of a JSON text.
  ///
  /// - Parameters:
  ///   - json: The text. Its values become the same cases as for UTF-8.
  ///   - limits: What the text may contain.
  /// - Throws: ``JSONError`` with the position and the reason.
  public init(json: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(json: Array(json.utf8), limits: limits)
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  let limits: Value.JSONLimits
  var position = 0
  var depth = 0

  init(bytes: [UInt8], limits: Value.JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func parseDocument() throws(JSONError) -> Value {
    let value = try parseValue()
    skipSpace()
    guard position == bytes.count else { throw error("more text follows the value") }
    return value
  }

  private func error(_ reason: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? position, reason: reason)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func parseValue() throws(JSONError) -> Value {
    skipSpace()
    guard let byte = next else { throw error("the text ends where a value should be") }
    switch byte {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .none)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw error("no value begins with this character")
    }
  }

  private mutating func parseWord(_ word: String, _ value: Value) throws(JSONError) -> Value {
    guard bytes[position...].starts(with: word.utf8) else {
      throw error("no value begins with this character")
    }
    position += word.utf8.count
    return value
  }

  private mutating func enter() throws(JSONError) {
    position += 1
    depth += 1
    guard depth <= limits.depth else {
      throw error("it is nested more than \(limits.depth) deep", at: position - 1)
    }
  }

  private mutating func parseArray() throws(JSONError) -> Value {
    try enter()
    defer { depth -= 1 }
    var elements: [Value] = []
    skipSpace()
    if take("]") { return .list([]) }
    while true {
      elements.append(try parseValue())
      skipSpace()
      if take("]") { return .list(elements) }
      guard take(",") else { throw error("expected ',' or ']'") }
    }
  }

  private mutating func parseObject() throws(JSONError) -> Value {
    try enter()
    defer { depth -= 1 }
    var members: OrderedDictionary<Value.Key, Value> = [:]
    skipSpace()
    if take("}") { return .dict([:]) }
    while true {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw error("expected a name in quotes") }
      let name = try parseString()
      skipSpace()
      guard take(":") else { throw error("expected ':'") }
      let value = try parseValue()
      if members.updateValue(value, forKey: .string(name)) != nil, !limits.allowsDuplicateNames {
        // Texts that Unicode takes for the same may be written in other code points.
        let earlier = members.keys.first { $0 == .string(name) }
        let isExact = earlier.map { key in
          if case .string(let text) = key { text.utf8.elementsEqual(name.utf8) } else { false }
        }
        throw error(
          isExact == false
            ? "two names in one object, \"\(name)\", differ only in how they encode an accent"
            : "the name \"\(name)\" occurs twice in one object", at: start)
      }
      skipSpace()
      if take("}") { return .dict(members) }
      guard take(",") else { throw error("expected ',' or '}'") }
    }
  }

  private mutating func parseNumber() throws(JSONError) -> Value {
    let start = position
    var isInteger = true
    _ = take("-")
    if take("0") {
      if let byte = next, isDigit(byte) { throw error("a number begins with 0", at: start) }
    } else {
      try takeDigits()
    }
    if take(".") {
      isInteger = false
      try takeDigits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      try takeDigits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger { return Int(text).map { .int($0) } ?? .bigInt(text) }
    guard let value = Double(text), value.isFinite else {
      throw error("the number \(text.prefix(40)) is out of range", at: start)
    }
    return .float(value)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func takeDigits() throws(JSONError) {
    let start = position
    while let byte = next, isDigit(byte) { position += 1 }
    guard position > start else { throw error("expected a digit") }
  }

  private mutating func parseString() throws(JSONError) -> String {
    let start = position
    position += 1
    if let end = endOfPlainText() {
      guard let string = String(validating: bytes[position..<end], as: UTF8.self) else {
        throw error("the text is not UTF-8", at: start)
      }
      position = end + 1
      return string
    }
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("the text is not UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): text += try parseEscape().utf8
      case 0..<0x20: throw error("a control character in a text", at: position - 1)
      default: text.append(byte)
      }
    }
    throw error("a text is not closed", at: start)
  }

  /// Where the quotes are that close a text without escapes; nil if it has some, or is wrong.
  private func endOfPlainText() -> Int? {
    var end = position
    while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\\") {
      if bytes[end] == UInt8(ascii: "\"") { return end }
      end += 1
    }
    return nil
  }

  private mutating func parseEscape() throws(JSONError) -> String {
    guard let byte = next else { throw error("a text is not closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return String(try parseUnicodeEscape())
    default: throw error("an unknown escape", at: position - 2)
    }
  }

  private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position - 2
    let first = try parseHexadecimal()
    var code = UInt32(first)
    if UTF16.isLeadSurrogate(first) {
      guard take("\\"), take("u") else { throw error("a lone surrogate", at: start) }
      let second = try parseHexadecimal()
      guard UTF16.isTrailSurrogate(second) else { throw error("a lone surrogate", at: start) }
      code = 0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate", at: start) }
    return scalar
  }

  private mutating func parseHexadecimal() throws(JSONError) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return code
  }
}
