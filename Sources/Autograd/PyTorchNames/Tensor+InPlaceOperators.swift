import Arrays

// For each type of number, and not for all of them at once: so `x[0] += 1` is about a part of the tensor,
// and never about a number read from it.
extension Tensor {
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  public static func += (lhs: inout Tensor, rhs: Int) { lhs.add_(rhs) }
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func += (lhs: inout Tensor, rhs: Float) { lhs.add_(rhs) }
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  public static func += (lhs: inout Tensor, rhs: Double) { lhs.add_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  public static func -= (lhs: inout Tensor, rhs: Int) { lhs.sub_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func -= (lhs: inout Tensor, rhs: Float) { lhs.sub_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  public static func -= (lhs: inout Tensor, rhs: Double) { lhs.sub_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func *= (lhs: inout Tensor, rhs: Int) { lhs.mul_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func *= (lhs: inout Tensor, rhs: Float) { lhs.mul_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func *= (lhs: inout Tensor, rhs: Double) { lhs.mul_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func /= (lhs: inout Tensor, rhs: Int) { lhs.div_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func /= (lhs: inout Tensor, rhs: Float) { lhs.div_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func /= (lhs: inout Tensor, rhs: Double) { lhs.div_(rhs) }
}
