import Arrays
import Files
import Kernels

/// How elements are computed when a tensor is resized.
public enum InterpolationMode: String, Sendable {
  /// The element at the scaled index, rounded down.
  case nearest
  /// The element whose center is nearest.
  case nearestExact = "nearest-exact"
  /// Linear interpolation, of lines.
  case linear
  /// Linear interpolation in both directions, of planes.
  case bilinear
  /// Linear interpolation in all three directions, of volumes.
  case trilinear

  /// The number of dimensions that the mode is for, or nil for any.
  fileprivate var dimensionCount: Int? {
    switch self {
    case .nearest, .nearestExact: nil
    case .linear: 1
    case .bilinear: 2
    case .trilinear: 3
    }
  }
}

extension Tensor {
  /// Lines, planes or volumes resized. Equivalent to `torch.nn.functional.interpolate` with the
  /// modes of ``InterpolationMode``; there is no `bicubic`, `area` or `antialias`.
  ///
  /// - Parameters:
  ///   - size: The length of each dimension of the result after batch and channels.
  ///   - scaleFactor: The factor for each of those lengths, if `size` is nil. The result is rounded
  ///     down.
  ///   - mode: How elements are computed. `linear`, `bilinear` and `trilinear` need one, two and
  ///     three dimensions.
  ///   - alignCorners: Whether the corner elements keep their values and positions. Ignored for the
  ///     nearest modes.
  /// - Returns: (batch, channels, …) with the new lengths.
  /// - Precondition: Exactly one of `size` and `scaleFactor` is given, and this tensor is (batch,
  ///   channels) followed by one to three lengths.
  public final func interpolated(
    size: [Int]? = nil, scaleFactor: [Double]? = nil, mode: InterpolationMode = .nearest,
    alignCorners: Bool = false
  ) -> Tensor {
    let lengths = Array(shape.dimensions.dropFirst(2))
    require(
      (1...3).contains(lengths.count) && lengths.count == mode.dimensionCount ?? lengths.count,
      "interpolate: shape \(shape) is not (batch, channels) and the lengths for mode "
        + "\(mode.rawValue)")
    require(
      (size == nil) != (scaleFactor == nil)
        && size?.count ?? scaleFactor?.count == lengths.count,
      "interpolate: for shape \(shape) either a size or a scale of \(lengths.count) numbers is "
        + "needed")
    require(
      (scaleFactor ?? []).allSatisfy { $0.isFinite && $0 > 0 && $0 < 1e9 },
      "interpolate: a scale of \(scaleFactor ?? []) for shape \(shape) is not positive and finite")
    let sizes =
      size ?? zip(scaleFactor ?? [], lengths).map { Int((Double($1) * $0).rounded(.down)) }
    require(
      sizes.allSatisfy { $0 > 0 } && lengths.allSatisfy { $0 > 0 },
      "interpolate: shape \(shape) cannot become one of lengths \(sizes)")
    let isBlended = mode != .nearest && mode != .nearestExact
    require(
      !isBlended || !dtype.isIntegral || dtype == .uint8 && mode == .bilinear,
      "interpolate: \(mode.rawValue) of \(dtype) and shape \(shape): convert it with to(.float32)")
    if isBlended,
      let result = widened({
        $0.interpolated(
          size: size, scaleFactor: scaleFactor, mode: mode, alignCorners: alignCorners)
      })
    {
      return result
    }
    // Of bytes PyTorch blends rows first, and rounds them before it blends columns.
    let order = isBlended && dtype == .uint8 ? lengths.indices.reversed() : Array(lengths.indices)
    // PyTorch has other loops for small planes, and their arithmetic differs.
    let isSmallPlane = sizes.count == 2 && sizes[0] + sizes[1] <= 128
    return order.reduce(self) { x, index in
      let factor = scaleFactor.map { $0[index] }
      let scale = factor.map { 1 / $0 } ?? Double(lengths[index]) / Double(sizes[index])
      switch mode {
      case .nearest, .nearestExact:
        let isExact = mode == .nearestExact
        let indices =
          dtype == .float64 && !isSmallPlane
          ? Self.nearest(
            Double.self, lengths[index], sizes[index], factor, isExact, isSmallPlane)
          : Self.nearest(
            Float.self, lengths[index], sizes[index], factor, isExact, isSmallPlane)
        return x.indexSelect(2 + index, Tensor(indices))
      case .linear, .bilinear, .trilinear:
        return x.blended(2 + index, sizes[index], scale, alignCorners)
      }
    }
  }

  /// The index for each place of a resized dimension, in the arithmetic of PyTorch: where a place is a whole
  /// number but for rounding, another one would give another element.
  private static func nearest<T: BinaryFloatingPoint>(
    _ type: T.Type, _ length: Int, _ count: Int, _ factor: Double?, _ isExact: Bool,
    _ isSmallPlane: Bool
  ) -> [Int] {
    let scale = factor.map { T(1 / $0) } ?? T(length) / T(count)
    return (0..<count).map { index in
      let place: T
      if !isExact {
        if isSmallPlane && count == length { return index }
        if isSmallPlane && count == 2 * length { return index / 2 }
        place = T(index) * scale
      } else if isSmallPlane {
        place = (T(index) + 0.5) * scale
      } else {
        place = T(-0.5).addingProduct(scale, T(index) + 0.5) + 0.5
      }
      return Swift.min(Int(Float(place).rounded(.down)), length - 1)
    }
  }

  private final func blended(
    _ axis: Int, _ count: Int, _ scale: Double, _ alignCorners: Bool
  ) -> Tensor {
    let last = shape[axis] - 1
    let places = (0..<count).map { index in
      guard alignCorners else {
        // Samples are in the middle of their part of the plane.
        return Swift.max(0, (Double(index) + 0.5) * scale - 0.5)
      }
      return count > 1 ? Double(index) * Double(last) / Double(count - 1) : 0
    }
    let before = places.map { Swift.min(Int($0), last) }
    let after = before.map { Swift.min($0 + 1, last) }
    let column = Shape(shape.indices.map { $0 == axis ? count : 1 })
    if dtype == .uint8 {
      return blendedBytes(axis, before, after, zip(places, before).map { $0 - Double($1) }, column)
    }
    // Each of the two by its own weight: the difference of what is infinite would be NaN.
    func part(_ indices: [Int], _ weights: [Double]) -> Tensor {
      indexSelect(axis, Tensor(indices)) * Tensor(NDArray(weights, shape: column)).to(dtype)
    }
    let shares = zip(places, before).map { $0 - Double($1) }
    return part(before, shares.map { 1 - $0 }) + part(after, shares)
  }

  /// Bytes blended in integers, by weights of as many bits as go into 15, as PyTorch does.
  private final func blendedBytes(
    _ axis: Int, _ before: [Int], _ after: [Int], _ weights: [Double], _ column: Shape
  ) -> Tensor {
    let greatest = weights.map { Swift.max($0, 1 - $0) }.max() ?? 1
    var bits = 0
    while bits < 22, Int(0.5 + greatest * Double(1 << (bits + 1))) < 1 << 15 { bits += 1 }
    let scale = Double(1 << bits)
    let second = Tensor(weights.map { Int64(0.5 + $0 * scale) }, shape: column)
    let first = Tensor(weights.map { Int64(0.5 + (1 - $0) * scale) }, shape: column)
    let sum =
      indexSelect(axis, Tensor(before)).to(.int64) * first
      + indexSelect(axis, Tensor(after)).to(.int64) * second + (1 << bits) / 2
    return sum.floorDivide(Tensor(Int64(1 << bits))).clamp(min: 0, max: 255).to(.uint8)
  }

  /// Rearranges channels into larger planes. Equivalent to `torch.nn.functional.pixel_shuffle`.
  ///
  /// Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
  /// convolutional neural network" (2016).
  ///
  /// - Parameter factor: The factor by which height and width grow.
  /// - Returns: (…, channels / factor², height · factor, width · factor).
  /// - Precondition: The number of channels is divisible by factor².
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
      .reshaped(Shape(stack + [channels, height * factor, width * factor])).apart(from: self)
  }

  /// Rearranges planes into more channels: the inverse of ``pixelShuffled(_:)``. Equivalent to
  /// `torch.nn.functional.pixel_unshuffle`.
  ///
  /// - Parameter factor: The factor by which height and width shrink.
  /// - Returns: (…, channels · factor², height / factor, width / factor).
  /// - Precondition: Height and width are divisible by the factor.
  public final func pixelUnshuffled(_ factor: Int) -> Tensor {
    require(
      rank >= 3 && factor > 0 && shape[rank - 2] % factor == 0 && shape[rank - 1] % factor == 0,
      "pixelUnshuffle: the planes of shape \(shape) do not divide by \(factor)")
    let stack = Array(shape.dimensions.dropLast(3))
    let (channels, height, width) = (
      shape[rank - 3], shape[rank - 2] / factor, shape[rank - 1] / factor
    )
    let first = stack.count
    return reshaped(Shape(stack + [channels, height, factor, width, factor]))
      .permuted(Array(0..<first) + [0, 2, 4, 1, 3].map { $0 + first })
      .reshaped(Shape(stack + [channels * factor * factor, height, width])).apart(from: self)
  }

  /// Interleaves the channels of groups: the first of each group, then the second of each, and so
  /// on. Equivalent to `torch.nn.functional.channel_shuffle`.
  ///
  /// - Parameter groups: The number of groups of equal size.
  /// - Precondition: This tensor is (batch, channels, …, at least one length), and the channels are
  ///   divisible by `groups`.
  public final func channelShuffled(_ groups: Int) -> Tensor {
    require(
      rank >= 3 && groups > 0 && shape[1] % groups == 0,
      "channelShuffle: the channels of shape \(shape) do not divide into \(groups) groups")
    return unflattened(1, [groups, shape[1] / groups]).transposed(1, 2)
      .flattened(from: 1, through: 2).apart(from: self)
  }
}
