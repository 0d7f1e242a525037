import Arrays
import Kernels

// For each type of number, and not only for all of them at once, so that `x[0] * f` is about a part of
// the tensor, and never about a number read from it.
extension Tensor {
  /// Adds a number to each element. Equivalent to `torch.add`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func + (lhs: Tensor, rhs: Float) -> Tensor { lhs + Double(rhs) }
  /// Adds a number to each element. Equivalent to `torch.add`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func + (lhs: Float, rhs: Tensor) -> Tensor { Double(lhs) + rhs }
  /// Subtracts a number from each element. Equivalent to `torch.sub`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func - (lhs: Tensor, rhs: Float) -> Tensor { lhs - Double(rhs) }
  /// Subtracts each element from a number. Equivalent to `torch.rsub`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func - (lhs: Float, rhs: Tensor) -> Tensor { Double(lhs) - rhs }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func * (lhs: Tensor, rhs: Float) -> Tensor { lhs * Double(rhs) }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func * (lhs: Float, rhs: Tensor) -> Tensor { Double(lhs) * rhs }
  /// Divides each element by a number. Equivalent to `torch.div`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func / (lhs: Tensor, rhs: Float) -> Tensor { lhs / Double(rhs) }
  /// Divides a number by each element. Equivalent to `number * torch.reciprocal(x)`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func / (lhs: Float, rhs: Tensor) -> Tensor { Double(lhs) / rhs }

  /// The remainder of each element by a whole number. Equivalent to `torch.remainder`, Python's `%`.
  public static func % (lhs: Tensor, rhs: Int) -> Tensor { lhs.remainder(rhs.beside(lhs)) }

  /// Whether elements equal a number: a tensor of `bool`. Equivalent to `torch.eq`.
  public static func == (lhs: Tensor, rhs: Int) -> Tensor { lhs .== rhs.compared(lhs) }
  /// Whether elements equal a number: a tensor of `bool`. Equivalent to `torch.eq`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func == (lhs: Tensor, rhs: Float) -> Tensor { lhs .== rhs.compared(lhs) }
  /// Whether elements equal a number: a tensor of `bool`. Equivalent to `torch.eq`.
  public static func == (lhs: Tensor, rhs: Double) -> Tensor { lhs .== rhs.compared(lhs) }
  /// Whether elements differ from a number: a tensor of `bool`. Equivalent to `torch.ne`.
  public static func != (lhs: Tensor, rhs: Int) -> Tensor { lhs .!= rhs.compared(lhs) }
  /// Whether elements differ from a number: a tensor of `bool`. Equivalent to `torch.ne`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func != (lhs: Tensor, rhs: Float) -> Tensor { lhs .!= rhs.compared(lhs) }
  /// Whether elements differ from a number: a tensor of `bool`. Equivalent to `torch.ne`.
  public static func != (lhs: Tensor, rhs: Double) -> Tensor { lhs .!= rhs.compared(lhs) }
  /// Whether elements are smaller than a number: a tensor of `bool`. Equivalent to `torch.lt`.
  public static func < (lhs: Tensor, rhs: Int) -> Tensor { lhs .< rhs.compared(lhs) }
  /// Whether elements are smaller than a number: a tensor of `bool`. Equivalent to `torch.lt`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func < (lhs: Tensor, rhs: Float) -> Tensor { lhs .< rhs.compared(lhs) }
  /// Whether elements are smaller than a number: a tensor of `bool`. Equivalent to `torch.lt`.
  public static func < (lhs: Tensor, rhs: Double) -> Tensor { lhs .< rhs.compared(lhs) }
  /// Whether elements are smaller than a number or equal to it: a tensor of `bool`. Equivalent to `torch.le`.
  public static func <= (lhs: Tensor, rhs: Int) -> Tensor { lhs .<= rhs.compared(lhs) }
  /// Whether elements are smaller than a number or equal to it: a tensor of `bool`. Equivalent to `torch.le`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func <= (lhs: Tensor, rhs: Float) -> Tensor { lhs .<= rhs.compared(lhs) }
  /// Whether elements are smaller than a number or equal to it: a tensor of `bool`. Equivalent to `torch.le`.
  public static func <= (lhs: Tensor, rhs: Double) -> Tensor { lhs .<= rhs.compared(lhs) }
  /// Whether elements are larger than a number: a tensor of `bool`. Equivalent to `torch.gt`.
  public static func > (lhs: Tensor, rhs: Int) -> Tensor { lhs .> rhs.compared(lhs) }
  /// Whether elements are larger than a number: a tensor of `bool`. Equivalent to `torch.gt`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func > (lhs: Tensor, rhs: Float) -> Tensor { lhs .> rhs.compared(lhs) }
  /// Whether elements are larger than a number: a tensor of `bool`. Equivalent to `torch.gt`.
  public static func > (lhs: Tensor, rhs: Double) -> Tensor { lhs .> rhs.compared(lhs) }
  /// Whether elements are larger than a number or equal to it: a tensor of `bool`. Equivalent to `torch.ge`.
  public static func >= (lhs: Tensor, rhs: Int) -> Tensor { lhs .>= rhs.compared(lhs) }
  /// Whether elements are larger than a number or equal to it: a tensor of `bool`. Equivalent to `torch.ge`.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func >= (lhs: Tensor, rhs: Float) -> Tensor { lhs .>= rhs.compared(lhs) }
  /// Whether elements are larger than a number or equal to it: a tensor of `bool`. Equivalent to `torch.ge`.
  public static func >= (lhs: Tensor, rhs: Double) -> Tensor { lhs .>= rhs.compared(lhs) }
}
