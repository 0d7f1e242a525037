import Arrays
import CKernels
import Files
import Kernels
import Platform

extension Tensor {
  /// The inverse of the hyperbolic cosine. Equivalent to `torch.acosh`. Below 1 it is NaN.
  public final func acosh() -> Tensor {
    pointwise("acosh", { Platform.acosh($0) }) { x, _ in { $0 * (x().pow(2) - 1).rsqrt() } }
  }

  /// The inverse of the hyperbolic sine. Equivalent to `torch.asinh`.
  public final func asinh() -> Tensor {
    pointwise("asinh", { Platform.asinh($0) }) { x, _ in { $0 * (x().pow(2) + 1).rsqrt() } }
  }

  /// The inverse of the hyperbolic tangent. Equivalent to `torch.atanh`. Beyond −1…1 it is NaN.
  public final func atanh() -> Tensor {
    pointwise("atanh", { Platform.atanh($0) }) { x, _ in { $0 / (1 - x().pow(2)) } }
  }

  /// 1 − ``erf()``, accurate where that is near 1. Equivalent to `torch.erfc`.
  public final func erfc() -> Tensor {
    pointwise("erfc", { Platform.erfc($0) }) { x, _ in
      { (-x().pow(2)).exp() * -1.12837916709551257390 * $0 }
    }
  }

  /// 2ˣ. Equivalent to `torch.exp2`.
  public final func exp2() -> Tensor {
    pointwise("exp2", { Platform.exp2($0) }) { _, y in { $0 * y() * 0.693147180559945309417 } }
  }

  /// What ``trunc()`` cuts off, with the sign of x. Equivalent to `torch.frac`. The gradient is that of x.
  ///
  /// - Precondition: The elements are floating-point numbers.
  public final func frac() -> Tensor {
    requireFloats("frac")
    return .record("frac", [self], array.mapped { $0 - $0.rounded(.towardZero) }) { _ in [{ $0 }] }
  }

  /// The sign, −1, 0 or 1. Equivalent to `torch.sgn`, which for real numbers is ``sign()``.
  public final func sgn() -> Tensor {
    requireNoComplex("sgn")
    return sign().named("SgnBackward0")
  }

  /// Whether the sign bit is set, as of −0 and of negative numbers. Equivalent to `torch.signbit`.
  ///
  /// - Returns: A tensor of `bool`.
  public final func signbit() -> Tensor {
    requireNoComplex("signbit")
    guard dtype.isFloatingPoint else { return self .< 0 }
    let signs = array.cast(to: .float64).elements(as: Double.self).map { $0.sign == .minus }
    return .record("signbit", [self], NDArray(signs, shape: shape)) { _ in [] }
  }

  /// log(x / (1 − x)), the inverse of ``sigmoid()``. Equivalent to `torch.logit`.
  ///
  /// - Parameter eps: x is limited to `eps`…1 − `eps`, beyond which the gradient is zero; not limited if nil,
  ///   and then the gradient beyond 0…1 is NaN.
  public final func logit(eps: Double? = nil) -> Tensor {
    requireNoComplex("logit")
    let x = dtype.isIntegral ? to(.float32) : self
    let limits = eps.map { (low: $0, high: 1 - $0) }
    let result = x.array.mapped { x in
      guard let limits else { return x == 1 ? .infinity : Platform.log(x / (1 - x)) }
      let inside = x < limits.low ? limits.low : x > limits.high ? limits.high : x
      return Platform.log(inside / (1 - inside))
    }
    return .record("logit", [x], result) { _ in
      let saved = x.saved
      return [
        { grad in
          let x = saved()
          let isBeyond = noGrad { (x .< (limits?.low ?? 0)) .| (x .> (limits?.high ?? 1)) }
          return (grad / (x * (1 - x))).maskedFill(isBeyond, limits == nil ? .nan : 0)
        }
      ]
    }
  }

  /// sin(πx) / (πx), and 1 at zero. Equivalent to `torch.sinc`.
  public final func sinc() -> Tensor {
    pointwise("sinc", { $0 == 0 ? 1 : Platform.sin(.pi * $0) / (.pi * $0) }) { x, _ in
      { grad in
        let x = x()
        let angle = x * Double.pi
        let square = x * x * Double.pi
        let slope = grad * ((angle * angle.cos() - angle.sin()) / square)
        return slope.maskedFill(square.detached() .== 0, 0)
      }
    }
  }

  /// Degrees as radians. Equivalent to `torch.deg2rad`.
  public final func deg2rad() -> Tensor {
    requireNoComplex("deg2rad")
    return (self * (Double.pi / 180)).named("Deg2RadBackward0")
  }

  /// Radians as degrees. Equivalent to `torch.rad2deg`.
  public final func rad2deg() -> Tensor {
    requireNoComplex("rad2deg")
    return (self * (180 / Double.pi)).named("Rad2DegBackward0")
  }

  /// The nearest number with so many decimal places, ties to even. Equivalent to `torch.round` with
  /// `decimals`. The gradient is zero.
  ///
  /// As in PyTorch, the number is scaled by a power of ten in its own type, rounded, and scaled back.
  ///
  /// - Parameter decimals: The decimal places; negative ones round to tens, hundreds, ….
  /// - Precondition: The elements are floating-point numbers, unless `decimals` is 0.
  public final func round(decimals: Int) -> Tensor {
    guard decimals != 0 else { return round() }
    requireFloats("round")
    func scaled<T: BinaryFloatingPoint & NDArrayElement>(_ type: T.Type) -> NDArray {
      let scale = T(Platform.pow(10, Double(decimals.magnitude)))
      let numbers = array.cast(to: T.dtype).elements(as: T.self).map { number -> T in
        decimals > 0
          ? (number * scale).rounded(.toNearestOrEven) / scale
          : (number / scale).rounded(.toNearestOrEven) * scale
      }
      return NDArray(numbers, shape: shape).cast(to: dtype)
    }
    let result = dtype == .float64 ? scaled(Double.self) : scaled(Float.self)
    return .record("round", [self], result) { _ in [{ $0.zeros }] }
  }

  /// Whether elements are infinity. Equivalent to `torch.isposinf`.
  public final func isposinf() -> Tensor {
    requireNoComplex("isposinf")
    return dtype.isFloatingPoint ? self .== .infinity : self .!= self
  }

  /// Whether elements are −infinity. Equivalent to `torch.isneginf`.
  public final func isneginf() -> Tensor {
    requireNoComplex("isneginf")
    return dtype.isFloatingPoint ? self .== -.infinity : self .!= self
  }
}
