/// A number as an argument of a layer, which the layer's description repeats as it was written: `2` for
/// an integer and `2.0` for a real number, as PyTorch prints them.
///
/// It is written as a literal. There is no arithmetic on it, and so `1 / 8` is a `Double`, 0.125, and
/// not the quotient of integers.
public struct LayerNumber: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// The number.
  public let layerValue: Double
  /// The number as PyTorch prints it.
  public let layerText: String

  /// An integer.
  public init(_ value: Int) {
    layerValue = Double(value)
    layerText = "\(value)"
  }

  /// A real number.
  public init(_ value: Double) {
    layerValue = value
    layerText = pythonFloat(value)
  }

  /// An integer.
  public init(integerLiteral value: Int) { self.init(value) }

  /// A real number.
  public init(floatLiteral value: Double) { self.init(value) }

  /// A number; `isWhole` if it was given as an integer.
  package init(_ value: Double, isWhole: Bool) {
    let whole = isWhole ? Int(exactly: value) : nil
    layerValue = value
    layerText = whole.map { "\($0)" } ?? pythonFloat(value)
  }
}
