import Arrays

// What PyTorch has as functions only.

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
