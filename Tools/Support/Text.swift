extension String {
  /// The text with what would steer a terminal written as escapes: control characters, line
  /// breaks, and the marks that turn the direction of writing.
  ///
  /// Names in a file are chosen by whoever made it. Written as they are, they could move the
  /// cursor and replace what was printed above.
  public var printable: String {
    guard unicodeScalars.contains(where: \.steersTerminal) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.steersTerminal: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  fileprivate var steersTerminal: Bool {
    switch value {
    case 0x00..<0x20, 0x7F..<0xA0: true
    // Line and paragraph separators, and the marks and overrides of direction.
    case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Int {
  /// A number of bytes as people read it: `1.5 MiB`.
  public var byteCountText: String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(self)
    var unit = 0
    // What would be rounded to 1024 is one of the next unit.
    while value >= (unit == 0 ? 1024 : 1023.95) && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    guard unit > 0 else { return self == 1 ? "1 byte" : "\(self) bytes" }
    let tenths = (value * 10).rounded() / 10
    return "\(tenths) \(units[unit])"
  }

  /// The number with a noun in the right form: `1 tensor`, `2 tensors`.
  public func of(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

  /// The number in groups of three digits: `25,557,032`.
  public var grouped: String {
    let digits = String(magnitude)
    var result = ""
    for (place, digit) in digits.enumerated() {
      if place > 0 && (digits.count - place).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return self < 0 ? "-" + result : result
  }
}
