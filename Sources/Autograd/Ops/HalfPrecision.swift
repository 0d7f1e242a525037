import Arrays
import Files

extension Tensor {
  /// The result of `body` for this tensor as `float32`, rounded back to its type, if that is
  /// `float16` or `bfloat16`; nil for types that the loops handle themselves.
  ///
  /// As in PyTorch on the CPU, sums are accumulated in `float32` and rounded once.
  final func widened(_ body: (Tensor) -> Tensor) -> Tensor? {
    guard dtype == .float16 || dtype == .bfloat16 else { return nil }
    return body(to(.float32)).to(dtype)
  }

  /// This tensor as `float32`, for operations beside one that is ``widened(_:)``.
  final var wide: Tensor { to(.float32) }

  final func requireLoops(_ operation: StaticString) {
    require(
      dtype == .float32 || dtype == .float64,
      "\(operation): shape \(shape) is of \(dtype), not float16, bfloat16, float32 or float64")
  }

  final func requireSameType(_ operation: StaticString, _ other: Tensor) {
    require(
      dtype == other.dtype && (dtype == .float32 || dtype == .float64),
      "\(operation): input of \(dtype) and weight of \(other.dtype) must both be float16, bfloat16, "
        + "float32 or float64")
  }
}
