import Arrays
import Files
import Kernels

/// Operations as functions, under the names of `torch.nn.functional`. Equivalent to `import
/// torch.nn.functional as F`.
///
/// Each calls the method of ``Tensor`` that does the work, where it is documented.
public enum F {
  /// See ``Tensor/relu()``.
  public static func relu(_ x: Tensor) -> Tensor { x.relu() }
  /// See ``Tensor/relu6()``.
  public static func relu6(_ x: Tensor) -> Tensor { x.relu6() }
  /// See ``Tensor/leakyRelu(negativeSlope:)``.
  public static func leakyRelu(_ x: Tensor, _ negativeSlope: Double = 0.01) -> Tensor {
    x.leakyRelu(negativeSlope: negativeSlope)
  }
  /// See ``Tensor/elu(alpha:)``.
  public static func elu(_ x: Tensor, alpha: Double = 1) -> Tensor { x.elu(alpha: alpha) }
  /// See ``Tensor/selu()``.
  public static func selu(_ x: Tensor) -> Tensor { x.selu() }
  /// See ``Tensor/celu(alpha:)``.
  public static func celu(_ x: Tensor, alpha: Double = 1) -> Tensor { x.celu(alpha: alpha) }
  /// See ``Tensor/gelu(approximate:)``.
  public static func gelu(_ x: Tensor, approximate: Tensor.GELUApproximation = .none) -> Tensor {
    x.gelu(approximate: approximate)
  }
  /// See ``Tensor/silu()``.
  public static func silu(_ x: Tensor) -> Tensor { x.silu() }
  /// See ``Tensor/mish()``.
  public static func mish(_ x: Tensor) -> Tensor { x.mish() }
  /// See ``Tensor/sigmoid()``.
  public static func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
  /// See ``Tensor/tanh()``.
  public static func tanh(_ x: Tensor) -> Tensor { x.tanh() }
  /// See ``Tensor/softplus(beta:threshold:)``.
  public static func softplus(_ x: Tensor, beta: Double = 1, threshold: Double = 20) -> Tensor {
    x.softplus(beta: beta, threshold: threshold)
  }
  /// See ``Tensor/hardswish()``.
  public static func hardswish(_ x: Tensor) -> Tensor { x.hardswish() }
  /// See ``Tensor/hardsigmoid()``.
  public static func hardsigmoid(_ x: Tensor) -> Tensor { x.hardsigmoid() }
  /// See ``Tensor/hardtanh(min:max:)``.
  public static func hardtanh(_ x: Tensor, min: Double = -1, max: Double = 1) -> Tensor {
    x.hardtanh(min: min, max: max)
  }
  /// See ``Tensor/logSigmoid()``.
  public static func logsigmoid(_ x: Tensor) -> Tensor { x.logSigmoid() }
  /// See ``Tensor/prelu(_:)``.
  public static func prelu(_ x: Tensor, _ weight: Tensor) -> Tensor { x.prelu(weight) }
  /// See ``Tensor/glu(_:)``.
  public static func glu(_ x: Tensor, dim: Int = -1) -> Tensor { x.glu(dim) }
  /// See ``Tensor/softmax(_:)``.
  public static func softmax(_ x: Tensor, dim: Int) -> Tensor { x.softmax(dim) }
  /// See ``Tensor/logSoftmax(_:)``.
  public static func logSoftmax(_ x: Tensor, dim: Int) -> Tensor { x.logSoftmax(dim) }
  /// See ``Tensor/softmin(_:)``.
  public static func softmin(_ x: Tensor, dim: Int) -> Tensor { x.softmin(dim) }
  /// See ``Tensor/gumbelSoftmax(tau:hard:dim:generator:)``.
  public static func gumbelSoftmax(
    _ x: Tensor, tau: Double = 1, hard: Bool = false, dim: Int = -1
  ) -> Tensor {
    x.gumbelSoftmax(tau: tau, hard: hard, dim: dim)
  }
  /// See ``Tensor/dropout(_:training:generator:)``.
  public static func dropout(_ x: Tensor, _ p: Double = 0.5, training: Bool = true) -> Tensor {
    x.dropout(p, training: training)
  }
  /// See ``Tensor/dropout(_:training:generator:)``.
  public static func dropout(_ x: Tensor, p: Double, training: Bool = true) -> Tensor {
    x.dropout(p, training: training)
  }
  /// See ``Tensor/linear(_:_:)``.
  public static func linear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    x.linear(weight, bias)
  }
  /// See ``Tensor/embedding(_:paddingIndex:)``: `x` holds the indices.
  public static func embedding(
    _ x: Tensor, _ weight: Tensor, paddingIndex: Int? = nil
  ) -> Tensor {
    x.embedding(weight, paddingIndex: paddingIndex)
  }
  /// See ``Tensor/conv2d(_:_:stride:padding:dilation:groups:)``.
  public static func conv2d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    x.conv2d(
      weight, bias, stride: (stride, stride), padding: (padding, padding),
      dilation: (dilation, dilation), groups: groups)
  }
  /// See ``Tensor/maxPool2d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool2d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0
  ) -> Tensor {
    x.maxPool2d(
      (kernelSize, kernelSize), stride: stride.map { ($0, $0) }, padding: (padding, padding))
  }
  /// See ``Tensor/adaptiveAvgPool2d(_:)``.
  public static func adaptiveAvgPool2d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveAvgPool2d((outputSize, outputSize))
  }
  /// See ``Tensor/layerNorm(_:weight:bias:eps:)``.
  public static func layerNorm(
    _ x: Tensor, _ normalizedShape: Shape, weight: Tensor? = nil, bias: Tensor? = nil,
    eps: Double = 1e-5
  ) -> Tensor {
    x.layerNorm(normalizedShape, weight: weight, bias: bias, eps: eps)
  }
  /// See ``Tensor/crossEntropy(_:weight:ignoreIndex:reduction:labelSmoothing:)``.
  public static func crossEntropy(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean, labelSmoothing: Double = 0
  ) -> Tensor {
    x.crossEntropy(
      target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction,
      labelSmoothing: labelSmoothing)
  }
  /// See ``Tensor/nllLoss(_:weight:ignoreIndex:reduction:)``.
  public static func nllLoss(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean
  ) -> Tensor {
    x.nllLoss(target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
  }
  /// See ``Tensor/mseLoss(_:reduction:)``.
  public static func mseLoss(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    x.mseLoss(target, reduction: reduction)
  }
  /// See ``Tensor/l1Loss(_:reduction:)``.
  public static func l1Loss(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    x.l1Loss(target, reduction: reduction)
  }
  /// See ``Tensor/binaryCrossEntropy(_:weight:reduction:)``.
  public static func binaryCrossEntropy(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    x.binaryCrossEntropy(target, reduction: reduction)
  }
  /// See ``Tensor/binaryCrossEntropyWithLogits(_:weight:reduction:positiveWeight:)``.
  public static func binaryCrossEntropyWithLogits(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    x.binaryCrossEntropyWithLogits(target, reduction: reduction)
  }
  /// See ``Tensor/oneHot(_:)``.
  public static func oneHot(_ x: Tensor, _ numClasses: Int) -> Tensor { x.oneHot(numClasses) }
  /// See ``Tensor/padded(_:mode:value:)``.
  public static func pad(
    _ x: Tensor, _ padding: [Int], mode: PaddingMode = .zeros, value: Double = 0
  ) -> Tensor {
    x.padded(padding, mode: mode, value: value)
  }
  /// See ``Tensor/normalize(p:dim:eps:)``.
  public static func normalize(
    _ x: Tensor, p: Double = 2, dim: Int = 1, eps: Double = 1e-12
  ) -> Tensor {
    x.normalize(p: p, dim: dim, eps: eps)
  }
  /// See ``Tensor/interpolated(size:scaleFactor:mode:alignCorners:)``.
  public static func interpolate(
    _ x: Tensor, size: [Int]? = nil, scaleFactor: Double? = nil, mode: InterpolationMode = .nearest,
    alignCorners: Bool = false
  ) -> Tensor {
    x.interpolate(size: size, scaleFactor: scaleFactor, mode: mode, alignCorners: alignCorners)
  }
  /// See ``Tensor/scaledDotProductAttention(_:_:mask:dropout:isCausal:scale:)``.
  public static func scaledDotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, attnMask: Tensor? = nil,
    dropoutP: Double = 0, isCausal: Bool = false, scale: Double? = nil
  ) -> Tensor {
    query.scaledDotProductAttention(
      key, value, mask: attnMask, dropout: dropoutP, isCausal: isCausal, scale: scale)
  }
}

extension Tensor {
  /// Each vector along a dimension divided by its norm. Equivalent to
  /// `torch.nn.functional.normalize`.
  ///
  /// - Parameters:
  ///   - p: The order of the norm.
  ///   - dim: The dimension of the vectors.
  ///   - eps: The least divisor.
  public final func normalize(p: Double = 2, dim: Int = 1, eps: Double = 1e-12) -> Tensor {
    self / norm(order: p, [dim], keepDims: true).clamp(min: eps).expanded(shape)
  }
  /// A sample of the Gumbel-softmax distribution. Equivalent to
  /// `torch.nn.functional.gumbel_softmax`, with its numbers after a seed.
  ///
  /// - Parameters:
  ///   - tau: The temperature.
  ///   - hard: Whether the result is one-hot, with the gradient of the soft sample.
  ///   - dim: The dimension of the classes.
  ///   - generator: The source of the numbers.
  public final func gumbelSoftmax(
    tau: Double = 1, hard: Bool = false, dim: Int = -1, generator: Generator = .current
  ) -> Tensor {
    let waits = Tensor(generator.exponential(shape, dtype: dtype))
    let soft = ((self - waits.log()) / tau).softmax(dim)
    guard hard else { return soft }
    let indices = soft.detached().argmax(dim, keepDims: true)
    return Tensor.zeros(like: soft).scattered(dim, indices, 1) - soft.detached() + soft
  }
  /// Padding at the ends of the last dimensions: PyTorch's name of ``padded(_:mode:value:)``.
  ///
  /// - Parameters:
  ///   - padding: Before and after the last dimension, then the one before it, and so on.
  ///   - mode: The elements that are added.
  ///   - value: The number to add in place of zeros.
  public final func pad(
    _ padding: [Int], mode: PaddingMode = .zeros, value: Double = 0
  ) -> Tensor {
    padded(padding, mode: mode, value: value)
  }
  /// Lines, planes or volumes resized: PyTorch's name of
  /// ``interpolated(size:scaleFactor:mode:alignCorners:)``.
  ///
  /// - Parameters:
  ///   - size: The length of each dimension after batch and channels.
  ///   - scaleFactor: The factor for all of those lengths, if `size` is nil.
  ///   - mode: How elements are computed.
  ///   - alignCorners: Whether the corner elements keep their values and positions.
  public final func interpolate(
    size: [Int]? = nil, scaleFactor: Double? = nil, mode: InterpolationMode = .nearest,
    alignCorners: Bool = false
  ) -> Tensor {
    interpolated(
      size: size,
      scaleFactor: scaleFactor.map { [Double](repeating: $0, count: Swift.max(0, rank - 2)) },
      mode: mode, alignCorners: alignCorners)
  }
}

/// The larger of x and 0. Equivalent to `torch.relu`. See ``Tensor/relu()``.
public func relu(_ x: Tensor) -> Tensor { x.relu() }
/// 1 / (1 + e⁻ˣ). Equivalent to `torch.sigmoid`. See ``Tensor/sigmoid()``.
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
/// The softmax along a dimension. Equivalent to `torch.softmax`. See ``Tensor/softmax(_:)``.
public func softmax(_ x: Tensor, dim: Int) -> Tensor { x.softmax(dim) }
/// The matrix product. Equivalent to `torch.matmul`. See ``Tensor/matmul(_:)``.
public func matmul(_ x: Tensor, _ y: Tensor) -> Tensor { x.matmul(y) }

/// Calls `body` without recording operations: PyTorch's name of ``noGrad(_:)`` for evaluation.
/// Equivalent to `torch.inference_mode`.
///
/// - Parameter body: The code to run.
/// - Returns: What `body` returns.
public func inferenceMode<R>(_ body: () throws -> R) rethrows -> R { try noGrad(body) }

/// Calls `body` with products in half precision: PyTorch's name of
/// ``withAutocast(_:enabled:_:)``.
///
/// - Parameters:
///   - dtype: `bfloat16` or `float16`.
///   - enabled: Whether anything is converted.
///   - body: The code to run.
/// - Returns: What `body` returns.
public func autocast<R>(
  _ dtype: DType = .bfloat16, enabled: Bool = true, _ body: () throws -> R
) rethrows -> R {
  try withAutocast(dtype, enabled: enabled, body)
}
