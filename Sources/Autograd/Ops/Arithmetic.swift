import Arrays
import Files
import Kernels

extension Tensor {
  /// The elementwise sum, broadcasting. Equivalent to `torch.add`.
  public static func + (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("add", [lhs, rhs], .binary(.add, lhs.array, rhs.array, for: "add")) { _ in
      [{ $0 }, { $0 }]
    }
  }

  /// The elementwise difference, broadcasting. Equivalent to `torch.sub`.
  public static func - (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("sub", [lhs, rhs], .binary(.subtract, lhs.array, rhs.array, for: "sub")) { _ in
      [{ $0 }, { -$0 }]
    }
  }

  /// The elementwise product, broadcasting. Equivalent to `torch.mul`.
  public static func * (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("mul", [lhs, rhs], .binary(.multiply, lhs.array, rhs.array, for: "mul")) { _ in
      let (x, y) = (lhs.saved, rhs.saved)
      return [{ $0 * y() }, { $0 * x() }]
    }
  }

  /// The elementwise quotient, broadcasting. Equivalent to `torch.div`.
  ///
  /// Of integers it is `float32`.
  public static func / (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("div", [lhs, rhs], .binary(.divide, lhs.array, rhs.array, for: "div")) { _ in
      let (x, y) = (lhs.saved, rhs.saved)
      return [{ $0 / y() }, { -$0 * x() / (y() * y()) }]
    }
  }

  /// The elements with their signs changed. Equivalent to `torch.neg`.
  public static prefix func - (operand: Tensor) -> Tensor {
    record("neg", [operand], operand.array.unary(.negate)) { _ in [{ -$0 }] }
  }

  /// scale · x + offset for each element, of which only the scale matters to the gradient.
  final func affine(_ scale: Double, _ offset: Double, _ name: StaticString) -> Tensor {
    let whole = scale.rounded() == scale && offset.rounded() == offset
    // A fraction makes integers real, and any number makes booleans integers.
    let x = dtype.isIntegral && !whole ? to(.float32) : dtype == .bool ? to(.int64) : self
    return .record(name, [x], x.array.unary(.affine, scale, offset)) { _ in
      [{ scale == 1 ? $0 : $0.affine(scale, 0, "mul") }]
    }
  }

  /// Each element plus a number. Equivalent to `torch.add`.
  public static func + (lhs: Tensor, rhs: Double) -> Tensor { lhs.affine(1, rhs, "add") }
  /// Each element plus a number. Equivalent to `torch.add`.
  public static func + (lhs: Double, rhs: Tensor) -> Tensor { rhs.affine(1, lhs, "add") }
  /// Each element minus a number. Equivalent to `torch.sub`.
  public static func - (lhs: Tensor, rhs: Double) -> Tensor { lhs.affine(1, -rhs, "sub") }
  /// A number minus each element. Equivalent to `torch.rsub`.
  public static func - (lhs: Double, rhs: Tensor) -> Tensor { rhs.affine(-1, lhs, "rsub") }
  /// Each element times a number. Equivalent to `torch.mul`.
  public static func * (lhs: Tensor, rhs: Double) -> Tensor { lhs.affine(rhs, 0, "mul") }
  /// Each element times a number. Equivalent to `torch.mul`.
  public static func * (lhs: Double, rhs: Tensor) -> Tensor { rhs.affine(lhs, 0, "mul") }

  /// Each element divided by a number. Equivalent to `torch.div`.
  public static func / (lhs: Tensor, rhs: Double) -> Tensor {
    record("div", [lhs], lhs.array.unary(.divide, rhs)) { _ in [{ $0 / rhs }] }
  }

  /// A number divided by each element. Equivalent to `number * torch.reciprocal(x)`.
  public static func / (lhs: Double, rhs: Tensor) -> Tensor {
    record("div", [rhs], rhs.array.unary(.reciprocal, lhs)) { _ in
      let y = rhs.saved
      return [{ $0 * (-lhs) / (y() * y()) }]
    }
  }

  /// Puts the sum in the place of `lhs`. The tensor that it was stays as it is.
  public static func += (lhs: inout Tensor, rhs: Tensor) { lhs = lhs + rhs }
  /// Puts the difference in the place of `lhs`. The tensor that it was stays as it is.
  public static func -= (lhs: inout Tensor, rhs: Tensor) { lhs = lhs - rhs }
  /// Puts the product in the place of `lhs`. The tensor that it was stays as it is.
  public static func *= (lhs: inout Tensor, rhs: Tensor) { lhs = lhs * rhs }
  /// Puts the quotient in the place of `lhs`. The tensor that it was stays as it is.
  public static func /= (lhs: inout Tensor, rhs: Tensor) { lhs = lhs / rhs }

  /// Each element to a power. Equivalent to `torch.pow`.
  public final func pow(_ exponent: Double) -> Tensor {
    .record("pow", [self], array.unary(.power, exponent)) { _ in
      let x = self.saved
      return [
        {
          exponent == 0 ? $0 * 0 : $0 * (x().pow(exponent - 1) * exponent)
        }
      ]
    }
  }

  /// Each element to the power of the element of `exponent`, broadcasting. Equivalent to
  /// `torch.pow`.
  public final func pow(_ exponent: Tensor) -> Tensor {
    .record("pow", [self, exponent], .binary(.power, array, exponent.array, for: "pow")) { output in
      let (x, y) = (self.saved, exponent.saved)
      return [
        // Nothing to the power of nothing has a slope of zero, where the formula gives NaN.
        { $0 * (y() * x().pow(y() - 1)).maskedFill(y() .== 0, 0) },
        {
          // Where the base is zero the logarithm is infinite, the power nothing, their product
          // nothing as well.
          let slope = output() * x().log()
          return $0 * .where(x() .== 0, Tensor.zeros(slope.shape, dtype: slope.dtype), slope)
        },
      ]
    }
  }

  /// The angle of the point (`other`, this) to the positive x axis, elementwise, broadcasting.
  /// Equivalent to `torch.atan2`.
  public final func atan2(_ other: Tensor) -> Tensor {
    .record("atan2", [self, other], .binary(.atan2, array, other.array, for: "atan2")) { _ in
      let (y, x) = (self.saved, other.saved)
      func share(_ grad: Tensor, _ part: Tensor) -> Tensor {
        grad * (part * (y().square() + x().square()).reciprocal())
      }
      return [{ share($0, x()) }, { share($0, -y()) }]
    }
  }

  /// The elementwise quotient, rounded down, broadcasting. Equivalent to `torch.floor_divide`, and
  /// to `torch.div` with `rounding_mode="floor"`. The gradient is zero.
  ///
  /// - Precondition: No integer is divided by zero.
  public final func floorDivide(_ other: Tensor) -> Tensor {
    requireDivisor(other, "floorDivide")
    let array = NDArray.binary(.floorDivide, array, other.array, for: "floorDivide")
    return .record("floorDivide", [self, other], array) { _ in [{ $0 * 0 }, { $0 * 0 }] }
  }

  /// What is left by ``floorDivide(_:)``, with the sign of the divisor, broadcasting. Equivalent to
  /// `torch.remainder`.
  ///
  /// - Precondition: No integer is divided by zero.
  public final func remainder(_ other: Tensor) -> Tensor {
    requireDivisor(other, "remainder")
    let array = NDArray.binary(.remainder, array, other.array, for: "remainder")
    return .record("remainder", [self, other], array) { _ in
      let (x, y) = (self.saved, other.saved)
      return [{ $0 }, { -$0 * x().floorDivide(y()) }]
    }
  }

  private final func requireDivisor(_ divisor: Tensor, _ operation: StaticString) {
    let isInteger = DType.ofOperation(array, divisor.array).isIntegral
    require(
      !isInteger || divisor.device == .meta || !divisor.hasZero,
      "\(operation): integers of shape \(shape) are divided by zero")
  }

  /// The elementwise greater of two, broadcasting. Equivalent to `torch.maximum`.
  ///
  /// Where both are equal each gets half of the gradient.
  public static func maximum(_ lhs: Tensor, _ rhs: Tensor) -> Tensor {
    extreme("maximum", .binary(.maximum, lhs.array, rhs.array, for: "maximum"), lhs, rhs)
  }

  /// The elementwise lesser of two, broadcasting. Equivalent to `torch.minimum`.
  ///
  /// Where both are equal each gets half of the gradient.
  public static func minimum(_ lhs: Tensor, _ rhs: Tensor) -> Tensor {
    extreme("minimum", .binary(.minimum, lhs.array, rhs.array, for: "minimum"), lhs, rhs)
  }

  private static func extreme(
    _ name: StaticString, _ array: NDArray, _ lhs: Tensor, _ rhs: Tensor
  ) -> Tensor {
    record(name, [lhs, rhs], array) { output in
      let (x, y) = (lhs.saved, rhs.saved)
      func share(_ one: SavedTensor, _ other: SavedTensor) -> (Tensor) -> Tensor {
        { grad in
          let isMine = (output().detached() .== one()).to(grad.dtype)
          let isTie = (one() .== other()).to(grad.dtype)
          return grad * isMine * (isTie * -0.5 + 1)
        }
      }
      return [share(x, y), share(y, x)]
    }
  }
}
