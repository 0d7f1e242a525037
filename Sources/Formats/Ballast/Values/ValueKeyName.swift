import States

/// The translation between a key of a dictionary of values and the name of its link.
///
/// See <doc:Layout>, "Values".
enum ValueKeyName {
  static func encode(_ key: Value.Key) -> String {
    switch key {
    case .string(let text): LinkPath.escape(text[...], escapingDots: true)
    case .int(let value): "%i\(value)"
    case .float(let value): "%f" + String(describing: value).replacing(".", with: "%2E")
    case .bool(let value): value ? "%b1" : "%b0"
    case .none: "%n"
    case .tuple(let parts):
      "%t" + parts.map(encode).map { "\($0.utf8.count):\($0)" }.joined()
    }
  }

  /// The key, or nil if no key is written so.
  static func decode(_ name: Substring) -> Value.Key? {
    guard name.first == "%", let kind = name.dropFirst().first else {
      return .string(LinkPath.unescape(name))
    }
    let rest = name.dropFirst(2)
    switch kind {
    case "i": return Int(rest).map { .int($0) }
    case "f": return Double(LinkPath.unescape(rest)).map { .float($0) }
    case "b": return rest == "1" ? .bool(true) : rest == "0" ? .bool(false) : nil
    case "n": return rest.isEmpty ? Value.Key.none : nil
    case "t": return decodeTuple(rest)
    default: return .string(LinkPath.unescape(name))
    }
  }

  private static func decodeTuple(_ text: Substring) -> Value.Key? {
    var parts: [Value.Key] = []
    var rest = text.utf8
    while !rest.isEmpty {
      guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
        let count = Int(Substring(rest[..<colon])), count >= 0
      else { return nil }
      let body = rest[rest.index(after: colon)...]
      guard count <= body.count, let part = decode(Substring(body.prefix(count))) else {
        return nil
      }
      parts.append(part)
      rest = body.dropFirst(count)
    }
    return .tuple(parts)
  }
}
