import Arrays
import Files
import Kernels

extension Tensor {
  /// The elementwise sum, with broadcasting. Equivalent to `torch.add`.
  ///
  /// Shapes broadcast and types are promoted as in PyTorch, here and in the other operators; shapes
  /// that do not broadcast trap.
  public static func + (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("add", [lhs, rhs], .binary(.add, lhs.array, rhs.array, for: "add")) { _ in
      [{ $0 }, { $0 }]
    }
  }

  /// The elementwise difference, with broadcasting. Equivalent to `torch.sub`.
  public static func - (lhs: Tensor, rhs: Tensor) -> Tensor {
    require(
      lhs.dtype != .bool && rhs.dtype != .bool,
      "sub: subtraction with a bool tensor, of shapes \(lhs.shape) and \(rhs.shape), is not supported: "
        + "use ^, or ~ to invert a mask")
    return record("sub", [lhs, rhs], .binary(.subtract, lhs.array, rhs.array, for: "sub")) { _ in
      [{ $0 }, { -$0 }]
    }
  }

  /// The elementwise product, with broadcasting. Equivalent to `torch.mul`. For matrices see
  /// ``matmul(_:)``.
  public static func * (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("mul", [lhs, rhs], .binary(.multiply, lhs.array, rhs.array, for: "mul")) { _ in
      let (x, y) = (lhs.saved, rhs.saved)
      return [{ $0 * y() }, { $0 * x() }]
    }
  }

  /// The elementwise quotient, with broadcasting. Equivalent to `torch.div`.
  ///
  /// The quotient of integers is `float32`.
  public static func / (lhs: Tensor, rhs: Tensor) -> Tensor {
    record("div", [lhs, rhs], .binary(.divide, lhs.array, rhs.array, for: "div")) { _ in
      let (x, y) = (lhs.saved, rhs.saved)
      // Of the quotient, since the square of a large divisor would be infinite.
      return [{ $0 / y() }, { -$0 * (x() / y() / y()) }]
    }
  }

  /// The negated elements. Equivalent to `torch.neg`. As in PyTorch, booleans trap.
  public static prefix func - (operand: Tensor) -> Tensor {
    require(
      operand.dtype != .bool,
      "neg: negation of a bool tensor of shape \(operand.shape) is not supported: invert a mask with "
        + ".!")
    let result = record("neg", [operand], operand.array.unary(.negate)) { _ in [{ -$0 }] }
    result.isNegation = true
    return result
  }

  /// scale · x + offset for each element, of which only the scale matters to the gradient.
  ///
  /// The offset −0 leaves products what they are, while 0 would turn −0 into 0.
  final func affine(_ scale: Double, _ offset: Double, _ name: StaticString) -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    return .record(name, [x], x.array.unary(.affine, scale, offset)) { _ in
      [{ scale == 1 ? $0 : $0.affine(scale, -0.0, "mul") }]
    }
  }

  /// Adds a number to each element. Equivalent to `torch.add`.
  ///
  /// A `Double` turns integers into `float32`, whatever its value; an `Int` leaves their type, and
  /// turns booleans into `int64`. The same holds for subtraction, multiplication and ``pow(_:)-(Int)``.
  public static func + (lhs: Tensor, rhs: Double) -> Tensor { lhs.affine(1, rhs, "add") }
  /// Adds a number to each element. Equivalent to `torch.add`.
  public static func + (lhs: Double, rhs: Tensor) -> Tensor { rhs.affine(1, lhs, "add") }
  /// Subtracts a number from each element. Equivalent to `torch.sub`.
  public static func - (lhs: Tensor, rhs: Double) -> Tensor {
    lhs.requireNumbers("sub")
    return lhs.affine(1, -rhs, "sub")
  }
  /// Subtracts each element from a number. Equivalent to `torch.rsub`.
  public static func - (lhs: Double, rhs: Tensor) -> Tensor {
    rhs.requireNumbers("rsub")
    return rhs.affine(-1, lhs, "rsub")
  }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  public static func * (lhs: Tensor, rhs: Double) -> Tensor { lhs.affine(rhs, -0.0, "mul") }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  public static func * (lhs: Double, rhs: Tensor) -> Tensor { rhs.affine(lhs, -0.0, "mul") }

  /// Divides each element by a number. Equivalent to `torch.div`.
  public static func / (lhs: Tensor, rhs: Double) -> Tensor {
    record("div", [lhs], lhs.array.unary(.divide, rhs)) { _ in [{ $0 / rhs }] }
  }

  /// Divides a number by each element. Equivalent to `number * torch.reciprocal(x)`.
  public static func / (lhs: Double, rhs: Tensor) -> Tensor {
    record("div", [rhs], rhs.array.unary(.reciprocal, lhs)) { _ in
      let y = rhs.saved
      return [{ $0 * -lhs * y().reciprocal().square() }]
    }
  }

  /// Raises each element to a power. Equivalent to `torch.pow`.
  ///
  /// - Parameter exponent: The same exponent for all elements.
  public final func pow(_ exponent: Double) -> Tensor {
    .record("pow", [self], array.unary(.power, exponent)) { _ in
      let x = self.saved
      return [
        {
          exponent == 0 ? $0.zeros : $0 * (x().pow(exponent - 1) * exponent)
        }
      ]
    }
  }

  /// Raises each element to the power of the corresponding element, with broadcasting. Equivalent
  /// to `torch.pow`.
  ///
  /// Integers stay integers, and wrap around; negative powers of them are cut off to whole numbers.
  ///
  /// - Parameter exponent: The exponents, which get a gradient too.
  /// - Precondition: Not both tensors are of booleans.
  public final func pow(_ exponent: Tensor) -> Tensor {
    require(
      dtype != .bool || exponent.dtype != .bool,
      "pow: powers of bool tensors of shapes \(shape) and \(exponent.shape) are not supported: "
        + "convert one with to(.int64)")
    return .record("pow", [self, exponent], .binary(.power, array, exponent.array, for: "pow")) {
      output in
      let (base, power) = (self.saved, exponent.saved)
      // In the type of the result, lest a narrower operand rounds what the other's gradient is made of.
      let x = { base().to(output().dtype) }
      let y = { power().to(output().dtype) }
      return [
        // Nothing to the power of nothing has a slope of zero, where the formula gives NaN.
        { ($0 * (y() * x().pow(y() - 1))).kept(where: y() .!= 0) },
        {
          // Where the base is zero the logarithm is infinite, the power nothing, their product
          // nothing as well.
          $0 * (output() * x().log()).kept(where: .!((x() .== 0) .& (y() .>= 0)))
        },
      ]
    }
  }

  /// The angle between the positive x axis and the point (`other`, this), elementwise, with
  /// broadcasting. Equivalent to `torch.atan2`.
  ///
  /// - Parameter other: The x coordinates; this tensor holds the y coordinates.
  /// - Returns: Angles in radians, from −π to π.
  public final func atan2(_ other: Tensor) -> Tensor {
    .record("atan2", [self, other], .binary(.atan2, array, other.array, for: "atan2")) { _ in
      let (y, x) = (self.saved, other.saved)
      func share(_ grad: Tensor, _ part: Tensor) -> Tensor {
        let squares = y().square() + x().square()
        // At the origin there is no slope, and PyTorch's gradient is zero.
        return grad * (part * squares.reciprocal()).maskedFill(squares.detached() .== 0, 0)
      }
      return [{ share($0, x()) }, { share($0, -y()) }]
    }
  }

  /// The elementwise quotient rounded down, with broadcasting. Equivalent to `torch.floor_divide`,
  /// and to `torch.div` with `rounding_mode="floor"`. The gradient is zero.
  ///
  /// - Parameter other: The divisor.
  /// - Precondition: No integer is divided by zero.
  public final func floorDivide(_ other: Tensor) -> Tensor {
    requireDivisor(other, "floorDivide")
    let array = NDArray.binary(.floorDivide, array, other.array, for: "floorDivide")
    return .record("floorDivide", [self, other], array) { _ in [{ $0.zeros }, { $0.zeros }] }
  }

  /// The remainder of ``floorDivide(_:)-(Tensor)``, which has the sign of the divisor, with broadcasting.
  /// Equivalent to `torch.remainder`.
  ///
  /// - Parameter other: The divisor.
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

  /// The elementwise maximum of two tensors, with broadcasting. Equivalent to `torch.maximum`.
  ///
  /// Where both are equal, each gets half of the gradient.
  public static func maximum(_ lhs: Tensor, _ rhs: Tensor) -> Tensor {
    extreme(
      "maximum", .binary(.maximum, lhs.array, rhs.array, for: "maximum"), lhs, rhs, isGreatest: true
    )
  }

  /// The elementwise minimum of two tensors, with broadcasting. Equivalent to `torch.minimum`.
  ///
  /// Where both are equal, each gets half of the gradient.
  public static func minimum(_ lhs: Tensor, _ rhs: Tensor) -> Tensor {
    extreme(
      "minimum", .binary(.minimum, lhs.array, rhs.array, for: "minimum"), lhs, rhs,
      isGreatest: false)
  }

  private static func extreme(
    _ name: StaticString, _ array: NDArray, _ lhs: Tensor, _ rhs: Tensor, isGreatest: Bool
  ) -> Tensor {
    record(name, [lhs, rhs], array) { _ in
      let (x, y) = (lhs.saved, rhs.saved)
      func share(_ one: SavedTensor, _ other: SavedTensor) -> (Tensor) -> Tensor {
        { grad in
          let isTie = one() .== other()
          let isOther = isGreatest ? one() .< other() : one() .> other()
          return Tensor.where(isTie, grad / 2, grad).kept(where: .!isOther)
        }
      }
      return [share(x, y), share(y, x)]
    }
  }
}
