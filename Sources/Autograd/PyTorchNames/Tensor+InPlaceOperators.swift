import Arrays

// As in PyTorch, what holds the tensor is not given another one, so these are also for constants:
// `noGrad { model.weight -= lr * gradient }`. Those for variables are there because `x[mask] += 1` has
// to put back what it changed.
extension Tensor {
  /// Adds to this tensor in place: see ``add_(_:alpha:)``. As in PyTorch, every
  /// variable that holds the tensor sees the change.
  public static func += (lhs: inout Tensor, rhs: Tensor) { lhs.add_(rhs) }
  /// Adds to this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func += (lhs: Tensor, rhs: Tensor) { lhs.add_(rhs) }
  /// Subtracts from this tensor in place: see ``add_(_:alpha:)``.
  public static func -= (lhs: inout Tensor, rhs: Tensor) { lhs.sub_(rhs) }
  /// Subtracts from this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func -= (lhs: Tensor, rhs: Tensor) { lhs.sub_(rhs) }
  /// Multiplies this tensor in place: see ``add_(_:alpha:)``.
  public static func *= (lhs: inout Tensor, rhs: Tensor) { lhs.mul_(rhs) }
  /// Multiplies this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func *= (lhs: Tensor, rhs: Tensor) { lhs.mul_(rhs) }
  /// Divides this tensor in place: see ``add_(_:alpha:)``.
  public static func /= (lhs: inout Tensor, rhs: Tensor) { lhs.div_(rhs) }
  /// Divides this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func /= (lhs: Tensor, rhs: Tensor) { lhs.div_(rhs) }
}

// For variables for each type of number, and not for all of them at once: so `x[0] += 1` is about a part of
// the tensor, and never about a number read from it.
extension Tensor {
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  public static func += (lhs: inout Tensor, rhs: Int) { lhs.add_(rhs) }
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func += (lhs: inout Tensor, rhs: Float) { lhs.add_(rhs) }
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  public static func += (lhs: inout Tensor, rhs: Double) { lhs.add_(rhs) }
  /// Adds a number to this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func += (lhs: Tensor, rhs: some TensorNumber) { lhs.add_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  public static func -= (lhs: inout Tensor, rhs: Int) { lhs.sub_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func -= (lhs: inout Tensor, rhs: Float) { lhs.sub_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  public static func -= (lhs: inout Tensor, rhs: Double) { lhs.sub_(rhs) }
  /// Subtracts a number from this tensor in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func -= (lhs: Tensor, rhs: some TensorNumber) { lhs.sub_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func *= (lhs: inout Tensor, rhs: Int) { lhs.mul_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func *= (lhs: inout Tensor, rhs: Float) { lhs.mul_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func *= (lhs: inout Tensor, rhs: Double) { lhs.mul_(rhs) }
  /// Multiplies this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func *= (lhs: Tensor, rhs: some TensorNumber) { lhs.mul_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func /= (lhs: inout Tensor, rhs: Int) { lhs.div_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload  // So that `.infinity` is a Double.
  public static func /= (lhs: inout Tensor, rhs: Float) { lhs.div_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  public static func /= (lhs: inout Tensor, rhs: Double) { lhs.div_(rhs) }
  /// Divides this tensor by a number in place: see ``add_(_:alpha:)``.
  @_disfavoredOverload
  public static func /= (lhs: Tensor, rhs: some TensorNumber) { lhs.div_(rhs) }
}
