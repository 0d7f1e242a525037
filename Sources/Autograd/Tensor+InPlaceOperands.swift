// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Kernels

// Functions of two tensors, or of a tensor and a number, that change the first; the rules are those of `add_`.

extension Tensor {
  /// Multiplies each element. Equivalent to
  /// `torch.Tensor.multiply_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func multiply_(_ other: Tensor) -> Self {
    changed("multiply_") { $0.multiply(other) }
  }
  /// Multiplies each element. Equivalent to
  /// `torch.Tensor.multiply_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func multiply_(_ other: some TensorNumber) -> Self {
    changed("multiply_") { $0.multiply(other) }
  }
  /// Subtracts from each element. Equivalent to
  /// `torch.Tensor.subtract_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func subtract_(_ other: Tensor) -> Self {
    changed("subtract_") { $0.subtract(other) }
  }
  /// Subtracts from each element. Equivalent to
  /// `torch.Tensor.subtract_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func subtract_(_ other: some TensorNumber) -> Self {
    changed("subtract_") { $0.subtract(other) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.true_divide_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func trueDivide_(_ other: Tensor) -> Self {
    changed("trueDivide_") { $0.trueDivide(other) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.true_divide_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func trueDivide_(_ other: some TensorNumber) -> Self {
    changed("trueDivide_") { $0.trueDivide(other) }
  }
  /// Replaces each element by its quotient, rounded down. Equivalent to
  /// `torch.Tensor.floor_divide_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func floorDivide_(_ other: Tensor) -> Self {
    changed("floorDivide_") { $0.floorDivide(other) }
  }
  /// Replaces each element by its quotient, rounded down. Equivalent to
  /// `torch.Tensor.floor_divide_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func floorDivide_(_ other: some TensorNumber) -> Self {
    changed("floorDivide_") { $0.floorDivide(other) }
  }
  /// Replaces each element by its remainder, which has the sign of the divisor. Equivalent to
  /// `torch.Tensor.remainder_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func remainder_(_ other: Tensor) -> Self {
    changed("remainder_") { $0.remainder(other) }
  }
  /// Replaces each element by its remainder, which has the sign of the divisor. Equivalent to
  /// `torch.Tensor.remainder_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func remainder_(_ other: some TensorNumber) -> Self {
    changed("remainder_") { $0.remainder(other) }
  }
  /// Replaces each element by its remainder, which has the sign of the element. Equivalent to
  /// `torch.Tensor.fmod_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func fmod_(_ other: Tensor) -> Self {
    changed("fmod_") { $0.fmod(other) }
  }
  /// Replaces each element by its remainder, which has the sign of the element. Equivalent to
  /// `torch.Tensor.fmod_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func fmod_(_ other: some TensorNumber) -> Self {
    changed("fmod_") { $0.fmod(other) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.div_`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number.
  /// - Returns: This tensor.
  @discardableResult
  public final func div_(_ other: Tensor, roundingMode: RoundingMode?) -> Self {
    changed("div_") { $0.div(other, roundingMode: roundingMode) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.div_`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number.
  /// - Returns: This tensor.
  @discardableResult
  public final func div_(_ other: some TensorNumber, roundingMode: RoundingMode?) -> Self {
    changed("div_") { $0.div(other, roundingMode: roundingMode) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.divide_`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number.
  /// - Returns: This tensor.
  @discardableResult
  public final func divide_(_ other: Tensor, roundingMode: RoundingMode? = nil) -> Self {
    changed("divide_") { $0.div(other, roundingMode: roundingMode) }
  }
  /// Divides each element. Equivalent to
  /// `torch.Tensor.divide_`.
  ///
  /// - Parameters:
  ///   - other: The divisor.
  ///   - roundingMode: How the quotient becomes a whole number.
  /// - Returns: This tensor.
  @discardableResult
  public final func divide_(_ other: some TensorNumber, roundingMode: RoundingMode? = nil) -> Self {
    changed("divide_") { $0.div(other, roundingMode: roundingMode) }
  }
  /// Raises each element to a power. Equivalent to
  /// `torch.Tensor.pow_`.
  ///
  /// - Parameter exponent: The exponents, which broadcast to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func pow_(_ exponent: Tensor) -> Self {
    changed("pow_") { $0.pow(exponent) }
  }
  /// Replaces each element by the angle of a point. Equivalent to
  /// `torch.Tensor.atan2_`.
  ///
  /// - Parameter other: The x coordinates.
  /// - Returns: This tensor.
  @discardableResult
  public final func atan2_(_ other: Tensor) -> Self {
    changed("atan2_") { $0.atan2(other) }
  }
  /// Replaces each element by the angle of a point. Equivalent to
  /// `torch.Tensor.arctan2_`.
  ///
  /// - Parameter other: The x coordinates.
  /// - Returns: This tensor.
  @discardableResult
  public final func arctan2_(_ other: Tensor) -> Self {
    changed("arctan2_") { $0.arctan2(other) }
  }
  /// Replaces each element by the length of a vector. Equivalent to
  /// `torch.Tensor.hypot_`.
  ///
  /// - Parameter other: The other coordinates.
  /// - Returns: This tensor.
  @discardableResult
  public final func hypot_(_ other: Tensor) -> Self {
    changed("hypot_") { $0.hypot(other) }
  }
  /// Multiplies each element by a logarithm. Equivalent to
  /// `torch.Tensor.xlogy_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func xlogy_(_ other: Tensor) -> Self {
    changed("xlogy_") { $0.xlogy(other) }
  }
  /// Multiplies each element by a logarithm. Equivalent to
  /// `torch.Tensor.xlogy_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func xlogy_(_ other: some TensorNumber) -> Self {
    changed("xlogy_") { $0.xlogy(other) }
  }
  /// Gives each element a sign. Equivalent to
  /// `torch.Tensor.copysign_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func copysign_(_ other: Tensor) -> Self {
    changed("copysign_") { $0.copysign(other) }
  }
  /// Gives each element a sign. Equivalent to
  /// `torch.Tensor.copysign_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func copysign_(_ other: some TensorNumber) -> Self {
    changed("copysign_") { $0.copysign(other) }
  }
  /// Replaces each element by its step. Equivalent to
  /// `torch.Tensor.heaviside_`.
  ///
  /// - Parameter other: What is given at zero.
  /// - Returns: This tensor.
  @discardableResult
  public final func heaviside_(_ other: Tensor) -> Self {
    changed("heaviside_") { $0.heaviside(other) }
  }
  /// Replaces each element by the truth of two, 0 or 1. Equivalent to
  /// `torch.Tensor.logical_and_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func logicalAnd_(_ other: Tensor) -> Self {
    changed("logicalAnd_") { $0.logicalAnd(other) }
  }
  /// Replaces each element by the truth of two, 0 or 1. Equivalent to
  /// `torch.Tensor.logical_or_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func logicalOr_(_ other: Tensor) -> Self {
    changed("logicalOr_") { $0.logicalOr(other) }
  }
  /// Replaces each element by the truth of two, 0 or 1. Equivalent to
  /// `torch.Tensor.logical_xor_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func logicalXor_(_ other: Tensor) -> Self {
    changed("logicalXor_") { $0.logicalXor(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_and_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseAnd_(_ other: Tensor) -> Self {
    changed("bitwiseAnd_") { $0.bitwiseAnd(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_and_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseAnd_(_ other: Int) -> Self {
    changed("bitwiseAnd_") { $0.bitwiseAnd(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_or_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseOr_(_ other: Tensor) -> Self {
    changed("bitwiseOr_") { $0.bitwiseOr(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_or_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseOr_(_ other: Int) -> Self {
    changed("bitwiseOr_") { $0.bitwiseOr(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_xor_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseXor_(_ other: Tensor) -> Self {
    changed("bitwiseXor_") { $0.bitwiseXor(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_xor_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseXor_(_ other: Int) -> Self {
    changed("bitwiseXor_") { $0.bitwiseXor(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_left_shift_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseLeftShift_(_ other: Tensor) -> Self {
    changed("bitwiseLeftShift_") { $0.bitwiseLeftShift(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_left_shift_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseLeftShift_(_ other: Int) -> Self {
    changed("bitwiseLeftShift_") { $0.bitwiseLeftShift(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_right_shift_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseRightShift_(_ other: Tensor) -> Self {
    changed("bitwiseRightShift_") { $0.bitwiseRightShift(other) }
  }
  /// Changes the bits of each integer. Equivalent to
  /// `torch.Tensor.bitwise_right_shift_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseRightShift_(_ other: Int) -> Self {
    changed("bitwiseRightShift_") { $0.bitwiseRightShift(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.eq_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func eq_(_ other: Tensor) -> Self {
    changed("eq_") { $0.eq(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.eq_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func eq_(_ other: some TensorNumber) -> Self {
    changed("eq_") { $0.eq(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.ne_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func ne_(_ other: Tensor) -> Self {
    changed("ne_") { $0.ne(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.ne_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func ne_(_ other: some TensorNumber) -> Self {
    changed("ne_") { $0.ne(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.lt_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func lt_(_ other: Tensor) -> Self {
    changed("lt_") { $0.lt(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.lt_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func lt_(_ other: some TensorNumber) -> Self {
    changed("lt_") { $0.lt(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.le_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func le_(_ other: Tensor) -> Self {
    changed("le_") { $0.le(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.le_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func le_(_ other: some TensorNumber) -> Self {
    changed("le_") { $0.le(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.gt_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func gt_(_ other: Tensor) -> Self {
    changed("gt_") { $0.gt(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.gt_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func gt_(_ other: some TensorNumber) -> Self {
    changed("gt_") { $0.gt(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.ge_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func ge_(_ other: Tensor) -> Self {
    changed("ge_") { $0.ge(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.ge_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func ge_(_ other: some TensorNumber) -> Self {
    changed("ge_") { $0.ge(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.not_equal_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func notEqual_(_ other: Tensor) -> Self {
    changed("notEqual_") { $0.notEqual(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.not_equal_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func notEqual_(_ other: some TensorNumber) -> Self {
    changed("notEqual_") { $0.notEqual(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.less_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func less_(_ other: Tensor) -> Self {
    changed("less_") { $0.less(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.less_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func less_(_ other: some TensorNumber) -> Self {
    changed("less_") { $0.less(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.less_equal_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func lessEqual_(_ other: Tensor) -> Self {
    changed("lessEqual_") { $0.lessEqual(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.less_equal_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func lessEqual_(_ other: some TensorNumber) -> Self {
    changed("lessEqual_") { $0.lessEqual(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.greater_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func greater_(_ other: Tensor) -> Self {
    changed("greater_") { $0.greater(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.greater_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func greater_(_ other: some TensorNumber) -> Self {
    changed("greater_") { $0.greater(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.greater_equal_`.
  ///
  /// - Parameter other: The other operand, which broadcasts to this tensor's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func greaterEqual_(_ other: Tensor) -> Self {
    changed("greaterEqual_") { $0.greaterEqual(other) }
  }
  /// Replaces each element by whether the comparison holds, 0 or 1. Equivalent to
  /// `torch.Tensor.greater_equal_`.
  ///
  /// - Parameter other: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func greaterEqual_(_ other: some TensorNumber) -> Self {
    changed("greaterEqual_") { $0.greaterEqual(other) }
  }
  /// Adds a factor times a product to each element. Equivalent to
  /// `torch.Tensor.addcmul_`.
  ///
  /// - Parameters:
  ///   - first: The first operand.
  ///   - second: The second operand.
  ///   - value: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func addcmul_(_ first: Tensor, _ second: Tensor, value: Double = 1) -> Self {
    changed("addcmul_") { $0.addcmul(first, second, value: value) }
  }
  /// Adds a factor times a quotient to each element. Equivalent to
  /// `torch.Tensor.addcdiv_`.
  ///
  /// - Parameters:
  ///   - first: The first operand.
  ///   - second: The second operand.
  ///   - value: The factor of the quotient.
  /// - Returns: This tensor.
  @discardableResult
  public final func addcdiv_(_ first: Tensor, _ second: Tensor, value: Double = 1) -> Self {
    changed("addcdiv_") { $0.addcdiv(first, second, value: value) }
  }
}
