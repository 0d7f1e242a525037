import Arrays
import Kernels

/// What is put around a tensor.
public enum PaddingMode: String, Sendable {
  /// Zeros.
  case zeros
  /// The elements next to the edge in reverse, without the edge itself.
  case reflect
  /// The element on the edge.
  case replicate
  /// The elements from the other end.
  case circular
}

extension Tensor {
  /// This tensor with elements put before and after along a dimension. Equivalent to
  /// `torch.nn.functional.pad`.
  public final func padded(
    _ axis: Int, before: Int, after: Int, mode: PaddingMode
  ) -> Tensor {
    guard mode != .zeros else { return padded(axis, before: before, after: after) }
    guard before != 0 || after != 0 else { return self }
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "pad")] : 0
    let room =
      switch mode {
      case .reflect: length - 1
      case .circular: length
      case .replicate, .zeros: length > 0 ? Int.max : 0
      }
    require(
      before >= 0 && after >= 0 && before <= room && after <= room,
      "pad: \(before) and \(after) by \(mode.rawValue) do not pad dimension \(axis) of shape \(shape)"
    )
    let indices = (-before..<length + after).map { index in
      switch mode {
      case .reflect:
        let positive = Swift.abs(index)
        return positive < length ? positive : 2 * (length - 1) - positive
      case .circular: return (index + length) % length
      case .replicate, .zeros: return Swift.min(Swift.max(index, 0), length - 1)
      }
    }
    return indexSelect(axis, Tensor(indices))
  }

  /// Planes with elements put around them, above and below, left and right.
  public final func padded(_ padding: (Int, Int), mode: PaddingMode) -> Tensor {
    padded(-2, before: padding.0, after: padding.0, mode: mode)
      .padded(-1, before: padding.1, after: padding.1, mode: mode)
  }
}
