import Arrays

/// Operations as functions, under the names of `torch.nn.functional`. Equivalent to `import
/// torch.nn.functional as F`.
///
/// Each calls the method of ``Tensor`` that does the work, where it is documented. With `inplace: true` the
/// first tensor itself is changed, as in PyTorch, and returned.
public enum F {}

// MARK: - Activations

extension F {
  /// See ``Tensor/relu()``.
  public static func relu(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.relu_() : x.relu()
  }
  /// See ``Tensor/relu6()``.
  public static func relu6(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.relu6_() : x.relu6()
  }
  /// See ``Tensor/leakyRelu(negativeSlope:)``.
  public static func leakyRelu(_ x: Tensor, _ negativeSlope: Double = 0.01, inplace: Bool = false)
    -> Tensor
  {
    inplace ? x.leakyRelu_(negativeSlope: negativeSlope) : x.leakyRelu(negativeSlope: negativeSlope)
  }
  /// See ``Tensor/leakyRelu(negativeSlope:)``.
  public static func leakyRelu(
    _ x: Tensor, negativeSlope: Double, inplace: Bool = false
  ) -> Tensor {
    leakyRelu(x, negativeSlope, inplace: inplace)
  }
  /// See ``Tensor/elu(alpha:)``.
  public static func elu(_ x: Tensor, alpha: Double = 1, inplace: Bool = false) -> Tensor {
    inplace ? x.elu_(alpha: alpha) : x.elu(alpha: alpha)
  }
  /// See ``Tensor/selu()``.
  public static func selu(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.selu_() : x.selu()
  }
  /// See ``Tensor/celu(alpha:)``.
  public static func celu(_ x: Tensor, alpha: Double = 1, inplace: Bool = false) -> Tensor {
    inplace ? x.celu_(alpha: alpha) : x.celu(alpha: alpha)
  }
  /// See ``Tensor/silu()``.
  public static func silu(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.silu_() : x.silu()
  }
  /// See ``Tensor/mish()``.
  public static func mish(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.mish_() : x.mish()
  }
  /// See ``Tensor/hardswish()``.
  public static func hardswish(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.hardswish_() : x.hardswish()
  }
  /// See ``Tensor/hardsigmoid()``.
  public static func hardsigmoid(_ x: Tensor, inplace: Bool = false) -> Tensor {
    inplace ? x.hardsigmoid_() : x.hardsigmoid()
  }
  /// See ``Tensor/hardtanh(min:max:)``.
  public static func hardtanh(
    _ x: Tensor, _ minVal: Double = -1, _ maxVal: Double = 1, inplace: Bool = false
  ) -> Tensor {
    inplace ? x.hardtanh_(min: minVal, max: maxVal) : x.hardtanh(min: minVal, max: maxVal)
  }
  /// See ``Tensor/rrelu(lower:upper:training:generator:)``.
  public static func rrelu(
    _ x: Tensor, _ lower: Double = 1 / 8, _ upper: Double = 1 / 3, training: Bool = false,
    inplace: Bool = false
  ) -> Tensor {
    inplace
      ? x.rrelu_(lower: lower, upper: upper, training: training)
      : x.rrelu(lower: lower, upper: upper, training: training)
  }
  /// See ``Tensor/hardtanh(min:max:)``.
  public static func hardtanh(
    _ x: Tensor, minVal: Double, maxVal: Double, inplace: Bool = false
  ) -> Tensor {
    hardtanh(x, minVal, maxVal, inplace: inplace)
  }
  /// See ``Tensor/threshold(_:_:)``.
  public static func threshold(
    _ x: Tensor, _ threshold: Double, _ value: Double, inplace: Bool = false
  ) -> Tensor {
    inplace ? x.threshold_(threshold, value) : x.threshold(threshold, value)
  }
  /// See ``Tensor/gelu(approximate:)``.
  public static func gelu(_ x: Tensor, approximate: Tensor.GELUApproximation = .none) -> Tensor {
    x.gelu(approximate: approximate)
  }
  /// See ``Tensor/sigmoid()``.
  public static func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
  /// See ``Tensor/tanh()``.
  public static func tanh(_ x: Tensor) -> Tensor { x.tanh() }
  /// See ``Tensor/softplus(beta:threshold:)``.
  public static func softplus(_ x: Tensor, beta: Double = 1, threshold: Double = 20) -> Tensor {
    x.softplus(beta: beta, threshold: threshold)
  }
  /// See ``Tensor/logSigmoid()``.
  public static func logsigmoid(_ x: Tensor) -> Tensor { x.logSigmoid() }
  /// See ``Tensor/hardshrink(lambda:)``.
  public static func hardshrink(_ x: Tensor, lambd: Double = 0.5) -> Tensor {
    x.hardshrink(lambda: lambd)
  }
  /// See ``Tensor/softshrink(lambda:)``.
  public static func softshrink(_ x: Tensor, lambd: Double = 0.5) -> Tensor {
    x.softshrink(lambda: lambd)
  }
  /// See ``Tensor/softsign()``.
  public static func softsign(_ x: Tensor) -> Tensor { x.softsign() }
  /// See ``Tensor/tanhshrink()``.
  public static func tanhshrink(_ x: Tensor) -> Tensor { x.tanhshrink() }
  /// See ``Tensor/prelu(_:)``.
  public static func prelu(_ x: Tensor, _ weight: Tensor) -> Tensor { x.prelu(weight) }
  /// See ``Tensor/glu(_:)``.
  public static func glu(_ x: Tensor, dim: Int = -1) -> Tensor { x.glu(dim) }
  /// See ``Tensor/softmax(_:)``.
  public static func softmax(_ x: Tensor, dim: Int) -> Tensor { x.softmax(dim) }
  /// See ``Tensor/softmax(_:)``.
  public static func softmax(_ x: Tensor, _ dim: Int) -> Tensor { x.softmax(dim) }
  /// See ``Tensor/logSoftmax(_:)``.
  public static func logSoftmax(_ x: Tensor, dim: Int) -> Tensor { x.logSoftmax(dim) }
  /// See ``Tensor/logSoftmax(_:)``.
  public static func logSoftmax(_ x: Tensor, _ dim: Int) -> Tensor { x.logSoftmax(dim) }
  /// See ``Tensor/softmin(_:)``.
  public static func softmin(_ x: Tensor, dim: Int) -> Tensor { x.softmin(dim) }
  /// See ``Tensor/softmin(_:)``.
  public static func softmin(_ x: Tensor, _ dim: Int) -> Tensor { x.softmin(dim) }
  /// See ``Tensor/gumbelSoftmax(tau:hard:dim:generator:)``.
  public static func gumbelSoftmax(
    _ x: Tensor, tau: Double = 1, hard: Bool = false, dim: Int = -1
  ) -> Tensor {
    x.gumbelSoftmax(tau: tau, hard: hard, dim: dim)
  }
}
