import Arrays
import Files
import Kernels

/// How a quotient becomes a whole number: the `rounding_mode` of `torch.div`.
public enum RoundingMode: String, Sendable, CaseIterable {
  /// Towards zero.
  case trunc
  /// Down.
  case floor
}

// Methods for operators.
extension Tensor {
  /// The sum with `alpha` times another tensor, with broadcasting. Equivalent to `torch.add`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - alpha: A factor for it; a whole one for integers.
  public final func add<A: TensorNumber>(_ other: Tensor, alpha: A = 1) -> Tensor {
    self + other.times(alpha, beside: self, "add")
  }
  /// Adds `alpha` times a number to each element. Equivalent to `torch.add`.
  ///
  /// - Parameters:
  ///   - other: The number.
  ///   - alpha: A factor for it; a whole one for integers.
  public final func add<A: TensorNumber>(_ other: some TensorNumber, alpha: A = 1) -> Tensor {
    if alpha.asDouble == 1 { return self + other }
    if let number = other.asInt, let factor = alpha.asInt { return self + number &* factor }
    requireFactor(alpha, "add")
    return self + other.asDouble * alpha.asDouble
  }
  /// The difference to `alpha` times another tensor, with broadcasting. Equivalent to `torch.sub`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - alpha: A factor for it; a whole one for integers.
  public final func sub<A: TensorNumber>(_ other: Tensor, alpha: A = 1) -> Tensor {
    self - other.times(alpha, beside: self, "sub")
  }
  /// Subtracts `alpha` times a number from each element. Equivalent to `torch.sub`.
  ///
  /// - Parameters:
  ///   - other: The number.
  ///   - alpha: A factor for it; a whole one for integers.
  public final func sub<A: TensorNumber>(_ other: some TensorNumber, alpha: A = 1) -> Tensor {
    if alpha.asDouble == 1 { return self - other }
    if let number = other.asInt, let factor = alpha.asInt { return self - number &* factor }
    requireFactor(alpha, "sub")
    return self - other.asDouble * alpha.asDouble
  }
  /// The difference to `alpha` times another tensor: another name of ``sub(_:alpha:)-(Tensor,_)``. Equivalent
  /// to `torch.subtract`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - alpha: A factor for it; a whole one for integers.
  public final func subtract<A: TensorNumber>(_ other: Tensor, alpha: A = 1) -> Tensor {
    sub(other, alpha: alpha)
  }
  /// Subtracts a number from each element. Equivalent to `torch.subtract`.
  ///
  /// - Parameter other: The number.
  public final func subtract(_ other: some TensorNumber) -> Tensor { self - other }

  /// This tensor times a factor, which for integers is whole.
  private final func times(
    _ factor: some TensorNumber, beside first: Tensor, _ operation: StaticString
  ) -> Tensor {
    guard factor.asDouble != 1 else { return self }
    let common = DType.ofOperation(first.array, array)
    if common.isIntegral { requireFactor(factor, operation) }
    // In the type of the sum: in its own the product might not fit, or be rounded.
    return common == .bool ? self * factor : to(common) * factor
  }

  private final func requireFactor(_ alpha: some TensorNumber, _ operation: StaticString) {
    require(
      !dtype.isIntegral || alpha.asInt != nil,
      "\(operation): for integral tensors, such as this of shape \(shape), alpha must not be a "
        + "floating-point number")
  }

  /// The elementwise product, with broadcasting. Equivalent to `torch.mul`.
  ///
  /// - Parameter other: The factor.
  public final func mul(_ other: Tensor) -> Tensor { self * other }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  ///
  /// - Parameter other: The factor.
  public final func mul(_ other: some TensorNumber) -> Tensor { self * other }
  /// The elementwise product, with broadcasting. Equivalent to `torch.multiply`.
  ///
  /// - Parameter other: The factor.
  public final func multiply(_ other: Tensor) -> Tensor { self * other }
  /// Multiplies each element by a number. Equivalent to `torch.multiply`.
  ///
  /// - Parameter other: The factor.
  public final func multiply(_ other: some TensorNumber) -> Tensor { self * other }

  /// The elementwise quotient, with broadcasting. Equivalent to `torch.div`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number, in the common type and without a gradient; not
  ///     at all if nil.
  /// - Precondition: With a mode no integer is divided by zero.
  public final func div(_ other: Tensor, roundingMode: RoundingMode? = nil) -> Tensor {
    switch roundingMode {
    case nil: self / other
    case .floor: floorDivide(other).named("div")
    case .trunc: truncDivide(other)
    }
  }
  /// Divides each element by a number. Equivalent to `torch.div`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number; not at all if nil.
  public final func div(_ other: some TensorNumber, roundingMode: RoundingMode? = nil) -> Tensor {
    guard let roundingMode else { return self / other }
    return div(other.beside(self), roundingMode: roundingMode)
  }
  /// The elementwise quotient, with broadcasting. Equivalent to `torch.divide`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: As for ``div(_:roundingMode:)-(Tensor,_)``.
  public final func divide(_ other: Tensor, roundingMode: RoundingMode? = nil) -> Tensor {
    div(other, roundingMode: roundingMode)
  }
  /// Divides each element by a number. Equivalent to `torch.divide`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: As for ``div(_:roundingMode:)-(Tensor,_)``.
  public final func divide(_ other: some TensorNumber, roundingMode: RoundingMode? = nil) -> Tensor
  {
    div(other, roundingMode: roundingMode)
  }
  /// The elementwise quotient, with broadcasting. Equivalent to `torch.true_divide`.
  ///
  /// - Parameter other: The divisor.
  public final func trueDivide(_ other: Tensor) -> Tensor { self / other }
  /// Divides each element by a number. Equivalent to `torch.true_divide`.
  ///
  /// - Parameter other: The divisor.
  public final func trueDivide(_ other: some TensorNumber) -> Tensor { self / other }
  /// The quotients by a number, rounded down. Equivalent to `torch.floor_divide`.
  ///
  /// - Parameter other: The divisor.
  public final func floorDivide(_ other: some TensorNumber) -> Tensor {
    floorDivide(other.beside(self))
  }
  /// The remainders of divisions by a number, with its sign. Equivalent to `torch.remainder`.
  ///
  /// - Parameter other: The divisor.
  public final func remainder(_ other: some TensorNumber) -> Tensor { self % other }
  /// The remainders of divisions by a number, with the sign of the elements. Equivalent to `torch.fmod`.
  ///
  /// - Parameter other: The divisor.
  public final func fmod(_ other: some TensorNumber) -> Tensor { fmod(other.beside(self)) }
  /// Each element in `float64` to a power. Equivalent to `torch.float_power`.
  ///
  /// - Parameter exponent: The exponents, which broadcast.
  public final func floatPower(_ exponent: Tensor) -> Tensor {
    to(.float64).pow(exponent.to(.float64))
  }
  /// Each element in `float64` to a power. Equivalent to `torch.float_power`.
  ///
  /// - Parameter exponent: The exponent.
  public final func floatPower(_ exponent: some TensorNumber) -> Tensor {
    to(.float64).pow(exponent.asDouble)
  }

  /// The negated elements. Equivalent to `torch.neg`.
  public final func neg() -> Tensor { -self }
  /// The negated elements. Equivalent to `torch.negative`.
  public final func negative() -> Tensor { -self }
  /// This tensor. Equivalent to `torch.positive`. As in PyTorch, booleans trap.
  public final func positive() -> Tensor {
    require(
      dtype != .bool,
      "positive: the + operator, on a bool tensor of shape \(shape), is not supported")
    return self
  }
  /// |x|. Equivalent to `torch.absolute`.
  public final func absolute() -> Tensor { abs() }
  /// The elementwise maximum. Equivalent to `torch.maximum`. See ``maximum(_:_:)``.
  ///
  /// - Parameter other: The other tensor.
  public final func maximum(_ other: Tensor) -> Tensor { .maximum(self, other) }
  /// The elementwise minimum. Equivalent to `torch.minimum`. See ``minimum(_:_:)``.
  ///
  /// - Parameter other: The other tensor.
  public final func minimum(_ other: Tensor) -> Tensor { .minimum(self, other) }
}
