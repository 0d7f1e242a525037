extension Value {
  /// The value as JSON text (RFC 8259), for reports and descriptions.
  ///
  /// Not every value survives the way back. Tuples become arrays, keys of other types become texts,
  /// and NaN and infinity become null. Bytes, complex numbers and tensors become texts that
  /// describe them, and objects become dictionaries with the members `class` and `state`.
  ///
  /// - Parameter pretty: Whether to put each member on its own line, indented by two spaces a
  ///   level.
  public func json(pretty: Bool = false) -> String {
    var writer = JSONWriter(pretty: pretty)
    writer.write(self)
    return writer.text
  }
}

private struct JSONWriter {
  var text = ""
  let pretty: Bool
  private var depth = 0

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ value: Value) {
    switch value {
    case .none: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .bigInt(let digits): text += digits
    case .float(let value): text += value.isFinite ? String(describing: value) : "null"
    case .string(let string): writeString(string)
    case .list(let elements), .tuple(let elements):
      writeContainer("[", elements, "]") { writer, element in writer.write(element) }
    case .dict(let members):
      writeContainer("{", members.elements, "}") { writer, member in
        writer.writeString(member.key.text)
        writer.text += writer.pretty ? ": " : ":"
        writer.write(member.value)
      }
    case .complex(let real, let imaginary): writeString("\(real)+\(imaginary)j")
    case .bytes(let bytes): writeString("\(bytes.count) bytes")
    case .tensor(let array): writeString("tensor of \(array.dtype), shape \(array.shape)")
    case .object(let type, let state):
      write(.dict(["class": .string(type), "state": state]))
    case .model(let state):
      writeString("model of \(state.count) tensor\(state.count == 1 ? "" : "s")")
    case .optimizer(let optimizer):
      writeString("optimizer \(optimizer.type ?? "of an unknown class")")
    }
  }

  private mutating func writeContainer<C: Collection>(
    _ opening: String, _ elements: C, _ closing: String,
    _ writeElement: (inout JSONWriter, C.Element) -> Void
  ) {
    text += opening
    depth += 1
    var isFirst = true
    for element in elements {
      if !isFirst { text += pretty ? "," : ", " }
      isFirst = false
      breakLine()
      writeElement(&self, element)
    }
    depth -= 1
    if !elements.isEmpty { breakLine() }
    text += closing
  }

  private mutating func breakLine() {
    if pretty { text += "\n" + String(repeating: "  ", count: depth) }
  }

  private mutating func writeString(_ string: String) {
    text += "\""
    // Hardly any text needs an escape.
    let isPlain = string.utf8.allSatisfy {
      $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    guard !isPlain else {
      text += string
      text += "\""
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension Value.Key {
  /// The key as a readable text: `3` for both the integer and the text, `True` for a boolean.
  public var text: String {
    switch self {
    case .string(let text): text
    case .int(let value): String(value)
    case .float(let value): String(describing: value)
    case .bool(let value): value ? "True" : "False"
    case .none: "None"
    case .tuple(let parts): "(" + parts.map(\.text).joined(separator: ", ") + ")"
    }
  }
}
