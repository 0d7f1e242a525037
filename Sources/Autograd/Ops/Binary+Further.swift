import Arrays
import CKernels
import Files
import Kernels
import Platform

extension Tensor {
  /// x · log(y), and 0 where x is 0 and y is not NaN, with broadcasting. Equivalent to `torch.xlogy`.
  ///
  /// - Parameter other: The tensor of y; this is that of x.
  public final func xlogy(_ other: Tensor) -> Tensor {
    pointwise(
      "xlogy", other, takesIntegers: true,
      { x, y in y.isNaN ? .nan : x == 0 ? 0 : x * Platform.log(y) },
      rules: { x, y, _ in
        [
          { $0.xlogy(y()).maskedFill((x() .== 0) .& (y() .<= 0), 0) },
          { $0 * x() / y() },
        ]
      })
  }

  /// log(eˣ + eʸ), without overflow, with broadcasting. Equivalent to `torch.logaddexp`.
  ///
  /// - Parameter other: The tensor of y; this is that of x.
  /// - Precondition: The elements are floating-point numbers.
  public final func logaddexp(_ other: Tensor) -> Tensor {
    pointwise(
      "logaddexp", other, takesIntegers: false,
      { x, y in
        if x.isInfinite && x == y { return x }
        return larger(x, y) + Platform.log1p(Platform.exp(-(x - y).magnitude))
      },
      rules: { x, y, _ in
        [{ $0 / ((y() - x()).exp() + 1) }, { $0 / ((x() - y()).exp() + 1) }]
      })
  }

  /// log₂(2ˣ + 2ʸ), without overflow, with broadcasting. Equivalent to `torch.logaddexp2`.
  ///
  /// - Parameter other: The tensor of y; this is that of x.
  /// - Precondition: The elements are floating-point numbers.
  public final func logaddexp2(_ other: Tensor) -> Tensor {
    pointwise(
      "logaddexp2", other, takesIntegers: false,
      { x, y in
        if x.isInfinite && x == y { return x }
        let rest = Platform.log1p(Platform.exp2(-(x - y).magnitude))
        return larger(x, y) + rest / 0.693147180559945309417
      },
      rules: { x, y, _ in
        [{ $0 / ((y() - x()).exp2() + 1) }, { $0 / ((x() - y()).exp2() + 1) }]
      })
  }

  /// √(x² + y²), without overflow, with broadcasting. Equivalent to `torch.hypot`.
  ///
  /// - Parameter other: The tensor of y; this is that of x.
  /// - Precondition: The elements are floating-point numbers.
  public final func hypot(_ other: Tensor) -> Tensor {
    pointwise(
      "hypot", other, takesIntegers: false, { Platform.hypot($0, $1) },
      rules: { x, y, result in
        [{ $0 * (x() / result()) }, { $0 * (y() / result()) }]
      })
  }

  /// The magnitude of x with the sign of y, of −0 too, with broadcasting. Equivalent to `torch.copysign`.
  ///
  /// Only x gets a gradient, which is zero where x is.
  ///
  /// - Parameter other: The tensor of y; this is that of x.
  public final func copysign(_ other: Tensor) -> Tensor {
    pointwise(
      "copysign", other, takesIntegers: true, { Double(signOf: $1, magnitudeOf: $0) },
      rules: { x, _, result in
        [
          { grad in
            let ratio = (result() / x()).maskedFill(x() .== 0, 0)
            return grad * ratio
          },
          { $0.zeros },
        ]
      })
  }

  /// 0 where elements are negative, 1 where they are positive, and `values` where they are zero, with
  /// broadcasting. Equivalent to `torch.heaviside`.
  ///
  /// - Parameter values: What is given at zero.
  /// - Precondition: Both tensors have one type, and neither requires a gradient, for which PyTorch has no
  ///   rule either.
  public final func heaviside(_ values: Tensor) -> Tensor {
    requireNoComplex("heaviside")
    require(
      dtype == values.dtype,
      "heaviside: it is not there for tensors of two types, \(dtype) of shape \(shape) and "
        + "\(values.dtype) of shape \(values.shape)")
    require(
      !GradMode.isEnabled || !requiresGrad && !values.requiresGrad,
      "heaviside: it has no derivative, for shape \(shape): detach() what requires a gradient")
    return .where(self .== 0, values, (self .> 0).to(dtype))
  }

  /// The remainder of a division whose quotient is cut off to a whole number: it has the sign of this tensor's
  /// elements. Equivalent to `torch.fmod`, and to C's `fmod`; ``remainder(_:)-(Tensor)`` has the sign of the divisor.
  ///
  /// - Parameter other: The divisor, which broadcasts.
  /// - Precondition: No integer is divided by zero.
  public final func fmod(_ other: Tensor) -> Tensor {
    guard !DType.ofOperation(array, other.array).isIntegral else {
      requireWholeDivisor(other, "fmod")
      return pointwise("fmod", integers: other) {
        $1 == 0 ? 0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue
      }
    }
    return pointwise(
      "fmod", other, takesIntegers: false, { Platform.fmod($0, $1) },
      rules: { x, y, _ in [{ $0 }, { -$0 * x().truncDivide(y()) }] })
  }

  /// The quotient cut off to a whole number. The gradient is zero.
  final func truncDivide(_ other: Tensor) -> Tensor {
    guard DType.ofOperation(array, other.array).isIntegral else {
      let result = noGrad { inCommonType(other) { ($0 / $1).trunc() } }
      return .record("div", [self, other], result.array) { _ in [{ $0.zeros }, { $0.zeros }] }
    }
    requireWholeDivisor(other, "div")
    return pointwise("div", integers: other) {
      $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue
    }
  }

  private final func requireWholeDivisor(_ divisor: Tensor, _ operation: StaticString) {
    require(
      dtype != .bool || divisor.dtype != .bool,
      "\(operation): it is not there for tensors of bool, such as these of shapes \(shape) and "
        + "\(divisor.shape)")
    require(
      DType.ofOperation(array, divisor.array) != .uint64,
      "\(operation): it is not there for tensors of uint64, such as these of shapes \(shape) and "
        + "\(divisor.shape)")
    require(
      divisor.device == .meta || !divisor.hasZero,
      "\(operation): integers of shape \(shape) are divided by zero")
  }

  /// The larger of two elements, where NaN counts as missing, with broadcasting. Equivalent to `torch.fmax`.
  ///
  /// - Parameter other: The other tensor, which gets the gradient where its element is the larger one.
  public final func fmax(_ other: Tensor) -> Tensor {
    present("fmax", other, { $0 > $1 ? $0 : $1 }, { $0 .>= $1 }, .maximum)
  }

  /// The smaller of two elements, where NaN counts as missing, with broadcasting. Equivalent to `torch.fmin`.
  ///
  /// - Parameter other: The other tensor, which gets the gradient where its element is the smaller one.
  public final func fmin(_ other: Tensor) -> Tensor {
    present("fmin", other, { $0 < $1 ? $0 : $1 }, { $0 .<= $1 }, .minimum)
  }

  private final func present(
    _ name: StaticString, _ other: Tensor, _ choose: (Double, Double) -> Double,
    _ isFirst: @escaping (Tensor, Tensor) -> Tensor, _ ofIntegers: CKBinary
  ) -> Tensor {
    guard !DType.ofOperation(array, other.array).isIntegral else {
      return .record(name, [self, other], .binary(ofIntegers, array, other.array, for: name)) { _ in
        [{ $0.zeros }, { $0.zeros }]
      }
    }
    return pointwise(
      name, other, takesIntegers: false,
      { x, y in x.isNaN ? y : y.isNaN ? x : choose(x, y) },
      rules: { x, y, _ in
        func mask() -> Tensor { noGrad { isFirst(x(), y()) .| y().isNaN() } }
        return [{ $0.maskedFill(.!mask(), 0) }, { $0.maskedFill(mask(), 0) }]
      })
  }
}

/// The larger of two numbers, or NaN if either is.
private func larger(_ x: Double, _ y: Double) -> Double {
  x.isNaN ? x : y.isNaN ? y : Swift.max(x, y)
}
