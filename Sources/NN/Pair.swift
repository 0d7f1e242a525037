import Arrays

/// What stands for two lengths, vertical and horizontal: one `Int` for both, or an array of two.
public protocol PairConvertible {
  /// The vertical and the horizontal length.
  var pair: (Int, Int) { get }
}

extension Int: PairConvertible {
  /// This number twice.
  public var pair: (Int, Int) { (self, self) }
}

extension Array: PairConvertible where Element == Int {
  /// The two elements.
  ///
  /// - Precondition: There are two.
  public var pair: (Int, Int) {
    require(count == 2, "\(self) is not a pair of vertical and horizontal lengths")
    return (self[0], self[1])
  }
}

/// Python's words for a boolean, as PyTorch's descriptions have them.
func pythonBool(_ value: Bool) -> String { value ? "True" : "False" }

/// A number as Python prints it: `0.1`, `1e-05`, `1.0`.
func pythonFloat(_ value: Double) -> String {
  let text = "\(value)"
  guard let mark = text.firstIndex(of: "e") else { return text }
  var mantissa = String(text[..<mark])
  if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
  var exponent = text[text.index(after: mark)...]
  let sign = exponent.hasPrefix("-") ? "-" : "+"
  exponent = exponent.drop { $0 == "-" || $0 == "+" }
  return mantissa + "e" + sign + (exponent.count < 2 ? "0" : "") + exponent
}
