import Arrays
import CKernels
import Kernels

extension Tensor {
  private final func unary(
    _ name: StaticString, _ f: CKUnary, _ a: Double = 0, _ b: Double = 0,
    rule: (SavedTensor, SavedOutput) -> (Tensor) -> Tensor
  ) -> Tensor {
    .record(name, [self], array.unary(f, a, b)) { output in [rule(saved, output)] }
  }

  /// eˣ. Equivalent to `torch.exp`.
  ///
  /// As in PyTorch, this function and those like it turn integers into `float32`.
  public final func exp() -> Tensor { unary("exp", .exp) { _, y in { $0 * y() } } }

  /// eˣ − 1, accurate near zero. Equivalent to `torch.expm1`.
  public final func expm1() -> Tensor { unary("expm1", .expm1) { _, y in { $0 * (y() + 1) } } }

  /// The natural logarithm. Equivalent to `torch.log`.
  public final func log() -> Tensor { unary("log", .log) { x, _ in { $0 / x() } } }

  /// The logarithm to base 2. Equivalent to `torch.log2`.
  public final func log2() -> Tensor {
    unary("log2", .log2) { x, _ in { $0 / (x() * 0.693147180559945309417) } }
  }

  /// The logarithm to base 10. Equivalent to `torch.log10`.
  public final func log10() -> Tensor {
    unary("log10", .log10) { x, _ in { $0 / (x() * 2.30258509299404568402) } }
  }

  /// log(1 + x), accurate near zero. Equivalent to `torch.log1p`.
  public final func log1p() -> Tensor { unary("log1p", .log1p) { x, _ in { $0 / (x() + 1) } } }

  /// √x. Equivalent to `torch.sqrt`.
  public final func sqrt() -> Tensor { unary("sqrt", .sqrt) { _, y in { $0 / (y() * 2) } } }

  /// 1 / √x. Equivalent to `torch.rsqrt`.
  public final func rsqrt() -> Tensor {
    unary("rsqrt", .rsqrt) { _, y in { $0 * (y().pow(3) * -0.5) } }
  }

  /// x². Equivalent to `torch.square`.
  public final func square() -> Tensor {
    guard dtype != .bool else { return to(.int64) }
    return unary("square", .square) { x, _ in { $0 * (x() * 2) } }
  }

  /// 1 / x. Equivalent to `torch.reciprocal`.
  public final func reciprocal() -> Tensor {
    unary("reciprocal", .reciprocal, 1) { _, y in { -$0 * (y() * y()) } }
  }

  /// |x|. Equivalent to `torch.abs`. The gradient at zero is zero.
  public final func abs() -> Tensor { unary("abs", .abs) { x, _ in { $0 * x().sign() } } }

  /// The sign, −1, 0 or 1. Equivalent to `torch.sign`. The gradient is zero.
  public final func sign() -> Tensor { unary("sign", .sign) { _, _ in { $0.zeros } } }

  /// The sine of an angle in radians. Equivalent to `torch.sin`.
  public final func sin() -> Tensor { unary("sin", .sin) { x, _ in { $0 * x().cos() } } }

  /// The cosine of an angle in radians. Equivalent to `torch.cos`.
  public final func cos() -> Tensor { unary("cos", .cos) { x, _ in { -$0 * x().sin() } } }

  /// The tangent of an angle in radians. Equivalent to `torch.tan`.
  public final func tan() -> Tensor {
    unary("tan", .tan) { _, y in { $0 * (y() * y() + 1) } }
  }

  /// The arcsine, in radians. Equivalent to `torch.asin`.
  public final func asin() -> Tensor {
    unary("asin", .asin) { x, _ in { $0 * (1 - x() * x()).rsqrt() } }
  }

  /// The arccosine, in radians. Equivalent to `torch.acos`.
  public final func acos() -> Tensor {
    unary("acos", .acos) { x, _ in { -$0 * (1 - x() * x()).rsqrt() } }
  }

  /// The arctangent, in radians. Equivalent to `torch.atan`.
  public final func atan() -> Tensor {
    unary("atan", .atan) { x, _ in { $0 / (x() * x() + 1) } }
  }

  /// The hyperbolic sine. Equivalent to `torch.sinh`.
  public final func sinh() -> Tensor { unary("sinh", .sinh) { x, _ in { $0 * x().cosh() } } }

  /// The hyperbolic cosine. Equivalent to `torch.cosh`.
  public final func cosh() -> Tensor { unary("cosh", .cosh) { x, _ in { $0 * x().sinh() } } }

  /// The error function. Equivalent to `torch.erf`.
  public final func erf() -> Tensor {
    unary("erf", .erf) { x, _ in { $0 * ((-x().square()).exp() * 1.12837916709551257390) } }
  }

  /// The largest integer not above x. Equivalent to `torch.floor`. The gradient is zero.
  public final func floor() -> Tensor { rounded("floor", .floor) }

  /// The smallest integer not below x. Equivalent to `torch.ceil`. The gradient is zero.
  public final func ceil() -> Tensor { rounded("ceil", .ceil) }

  /// The nearest integer, ties to even. Equivalent to `torch.round`. The gradient is zero.
  public final func round() -> Tensor { rounded("round", .round) }

  /// The integer part. Equivalent to `torch.trunc`. The gradient is zero.
  public final func trunc() -> Tensor { rounded("trunc", .trunc) }

  private final func rounded(_ name: StaticString, _ f: CKUnary) -> Tensor {
    dtype.isIntegral ? clone() : unary(name, f) { _, _ in { $0.zeros } }
  }

  /// Limits each element to `min`…`max`. Equivalent to `torch.clamp`.
  ///
  /// The gradient is zero outside the bounds, but not on them. Integers become `float32`; for bounds
  /// that are integers see ``clamp(min:max:)-(Int,Int)``.
  ///
  /// - Parameters:
  ///   - min: The lower bound; none by default. NaN makes every element NaN.
  ///   - max: The upper bound; none by default. Where it is below the lower one, it prevails.
  public final func clamp(min: Double = -.infinity, max: Double = .infinity) -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    let array =
      min.isNaN || max.isNaN
      ? NDArray(filling: shape, with: .nan, dtype: x.dtype) : x.array.unary(.clamp, min, max)
    return .record("clamp", [x], array) { _ in
      let saved = x.saved
      return [
        { grad in
          guard GradMode.isEnabled else {
            return Tensor(.binary(.clampGrad, grad.array, saved().array, min, max, for: "clamp"))
          }
          return grad.kept(where: (saved() .>= min) .& (saved() .<= max))
        }
      ]
    }
  }

  /// Limits each element to `min`…`max`, and leaves integers integers. Equivalent to `torch.clamp`.
  ///
  /// - Parameters:
  ///   - min: The lower bound.
  ///   - max: The upper bound. Where it is below the lower one, it prevails.
  public final func clamp(min: Int, max: Int) -> Tensor { limited(min, max) }

  /// Limits each element to `min` and above, and leaves integers integers. Equivalent to
  /// `torch.clamp`.
  ///
  /// - Parameter min: The lower bound.
  public final func clamp(min: Int) -> Tensor { limited(min, nil) }

  /// Limits each element to `max` and below, and leaves integers integers. Equivalent to
  /// `torch.clamp`.
  ///
  /// - Parameter max: The upper bound.
  public final func clamp(max: Int) -> Tensor { limited(nil, max) }

  private final func limited(_ min: Int?, _ max: Int?) -> Tensor {
    guard dtype.isIntegral else {
      return clamp(min: min.map(Double.init) ?? -.infinity, max: max.map(Double.init) ?? .infinity)
    }
    var result = array.cast(to: .int64)
    if let min { result = .binary(.maximum, result, NDArray(Int64(min)), for: "clamp") }
    if let max { result = .binary(.minimum, result, NDArray(Int64(max)), for: "clamp") }
    return .record("clamp", [self], result.cast(to: dtype == .bool ? .int64 : dtype)) { _ in
      [{ $0.zeros }]
    }
  }

  /// Limits each element to bounds given by tensors, with broadcasting. Equivalent to `torch.clamp`
  /// with tensors as bounds.
  ///
  /// A bound gets the gradient of the elements it replaces, the upper one where both do.
  ///
  /// - Parameters:
  ///   - min: The lower bounds, if any.
  ///   - max: The upper bounds, if any. They prevail where they are below the lower ones.
  public final func clamp(min: Tensor?, max: Tensor? = nil) -> Tensor {
    var result = array
    if let min { result = .binary(.maximum, result, min.array, for: "clamp") }
    if let max { result = .binary(.minimum, result, max.array, for: "clamp") }
    let inputs = [self] + [min, max].compactMap(\.self)
    return .record("clamp", inputs, result) { _ in
      let x = self.saved
      let (low, high) = (min?.saved, max?.saved)
      func both(_ one: Tensor?, _ other: Tensor?) -> Tensor? {
        guard let one, let other else { return one ?? other }
        return one .& other
      }
      func share(_ grad: Tensor, _ mask: Tensor?) -> Tensor {
        mask.map { grad.kept(where: $0) } ?? grad
      }
      var rules: [(Tensor) -> Tensor?] = [
        { share($0, both(low.map { x() .>= $0() }, high.map { x() .<= $0() })) }
      ]
      if let low {
        rules.append { share($0, both(x() .< low(), high.map { low() .< $0() })) }
      }
      if let high {
        rules.append { grad in
          grad.kept(where: low.map { (x() .> high()) .| (high() .< $0()) } ?? (x() .> high()))
        }
      }
      return rules
    }
  }

  /// The same values as another type. Equivalent to `torch.Tensor.to` with a type.
  ///
  /// The gradient is converted back to this tensor's type. Imaginary parts, which PyTorch drops with a
  /// warning, trap where they would be lost.
  ///
  /// - Parameter dtype: The type to convert to. If the tensor has it already, the tensor itself is
  ///   returned.
  public final func to(_ dtype: DType) -> Tensor {
    if dtype == self.dtype { return self }
    array.requireReal(for: dtype, "to")
    return .record("to", [self], array.cast(to: dtype)) { _ in [{ $0 }] }
  }
}
