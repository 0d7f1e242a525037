import Arrays
import Files
import States

/// A vertical and a horizontal length: one `Int` for both, or an array of two.
public protocol PairConvertible {
  /// The vertical and the horizontal length.
  var pair: (Int, Int) { get }
}

extension Int: PairConvertible {
  /// This number for both directions.
  public var pair: (Int, Int) { (self, self) }
}

extension Array: PairConvertible where Element == Int {
  /// The two elements, the vertical one first.
  ///
  /// - Precondition: The array has two elements.
  public var pair: (Int, Int) {
    require(count == 2, "\(self) is not a pair of vertical and horizontal lengths")
    return (self[0], self[1])
  }
}

/// The padding of a convolution: lengths as for ``PairConvertible``, or `.same` or `.valid`.
public protocol PaddingConvertible {
  /// The padding.
  var convolutionPadding: ConvolutionPadding { get }
}

/// The padding of a convolution. Pass a number, an array of two, `.same` or `.valid`.
public enum ConvolutionPadding: Hashable, Sendable, PaddingConvertible {
  /// As many rows above as below, and as many columns on the left as on the right.
  case lengths(Int, Int)
  /// As much as makes the output as large as the input. PyTorch's `padding='same'`.
  case toSameSize
  /// No padding. PyTorch's `padding='valid'`.
  case nothing

  /// This padding.
  public var convolutionPadding: ConvolutionPadding { self }

  var isSame: Bool {
    if case .toSameSize = self { true } else { false }
  }

  /// This padding as PyTorch prints it.
  ///
  /// - Parameter lengths: Gives the text of lengths.
  func text(lengths: (Int, Int) -> String) -> String {
    switch self {
    case .lengths(let vertical, let horizontal): lengths(vertical, horizontal)
    case .toSameSize: "same"
    case .nothing: "valid"
    }
  }

  /// The padding before and after, along each of two dimensions.
  func amounts(kernel: (Int, Int), dilation: (Int, Int)) -> [(before: Int, after: Int)] {
    switch self {
    case .lengths(let vertical, let horizontal):
      return [(vertical, vertical), (horizontal, horizontal)]
    case .nothing: return [(0, 0), (0, 0)]
    case .toSameSize:
      return [dilation.0 * (kernel.0 - 1), dilation.1 * (kernel.1 - 1)].map {
        ($0 / 2, $0 - $0 / 2)
      }
    }
  }
}

extension PaddingConvertible where Self == ConvolutionPadding {
  /// As much as makes the output as large as the input. Needs a stride of 1.
  public static var same: ConvolutionPadding { .toSameSize }
  /// No padding.
  public static var valid: ConvolutionPadding { .nothing }
}

extension Int: PaddingConvertible {
  /// This number in both directions.
  public var convolutionPadding: ConvolutionPadding { .lengths(self, self) }
}

extension Array: PaddingConvertible where Element == Int {
  /// The two elements, the vertical one first. Traps unless there are two.
  public var convolutionPadding: ConvolutionPadding { .lengths(pair.0, pair.1) }
}

/// Lengths as PyTorch prints them, the way they were given: `2` or `(2, 3)`.
func pairText(_ lengths: some PairConvertible) -> String {
  lengths is Int ? "\(lengths)" : "\(lengths.pair)"
}

/// Python's words for a boolean, as PyTorch's descriptions have them.
func pythonBool(_ value: Bool) -> String { value ? "True" : "False" }

/// A number as Python prints it: `0.1`, `1e-05`, `1.0`.
func pythonFloat(_ value: Double) -> String { PythonText.float(value) }
