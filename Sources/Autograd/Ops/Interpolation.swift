import Arrays
import Kernels

/// How values between samples are made.
public enum InterpolationMode: String, Sendable {
  /// The sample before.
  case nearest
  /// A straight line between neighbours, along both dimensions of a plane.
  case bilinear
}

extension Tensor {
  /// Planes of another size. Equivalent to `torch.nn.functional.interpolate`.
  ///
  /// - Parameters:
  ///   - size: Height and width of the result; by `scaleFactor` if nil.
  ///   - scaleFactor: What height and width are multiplied by.
  ///   - alignCorners: Whether the corner samples keep their places; only for bilinear.
  /// - Precondition: Either `size` or `scaleFactor` is given.
  public final func interpolated(
    size: (Int, Int)? = nil, scaleFactor: (Double, Double)? = nil,
    mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) -> Tensor {
    require(
      rank == 4 && (size == nil) != (scaleFactor == nil),
      "interpolate: shape \(shape) is not (batch, channels, height, width), or not one of size and "
        + "scale is given")
    let factors = scaleFactor.map { [$0.0, $0.1] }
    let sizes =
      size.map { [$0.0, $0.1] }
      ?? zip(factors ?? [], [2, 3]).map {
        Int((Double(shape[$1]) * $0).rounded(.down))
      }
    require(
      sizes.allSatisfy { $0 > 0 } && elementCount > 0,
      "interpolate: shape \(shape) cannot become planes of \(sizes)")
    return [0, 1].reduce(self) { planes, index in
      let scale = factors.map { 1 / $0[index] } ?? Double(shape[2 + index]) / Double(sizes[index])
      return mode == .nearest
        ? planes.sampled(2 + index, sizes[index], scale)
        : planes.blended(2 + index, sizes[index], scale, alignCorners)
    }
  }

  private final func sampled(_ axis: Int, _ count: Int, _ scale: Double) -> Tensor {
    let last = shape[axis] - 1
    let indices = (0..<count).map { Swift.min(Int(Double($0) * scale), last) }
    return indexSelect(axis, Tensor(indices))
  }

  private final func blended(
    _ axis: Int, _ count: Int, _ scale: Double, _ alignCorners: Bool
  ) -> Tensor {
    let last = shape[axis] - 1
    let places = (0..<count).map { index in
      guard alignCorners else {
        // Samples lie in the middle of their part of the plane.
        return Swift.max(0, (Double(index) + 0.5) * scale - 0.5)
      }
      return count > 1 ? Double(index) * Double(last) / Double(count - 1) : 0
    }
    let before = places.map { Swift.min(Int($0), last) }
    let after = before.map { Swift.min($0 + 1, last) }
    let column = Shape(shape.indices.map { $0 == axis ? count : 1 })
    let weights = Tensor(zip(places, before).map { $0 - Double($1) }, shape: column).to(dtype)
    let first = indexSelect(axis, Tensor(before))
    return first + (indexSelect(axis, Tensor(after)) - first) * weights
  }

  /// Channels dealt out over larger planes. Equivalent to
  /// `torch.nn.functional.pixel_shuffle`.
  ///
  /// - Returns: (…, channels / factor², height · factor, width · factor).
  public final func pixelShuffled(_ factor: Int) -> Tensor {
    require(
      rank >= 3 && factor > 0 && shape[rank - 3] % (factor * factor) == 0,
      "pixelShuffle: the channels of shape \(shape) do not divide by \(factor)²")
    let stack = Array(shape.dimensions.dropLast(3))
    let (channels, height, width) = (
      shape[rank - 3] / (factor * factor), shape[rank - 2], shape[rank - 1]
    )
    let first = stack.count
    return reshaped(Shape(stack + [channels, factor, factor, height, width]))
      .permuted(Array(0..<first) + [0, 3, 1, 4, 2].map { $0 + first })
      .reshaped(Shape(stack + [channels, height * factor, width * factor]))
  }
}
