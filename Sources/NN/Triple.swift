import Arrays
import Files

/// Lengths in depth, height and width: one `Int` for all, or an array of three.
public protocol TripleConvertible {
  /// The lengths of depth, height and width.
  var triple: (Int, Int, Int) { get }
}

extension Int: TripleConvertible {
  /// This number for all directions.
  public var triple: (Int, Int, Int) { (self, self, self) }
}

extension Array: TripleConvertible where Element == Int {
  /// The three elements: depth, height and width.
  ///
  /// - Precondition: The array has three elements.
  public var triple: (Int, Int, Int) {
    require(count == 3, "\(self) is not a triple of lengths: depth, height and width")
    return (self[0], self[1], self[2])
  }
}

/// Lengths as PyTorch prints them, the way they were given: `2` or `(2, 3, 4)`.
func tripleText(_ lengths: some TripleConvertible) -> String {
  lengths is Int ? "\(lengths)" : "\(lengths.triple)"
}
