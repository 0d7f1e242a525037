import Arrays
import Files
import Kernels

// Activations that are put together from other operations.
extension Tensor {
  /// The element within bounds, the nearer bound beyond them. Equivalent to
  /// `torch.nn.functional.hardtanh`.
  ///
  /// The gradient is zero on the bounds too.
  public final func hardtanh(min: Double = -1, max: Double = 1) -> Tensor {
    require(min <= max, "hardtanh: the bounds \(min) and \(max) of shape \(shape) are reversed")
    return .record("hardtanh", [self], array.unary(.clamp, min, max)) { _ in
      let x = self.saved
      return [{ $0 * (x() .> min).to($0.dtype) * (x() .< max).to($0.dtype) }]
    }
  }

  /// The element, but not below zero or above six. Equivalent to `torch.nn.functional.relu6`.
  public final func relu6() -> Tensor { hardtanh(min: 0, max: 6) }

  /// The element, or `value` if it is not above `threshold`. Equivalent to
  /// `torch.nn.functional.threshold`.
  public final func threshold(_ threshold: Double, _ value: Double) -> Tensor {
    maskedFill(self .<= threshold, value)
  }

  /// The element, or zero if its magnitude is not above `lambda`. Equivalent to
  /// `torch.nn.functional.hardshrink`.
  public final func hardshrink(lambda: Double = 0.5) -> Tensor {
    maskedFill(abs() .<= lambda, 0)
  }

  /// The element, nearer to zero by `lambda`, or zero if it is no further from it. Equivalent to
  /// `torch.nn.functional.softshrink`.
  public final func softshrink(lambda: Double = 0.5) -> Tensor {
    require(lambda >= 0, "softshrink: lambda \(lambda) for shape \(shape) is negative")
    return (self - noGrad { sign() } * lambda).maskedFill(abs() .<= lambda, 0)
  }

  /// The element, times a weight if it is negative. Equivalent to `torch.nn.functional.prelu`.
  ///
  /// - Parameter weight: (channels,) for this tensor of shape (batch, channels, …), or (1,).
  public final func prelu(_ weight: Tensor) -> Tensor {
    let channels = rank > 1 ? shape[1] : 1
    require(
      weight.elementCount == 1 || weight.shape == [channels],
      "prelu: a weight of shape \(weight.shape) does not fit shape \(shape)")
    let column = Shape(shape.indices.map { $0 == 1 ? weight.elementCount : 1 })
    return .where(self .> 0, self, self * weight.reshaped(rank > 1 ? column : .scalar))
  }

  /// A scaled ``elu(alpha:)`` that keeps mean and variance. Equivalent to
  /// `torch.nn.functional.selu`; the constants are those of Klambauer et al.,
  /// "Self-normalizing neural networks" (2017).
  public final func selu() -> Tensor {
    elu(alpha: 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946
  }

  /// max(0, x) + min(0, alpha · (e^(x / alpha) − 1)). Equivalent to `torch.nn.functional.celu`.
  public final func celu(alpha: Double = 1) -> Tensor { (self / alpha).elu() * alpha }

  /// x / (1 + |x|). Equivalent to `torch.nn.functional.softsign`.
  public final func softsign() -> Tensor { self / (abs() + 1) }

  /// x − tanh(x). Equivalent to `torch.nn.functional.tanhshrink`.
  public final func tanhshrink() -> Tensor { self - tanh() }

  /// The logarithm of ``sigmoid()``. Equivalent to `torch.nn.functional.logsigmoid`.
  public final func logSigmoid() -> Tensor {
    // Of −|x| nothing overflows, and log1p keeps what is small.
    clamp(max: 0) - (-abs()).exp().log1p()
  }

  /// Half of a dimension times the sigmoid of the other half. Equivalent to
  /// `torch.nn.functional.glu`.
  public final func glu(_ axis: Int = -1) -> Tensor {
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "glu")] : 1
    require(length % 2 == 0, "glu: dimension \(axis) of shape \(shape) has no halves")
    let halves = chunked(2, axis: axis)
    return halves[0] * halves[1].sigmoid()
  }

  /// ``softmax(_:)`` of the negative. Equivalent to `torch.nn.functional.softmin`.
  public final func softmin(_ axis: Int) -> Tensor { (-self).softmax(axis) }
}
