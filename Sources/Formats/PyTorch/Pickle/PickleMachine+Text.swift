import Checkpoints

/// Numbers and texts as pickles write them.
extension PickleMachine {
  /// A text in UTF-8.
  func text(_ bytes: [UInt8]) throws(CheckpointError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw unsupported("a text in it is not valid Unicode")
    }
    return text
  }

  /// The next bytes as a text in UTF-8.
  func text(length: UInt64) throws(CheckpointError) -> String {
    guard let text = try input.text(length) else {
      throw unsupported("a text in it is not valid Unicode")
    }
    return text
  }

  /// A text of Python 2, which may be text or bytes.
  func oldText(_ bytes: [UInt8]) -> PickleValue {
    String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }

  /// A line of ASCII.
  func asciiLine() throws(CheckpointError) -> String {
    let line = try input.line()
    guard line.allSatisfy({ $0 < 0x80 }) else { throw damaged("a number or index is not ASCII") }
    return String(decoding: line, as: UTF8.self)
  }

  /// A number that indexes the memo.
  func indexLine() throws(CheckpointError) -> Int {
    guard let index = Int(try asciiLine()), index >= 0 else {
      throw damaged("an index is not a number")
    }
    return index
  }

  /// The operand of INT and LONG.
  func integerLine(allowsBoolean: Bool) throws(CheckpointError) -> PickleValue {
    var line = try asciiLine()
    if allowsBoolean && line == "00" { return .bool(false) }
    if allowsBoolean && line == "01" { return .bool(true) }
    if line.hasSuffix("L") { line.removeLast() }
    if let value = Int(line) { return .int(value) }
    let digits = line.hasPrefix("-") ? line.dropFirst() : line[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.utf8.count <= 4096
    else { throw damaged("an integer is not a number") }
    return .bigInt(line)
  }

  /// The operand of FLOAT: what Python's `repr` gives.
  func floatLine() throws(CheckpointError) -> PickleValue {
    let line = try asciiLine()
    let allowed = Set("0123456789+-.eEinfaty".utf8)
    guard line.utf8.allSatisfy({ allowed.contains($0) }), let value = Double(line) else {
      throw damaged("a number is not one")
    }
    return .float(value)
  }

  /// A float with its most significant byte first.
  func bigEndianFloat() throws(CheckpointError) -> PickleValue {
    .float(Double(bitPattern: try input.unsigned(8).byteSwapped))
  }

  /// An integer of any length, two's complement, least significant byte first.
  func integer(_ bytes: [UInt8]) throws(CheckpointError) -> PickleValue {
    guard let last = bytes.last else { return .int(0) }
    let isNegative = last >= 0x80
    if bytes.count <= 8 {
      var bits: UInt64 = isNegative ? .max : 0
      for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
      return .int(Int(Int64(bitPattern: bits)))
    }
    guard bytes.count <= 1024 else { throw refused("an integer has \(bytes.count) bytes") }
    return .bigInt(Self.decimal(bytes, isNegative: isNegative))
  }

  private static func decimal(_ bytes: [UInt8], isNegative: Bool) -> String {
    var magnitude = bytes
    if isNegative {
      var carry = true
      for index in magnitude.indices {
        magnitude[index] = ~magnitude[index]
        if carry { (magnitude[index], carry) = magnitude[index].addingReportingOverflow(1) }
      }
    }
    // Long division by 10^9, most significant byte first; each remainder gives nine digits.
    var groups: [UInt64] = []
    var digits = Array(magnitude.reversed().drop { $0 == 0 })
    while !digits.isEmpty {
      var remainder: UInt64 = 0
      for index in digits.indices {
        let value = remainder << 8 | UInt64(digits[index])
        digits[index] = UInt8(value / 1_000_000_000)
        remainder = value % 1_000_000_000
      }
      groups.append(remainder)
      digits = Array(digits.drop { $0 == 0 })
    }
    var text = groups.last.map { String($0) } ?? "0"
    for group in groups.dropLast().reversed() {
      let part = String(group)
      text += String(repeating: "0", count: 9 - part.utf8.count) + part
    }
    return isNegative ? "-" + text : text
  }

  /// The operand of STRING: what Python 2's `repr` gives, with its quotes and escapes.
  func quotedLine() throws(CheckpointError) -> PickleValue {
    let line = try input.line(limit: .max)
    guard line.count >= 2, let quote = line.first, quote == line.last,
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw damaged("a text is not in quotes") }
    let body = Array(line[1..<line.count - 1])
    var bytes: [UInt8] = []
    var position = 0
    while position < body.count {
      let byte = body[position]
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard position < body.count else { throw damaged("a text ends in the middle of an escape") }
      let code = body[position]
      position += 1
      switch code {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(code)
      case UInt8(ascii: "x"):
        guard let value = hexadecimal(body, &position, 2) else {
          throw damaged("a text has an escape that is not complete")
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
      default: throw unsupported("a text has an escape that Python 2 does not write")
      }
    }
    return oldText(bytes)
  }

  /// The operand of UNICODE: Latin-1 with escapes for the rest.
  func escapedLine() throws(CheckpointError) -> PickleValue {
    let line = try input.line(limit: .max)
    var units = String.UnicodeScalarView()
    var position = 0
    while position < line.count {
      let byte = line[position]
      position += 1
      let code = position < line.count ? line[position] : 0
      guard byte == UInt8(ascii: "\\"), code == UInt8(ascii: "u") || code == UInt8(ascii: "U")
      else {
        units.append(Unicode.Scalar(byte))
        continue
      }
      position += 1
      guard let value = hexadecimal(line, &position, code == UInt8(ascii: "u") ? 4 : 8),
        let scalar = Unicode.Scalar(value)
      else { throw unsupported("a text in it is not valid Unicode") }
      units.append(scalar)
    }
    return .string(String(units))
  }

  private func hexadecimal(_ bytes: [UInt8], _ position: inout Int, _ length: Int) -> UInt32? {
    guard length <= bytes.count - position else { return nil }
    let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
    position += length
    return text.hasPrefix("+") || text.hasPrefix("-") ? nil : UInt32(text, radix: 16)
  }
}
