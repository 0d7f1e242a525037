import Arrays
import Files
import Kernels

// Activations that are put together from other operations.
extension Tensor {
  /// Limits each element to `min`…`max`. Equivalent to `torch.nn.functional.hardtanh`.
  ///
  /// Unlike that of `clamp`, the gradient is zero on the bounds too.
  ///
  /// - Parameters:
  ///   - min: The lower bound.
  ///   - max: The upper bound, at least `min`; anything less traps.
  public final func hardtanh(min: Double = -1, max: Double = 1) -> Tensor {
    require(min <= max, "hardtanh: the bounds \(min) and \(max) of shape \(shape) are reversed")
    require(dtype != .bool, "hardtanh: Boolean inputs of shape \(shape) are not supported")
    if dtype.isIntegral, let low = Int(exactly: min), let high = Int(exactly: max) {
      return clamp(min: low, max: high)
    }
    return .record("hardtanh", [self], array.unary(.clamp, min, max)) { _ in
      let x = self.saved
      return [{ $0.kept(where: .!((x() .<= min) .| (x() .>= max))) }]
    }
  }

  /// Limits each element to 0…6. Equivalent to `torch.nn.functional.relu6`.
  public final func relu6() -> Tensor { hardtanh(min: 0, max: 6) }

  /// Replaces elements that are not above `threshold` by `value`. Equivalent to
  /// `torch.nn.functional.threshold`.
  ///
  /// - Parameters:
  ///   - threshold: The bound.
  ///   - value: The replacement, which gets no gradient.
  public final func threshold(_ threshold: Double, _ value: Double) -> Tensor {
    maskedFill(self .<= threshold, value)
  }

  /// Replaces elements whose magnitude is at most `lambda` by zero. Equivalent to
  /// `torch.nn.functional.hardshrink`.
  ///
  /// - Parameter lambda: The bound.
  public final func hardshrink(lambda: Double = 0.5) -> Tensor {
    maskedFill(abs() .<= lambda, 0)
  }

  /// Moves each element towards zero by `lambda`, and to zero if it is closer than that. Equivalent
  /// to `torch.nn.functional.softshrink`.
  ///
  /// - Parameter lambda: The distance; a negative one traps.
  public final func softshrink(lambda: Double = 0.5) -> Tensor {
    require(lambda >= 0, "softshrink: lambda \(lambda) for shape \(shape) is negative")
    return (self - noGrad { sign() } * lambda).maskedFill(abs() .<= lambda, 0)
  }

  /// Multiplies negative elements by a learned slope. Equivalent to `torch.nn.functional.prelu`.
  ///
  /// - Parameter weight: The slopes: (channels,) for this tensor of shape (batch, channels, …), or
  ///   one element for one slope; anything else traps.
  public final func prelu(_ weight: Tensor) -> Tensor {
    if let result = Autocast.lowered({ low in low(self).prelu(low(weight)) }) { return result }
    let channels = rank > 1 ? shape[1] : 1
    require(
      weight.elementCount == 1 || weight.shape == [channels],
      "prelu: a weight of shape \(weight.shape) does not fit shape \(shape)")
    requireOneType("prelu", weight)
    let column = Shape(shape.indices.map { $0 == 1 ? weight.elementCount : 1 })
    let weight = weight.reshaped(rank > 1 ? column : .scalar)
    let result = noGrad { Tensor.where(self .> 0, self, self * weight) }
    return .record("prelu", [self, weight], result.array) { _ in
      let (x, slope) = (self.saved, weight.saved)
      return [
        { $0.preluGradient(at: x(), slope()) },
        { $0.preluWeightGradient(at: x()) },
      ]
    }
  }

  /// The part of this gradient for x. At zero it is that of a negative number, and its own derivatives are those
  /// of a positive one, as in PyTorch.
  private final func preluGradient(at x: Tensor, _ weight: Tensor) -> Tensor {
    let result = noGrad { Tensor.where(x .> 0, self, self * weight) }
    return .record("preluGradient", [self, weight], result.array) { _ in
      let (gradient, slope) = (self.saved, weight.saved)
      let isNegative = noGrad { .!(x .>= 0) }
      return [
        { .where(isNegative, $0 * slope(), $0) },
        { ($0 * gradient()).kept(where: isNegative) },
      ]
    }
  }

  /// The part of this gradient for the weight.
  private final func preluWeightGradient(at x: Tensor) -> Tensor {
    let result = noGrad { (self * x).kept(where: .!(x .> 0)) }
    return .record("preluWeightGradient", [self, x], result.array) { _ in
      let (gradient, input) = (self.saved, x.saved)
      let isNegative = noGrad { .!(x .>= 0) }
      return [
        { ($0 * input()).kept(where: isNegative) },
        { ($0 * gradient()).kept(where: isNegative) },
      ]
    }
  }

  /// The scaled exponential linear unit, 1.0507 · elu(x) with α = 1.6733. Equivalent to
  /// `torch.nn.functional.selu`.
  ///
  /// With these constants, activations keep mean 0 and variance 1 (Klambauer et al.,
  /// "Self-normalizing neural networks", 2017).
  public final func selu() -> Tensor {
    elu(alpha: 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946
  }

  /// max(0, x) + min(0, α · (e^(x / α) − 1)). Equivalent to `torch.nn.functional.celu`.
  ///
  /// Barron, "Continuously differentiable exponential linear units" (2017).
  ///
  /// - Parameter alpha: α; zero traps.
  public final func celu(alpha: Double = 1) -> Tensor {
    require(alpha != 0, "celu: alpha is zero")
    if alpha > 0 { return (self / alpha).elu() * alpha }
    // Of what is positive, x / α would be taken for negative.
    return .where(self .> 0, self, (clamp(max: 0) / alpha).expm1() * alpha)
  }

  /// x / (1 + |x|). Equivalent to `torch.nn.functional.softsign`.
  public final func softsign() -> Tensor { self / (abs() + 1) }

  /// x − tanh(x). Equivalent to `torch.nn.functional.tanhshrink`.
  public final func tanhshrink() -> Tensor { self - tanh() }

  /// log(1 / (1 + e⁻ˣ)), without overflow. Equivalent to `torch.nn.functional.logsigmoid`.
  public final func logSigmoid() -> Tensor {
    if let result = widened({ $0.logSigmoid() }) { return result }
    let x = dtype.isIntegral ? to(.float32) : self
    // Of −|x| nothing overflows, and log1p keeps what is small.
    let result = noGrad { x.clamp(max: 0.0) - (-x.abs()).exp().log1p() }
    return .record("logSigmoid", [x], result.array) { _ in
      let saved = x.saved
      return [{ $0 * (-saved()).sigmoid() }]
    }
  }

  /// The first half of a dimension times the sigmoid of the second half. Equivalent to
  /// `torch.nn.functional.glu`.
  ///
  /// - Parameter axis: The dimension to halve; an odd length traps.
  public final func glu(_ axis: Int = -1) -> Tensor {
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "glu")] : 1
    require(length % 2 == 0, "glu: dimension \(axis) of shape \(shape) has no halves")
    let halves = chunked(2, axis: axis)
    return halves[0] * halves[1].sigmoid()
  }

  /// ``softmax(_:)`` of the negated elements. Equivalent to `torch.nn.functional.softmin`.
  ///
  /// - Parameter axis: The dimension along which results add up to 1.
  public final func softmin(_ axis: Int) -> Tensor { (-self).softmax(axis) }
}
