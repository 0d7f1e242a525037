import States

/// Reads the few literals of Python that the header of a `.npy` file has.
struct PythonLiteral {
  enum Value: Equatable {
    case text(String)
    case boolean(Bool)
    case integer(Int)
    case tuple([Value])
    case dictionary([String: Value])
  }

  private var rest: Substring
  private var depth = 0
  private static let maximumDepth = 8

  init(_ text: String) { rest = text[...] }

  /// The literal that the whole text is, nil if it is none.
  mutating func parse() -> Value? {
    guard let value = parseValue() else { return nil }
    skipSpace()
    return rest.isEmpty ? value : nil
  }

  private mutating func skipSpace() { rest = rest.drop(while: \.isWhitespace) }

  private mutating func take(_ text: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  private mutating func parseValue() -> Value? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { return nil }
    if take("True") { return .boolean(true) }
    if take("False") { return .boolean(false) }
    if take("{") { return parseDictionary() }
    if take("(") { return parseTuple(closing: ")") }
    if take("[") { return parseTuple(closing: "]") }
    guard let first = rest.first else { return nil }
    return first == "'" || first == "\"" ? parseText() : parseInteger()
  }

  private mutating func parseText() -> Value? {
    guard let quote = rest.popFirst(), let end = rest.firstIndex(of: quote) else { return nil }
    let text = rest[..<end]
    rest = rest[rest.index(after: end)...]
    return text.contains("\\") ? nil : .text(String(text))
  }

  private mutating func parseInteger() -> Value? {
    let digits = rest.prefix { $0 == "-" || $0.isASCII && $0.isNumber }
    guard let value = Int(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    // Python 2 wrote long integers so.
    _ = take("L")
    return .integer(value)
  }

  private mutating func parseTuple(closing: String) -> Value? {
    var elements: [Value] = []
    while !take(closing) {
      guard let element = parseValue() else { return nil }
      elements.append(element)
      guard take(",") else { return take(closing) ? .tuple(elements) : nil }
    }
    return .tuple(elements)
  }

  private mutating func parseDictionary() -> Value? {
    var entries: [String: Value] = [:]
    while !take("}") {
      guard case .text(let key)? = parseValue(), take(":"), let value = parseValue() else {
        return nil
      }
      entries[key] = value
      guard take(",") else { return take("}") ? .dictionary(entries) : nil }
    }
    return .dictionary(entries)
  }
}
