/// A number as an argument of a layer, which the layer's description repeats as it was given: `2` for an
/// integer and `2.0` for a real number, as PyTorch prints them.
public protocol LayerNumber: Sendable {
  /// The number.
  var layerValue: Double { get }
  /// The number as PyTorch prints it.
  var layerText: String { get }
}

extension Double: LayerNumber {
  /// The number.
  public var layerValue: Double { self }
  /// The number as PyTorch prints it.
  public var layerText: String { pythonFloat(self) }
}

extension Int: LayerNumber {
  /// The number.
  public var layerValue: Double { Double(self) }
  /// The number as PyTorch prints it.
  public var layerText: String { "\(self)" }
}

/// A number from a description, of either kind.
package struct GivenNumber: LayerNumber {
  package let layerValue: Double
  package let layerText: String

  /// A number; `isWhole` if it was given as an integer.
  package init(_ value: Double, isWhole: Bool) {
    layerValue = value
    layerText = isWhole ? value.formattedWhole : value.layerText
  }
}

extension Double {
  /// The number without a fraction, if it has none.
  fileprivate var formattedWhole: String { Int(exactly: self).map { "\($0)" } ?? layerText }
}
