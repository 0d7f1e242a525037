import Arrays
import Kernels

// PyTorch's other spellings of `clamp`.
extension Tensor {
  /// Limits each element to `min`…`max`: ``clamp(min:max:)-(Double,Double)``, or of whole numbers
  /// ``clamp(min:max:)-(Int,Int)``. Equivalent to `torch.clamp`.
  ///
  /// - Parameters:
  ///   - min: The lower bound.
  ///   - max: The upper bound.
  public final func clamp(_ min: some TensorNumber, _ max: some TensorNumber) -> Tensor {
    guard let low = min.asInt, let high = max.asInt else {
      return clamp(min: min.asDouble, max: max.asDouble)
    }
    return clamp(min: low, max: high)
  }
  /// Limits each element to `min`…`max`. Equivalent to `torch.clip`.
  ///
  /// - Parameters:
  ///   - min: The lower bound.
  ///   - max: The upper bound.
  public final func clip(_ min: some TensorNumber, _ max: some TensorNumber) -> Tensor {
    clamp(min, max)
  }
  /// Limits each element to `min`…`max`: PyTorch's other name of ``clamp(min:max:)-(Double,Double)``.
  /// Equivalent to `torch.clip`.
  ///
  /// - Parameters:
  ///   - min: The lower bound; none by default.
  ///   - max: The upper bound; none by default.
  public final func clip(min: Double = -.infinity, max: Double = .infinity) -> Tensor {
    clamp(min: min, max: max)
  }
  /// Limits each element to `min`…`max`, and leaves integers integers. Equivalent to `torch.clip`.
  ///
  /// - Parameters:
  ///   - min: The lower bound.
  ///   - max: The upper bound.
  public final func clip(min: Int, max: Int) -> Tensor { clamp(min: min, max: max) }
  /// Limits each element to `min` and above, and leaves integers integers. Equivalent to `torch.clip`.
  ///
  /// - Parameter min: The lower bound.
  public final func clip(min: Int) -> Tensor { clamp(min: min) }
  /// Limits each element to `max` and below, and leaves integers integers. Equivalent to `torch.clip`.
  ///
  /// - Parameter max: The upper bound.
  public final func clip(max: Int) -> Tensor { clamp(max: max) }
  /// Limits each element to bounds given by tensors. Equivalent to `torch.clip`.
  ///
  /// - Parameters:
  ///   - min: The lower bounds, if any.
  ///   - max: The upper bounds, if any.
  public final func clip(min: Tensor?, max: Tensor? = nil) -> Tensor { clamp(min: min, max: max) }

  /// Limits each element to `min` and above. Equivalent to `torch.clamp_min`.
  ///
  /// - Parameter min: The lower bound.
  public final func clampMin(_ min: some TensorNumber) -> Tensor {
    if let whole = min.asInt { clamp(min: whole) } else { clamp(min: min.asDouble) }
  }
  /// Limits each element to lower bounds given by a tensor. Equivalent to `torch.clamp_min`.
  ///
  /// - Parameter min: The lower bounds.
  public final func clampMin(_ min: Tensor) -> Tensor { clamp(min: min) }
  /// Limits each element to `max` and below. Equivalent to `torch.clamp_max`.
  ///
  /// - Parameter max: The upper bound.
  public final func clampMax(_ max: some TensorNumber) -> Tensor {
    if let whole = max.asInt { clamp(max: whole) } else { clamp(max: max.asDouble) }
  }
  /// Limits each element to upper bounds given by a tensor. Equivalent to `torch.clamp_max`.
  ///
  /// - Parameter max: The upper bounds.
  public final func clampMax(_ max: Tensor) -> Tensor { clamp(min: nil, max: max) }
}
