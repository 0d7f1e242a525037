import Arrays
import Files

/// Calls `body` with products of matrices, convolutions and attention in a type of half precision.
/// Equivalent to `with torch.autocast("cpu", dtype=…):`.
///
/// The parameters stay what they are, `float32`: operations convert what they get, and so the results are
/// of half precision, as PyTorch's lists for the processor have it. These are `linear`, `matmul`,
/// convolutions and their transposes, `prelu`, `scaledDotProductAttention` and recurrences. Computed in
/// `float32` are losses, `product`, `quantile`, `cdist`, `inverse`, `cholesky`, `gridSample`, pooling of
/// volumes, `localResponseNorm` of planes and more, and padding by `reflect` and `replicate`; all others follow
/// the types of their operands. `float64` is left alone.
/// Gradients have the types of the parameters. The backward pass belongs after the call:
///
/// ```swift
/// let loss = withAutocast(.bfloat16) { model(images).crossEntropy(labels) }
/// loss.backward()
/// ```
///
/// - Parameters:
///   - dtype: `bfloat16` or `float16`; anything else traps. Gradients of `float16` may vanish: see
///     `GradScaler`.
///   - enabled: Whether anything is converted. False also switches off an enclosing call.
///   - body: The code to run.
/// - Returns: What `body` returns.
public func withAutocast<R>(
  _ dtype: DType = .bfloat16, enabled: Bool = true, _ body: () throws -> R
) rethrows -> R {
  require(
    dtype == .bfloat16 || dtype == .float16,
    "withAutocast: the type is bfloat16 or float16, not \(dtype)")
  return try Autocast.$dtype.withValue(enabled ? dtype : nil, operation: body)
}

/// The state of ``withAutocast(_:enabled:_:)``.
enum Autocast {
  /// The type of half precision that operations compute in; nil outside of such a call.
  @TaskLocal static var dtype: DType?

  /// The result of `body` for operands converted to that type, in which nothing is converted further;
  /// nil outside of such a call.
  static func lowered(_ body: ((Tensor) -> Tensor) -> Tensor) -> Tensor? {
    guard let dtype else { return nil }
    return $dtype.withValue(nil) { body { $0.isCastable ? $0.to(dtype) : $0 } }
  }

  /// The result of `body` for operands converted to `float32`; nil outside of such a call.
  static func raised(_ body: ((Tensor) -> Tensor) -> Tensor) -> Tensor? {
    guard dtype != nil else { return nil }
    return $dtype.withValue(nil) { body { $0.isCastable ? $0.to(.float32) : $0 } }
  }
}

extension Tensor {
  fileprivate final var isCastable: Bool {
    dtype == .float32 || dtype == .float16 || dtype == .bfloat16
  }
}
