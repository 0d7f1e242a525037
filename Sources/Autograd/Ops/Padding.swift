import Arrays
import Files
import Kernels

/// The elements that padding adds.
public enum PaddingMode: String, Sendable {
  /// Zeros.
  case zeros
  /// The elements next to the edge, mirrored, without the edge itself.
  case reflect
  /// The element at the edge.
  case replicate
  /// The elements from the opposite end.
  case circular
}

extension Tensor {
  /// This tensor with elements added before and after along a dimension. Equivalent to
  /// `torch.nn.functional.pad`.
  ///
  /// - Parameters:
  ///   - axis: The dimension.
  ///   - before: The number of elements added in front, not negative.
  ///   - after: The number of elements added at the end, not negative.
  ///   - mode: The elements that are added. `reflect` allows fewer than the length of the
  ///     dimension, `circular` no more than it.
  /// - Precondition: The numbers are allowed by the mode.
  public final func padded(
    _ axis: Int, before: Int, after: Int, mode: PaddingMode
  ) -> Tensor {
    guard mode != .zeros else { return padded(axis, before: before, after: after) }
    guard before != 0 || after != 0 else { return self }
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "pad")] : 0
    // A negative amount cuts off. What is repeated in a circle is what is left.
    if mode == .circular && (before < 0 || after < 0) {
      require(
        length + Swift.min(before, 0) + Swift.min(after, 0) >= 0,
        "pad: \(before) and \(after) leave nothing of dimension \(axis) of shape \(shape)")
      return sliced(axis, Swift.max(-before, 0)..<length - Swift.max(-after, 0))
        .padded(axis, before: Swift.max(before, 0), after: Swift.max(after, 0), mode: mode)
    }
    let room =
      switch mode {
      case .reflect: length - 1
      case .circular: length
      case .replicate, .zeros: length > 0 ? Int.max : 0
      }
    require(
      before <= room && after <= room && (length + before + after > 0 || mode == .circular),
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

  /// Planes with elements added around them.
  ///
  /// - Parameters:
  ///   - padding: The number of rows above and below, and of columns to the left and right.
  ///   - mode: The elements that are added.
  public final func padded(_ padding: (Int, Int), mode: PaddingMode) -> Tensor {
    padded(-2, before: padding.0, after: padding.0, mode: mode)
      .padded(-1, before: padding.1, after: padding.1, mode: mode)
  }

  /// This tensor with elements added around it. Equivalent to `torch.nn.functional.pad`.
  ///
  /// - Parameters:
  ///   - padding: Two numbers for each of the last dimensions, before and after, starting with the
  ///     last one: (left, right, top, bottom, front, back). With zeros they may be negative, which
  ///     cuts elements off.
  ///   - mode: The elements that are added.
  ///   - value: The number to add in place of zeros, if that is the mode.
  /// - Precondition: There are two numbers for each padded dimension, allowed by the mode.
  public final func padded(
    _ padding: [Int], mode: PaddingMode = .zeros, value: Double = 0
  ) -> Tensor {
    require(
      padding.count.isMultiple(of: 2) && padding.count <= 2 * rank,
      "pad: \(padding) are not two lengths for each of the last dimensions of shape \(shape)")
    let sides = (0..<padding.count / 2).map { (padding[2 * $0], padding[2 * $0 + 1]) }
    guard mode == .zeros else {
      // Of PyTorch's list for the processor all but the reflection of volumes and circles.
      if mode == .replicate || (mode == .reflect && padding.count <= 4),
        let result = Autocast.raised({ wide in wide(self).padded(padding, mode: mode) })
      {
        return result
      }
      let result = sides.enumerated().reduce(self) { padded, side in
        padded.padded(
          rank - 1 - side.offset, before: side.element.0, after: side.element.1, mode: mode)
      }
      return result.apart(from: self)
    }
    func fitted(_ x: Tensor) -> Tensor {
      sides.enumerated().reduce(x) { fitted, side in
        fitted.fitted(rank - 1 - side.offset, side.element.0, side.element.1)
      }
    }
    guard value != 0 else { return fitted(self).apart(from: self) }
    let isInside = noGrad { fitted(Tensor.ones(shape, dtype: .uint8)) }
    return fitted(self).maskedFill(isInside .== 0, value)
  }

  /// This tensor with zeros put before and after along a dimension, or cut off where negative.
  private final func fitted(_ axis: Int, _ before: Int, _ after: Int) -> Tensor {
    let length = shape[axis]
    require(
      length + Swift.min(before, 0) + Swift.min(after, 0) >= 0,
      "pad: \(before) and \(after) leave nothing of dimension \(axis) of shape \(shape)")
    return sliced(axis, Swift.max(-before, 0)..<length - Swift.max(-after, 0))
      .padded(axis, before: Swift.max(before, 0), after: Swift.max(after, 0))
  }
}
