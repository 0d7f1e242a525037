/// An expression for the ends of paths of modules, at their beginning or behind a dot, as PEFT puts it
/// together for `rank_pattern` and `alpha_pattern`.
///
/// Most are plain names, one for each of hundreds of layers, and are compared as such.
struct KeyEnding: Sendable {
  /// The text of a plain name, in which a dot stands for any character.
  private let name: [UInt8]?
  private let expression: KeyExpression

  private static let dot = UInt8(ascii: ".")

  init(_ source: String) throws(KeyExpression.Problem) {
    // By itself first: it must not close the parentheses that are put around it.
    _ = try KeyExpression(source)
    expression = try KeyExpression("(.*\\.)?(\(source))$")
    let isName = source.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), Self.dot:
        true
      default: false
      }
    }
    name = isName ? Array(source.utf8) : nil
  }

  /// Whether it is a plain name, which takes no time.
  var isName: Bool { name != nil }

  /// Whether a path ends so.
  func matches(_ path: String) -> Bool {
    // A dot is one character, which here is one byte.
    guard let name, path.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
      return expression.matches(path)
    }
    let end = path.utf8.suffix(name.count)
    guard end.count == name.count,
      zip(end, name).allSatisfy({ $0 == $1 || $1 == Self.dot })
    else { return false }
    return path.utf8.count == name.count || path.utf8.dropLast(name.count).last == Self.dot
  }
}
