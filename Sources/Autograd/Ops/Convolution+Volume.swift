import Arrays
import Files
import Kernels

// The planes of a volume are convolved, or pooled, as those of a batch: for each depth of the
// window one convolution of planes, and the sum of these.
extension Tensor {
  /// Convolution in three dimensions. Equivalent to `torch.nn.functional.conv3d`.
  ///
  /// - Parameters:
  ///   - weight: (filters, channels / groups, kernel depth, kernel height, kernel width).
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window in planes, rows and columns.
  ///   - padding: The number of zeros on both sides of each volume in each direction.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which channels and filters are divided.
  /// - Returns: (batch, filters, out depth, out height, out width) for this tensor of shape (batch,
  ///   channels, depth, height, width), without the batch if this has none.
  /// - Precondition: The shapes fit.
  public final func conv3d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int, Int) = (1, 1, 1),
    padding: (Int, Int, Int) = (0, 0, 0), dilation: (Int, Int, Int) = (1, 1, 1), groups: Int = 1
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).conv3d(
        low(weight), bias.map(low), stride: stride, padding: padding, dilation: dilation,
        groups: groups)
    }) {
      return result
    }
    if rank == 4 {
      return unsqueezed(0).conv3d(
        weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups
      ).squeezed([0])
    }
    requireVolumes("conv3d", weight)
    requireBias("conv3d", bias)
    // The sum over the depths of the window is rounded once.
    if weight.dtype == dtype,
      let result = widened({
        $0.conv3d(
          weight.wide, bias?.wide, stride: stride, padding: padding, dilation: dilation,
          groups: groups)
      })
    {
      return result
    }
    let depth = weight.shape[2]
    let padded = padded(2, before: padding.0, after: padding.0)
    let reach = dilation.0 * (depth - 1) + 1
    require(
      stride.0 > 0 && dilation.0 > 0 && depth > 0 && padded.shape[2] >= reach,
      "conv3d: shape \(shape) with padding \(padding) is less deep than a weight of shape "
        + "\(weight.shape) with dilation \(dilation), or its stride \(stride) is not positive")
    let span = (padded.shape[2] - reach) / stride.0 * stride.0 + 1
    let parts = (0..<depth).map { layer in
      let start = layer * dilation.0
      return padded.sliced(2, start..<start + span, step: stride.0).eachPlane {
        $0.conv2d(
          weight.select(2, layer), layer == 0 ? bias : nil, stride: (stride.1, stride.2),
          padding: (padding.1, padding.2), dilation: (dilation.1, dilation.2), groups: groups)
      }
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// The transpose of ``conv3d(_:_:stride:padding:dilation:groups:)``. Equivalent to
  /// `torch.nn.functional.conv_transpose3d`.
  ///
  /// - Parameters:
  ///   - weight: (channels, filters / groups, kernel depth, kernel height, kernel width).
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window in the result.
  ///   - padding: The number of elements cut off on both sides of the result in each direction.
  ///   - outputPadding: By how much the result is larger, where a convolution maps several sizes to
  ///     the size of this tensor; less than `stride` or `dilation`.
  ///   - groups: The number of groups into which channels and filters are divided.
  ///   - dilation: The distance between elements of the window.
  /// - Returns: (batch, filters, out depth, out height, out width) for this tensor of shape (batch,
  ///   channels, depth, height, width), without the batch if this has none.
  /// - Precondition: The shapes fit.
  public final func convTranspose3d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int, Int) = (1, 1, 1),
    padding: (Int, Int, Int) = (0, 0, 0), outputPadding: (Int, Int, Int) = (0, 0, 0),
    groups: Int = 1, dilation: (Int, Int, Int) = (1, 1, 1)
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).convTranspose3d(
        low(weight), bias.map(low), stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation)
    }) {
      return result
    }
    if rank == 4 {
      return unsqueezed(0).convTranspose3d(
        weight, bias, stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation
      ).squeezed([0])
    }
    requireVolumes("convTranspose3d", weight)
    requireBias("convTranspose3d", bias)
    if weight.dtype == dtype,
      let result = widened({
        $0.convTranspose3d(
          weight.wide, bias?.wide, stride: stride, padding: padding, outputPadding: outputPadding,
          groups: groups, dilation: dilation)
      })
    {
      return result
    }
    let (planes, depth) = (shape[2], weight.shape[2])
    let length =
      (planes - 1) * stride.0 - 2 * padding.0 + dilation.0 * (depth - 1) + outputPadding.0 + 1
    require(
      stride.0 > 0 && dilation.0 > 0 && planes > 0 && depth > 0 && length > 0,
      "convTranspose3d: shape \(shape) with padding \(padding) leaves nothing")
    require(
      outputPadding.0 >= 0 && outputPadding.0 < Swift.max(stride.0, dilation.0),
      "convTranspose3d: output padding \(outputPadding) must be less than stride or dilation")
    let parts = (0..<depth).map { layer in
      let part = eachPlane {
        $0.convTranspose2d(
          weight.select(2, layer), stride: (stride.1, stride.2), padding: (padding.1, padding.2),
          outputPadding: (outputPadding.1, outputPadding.2), groups: groups,
          dilation: (dilation.1, dilation.2))
      }
      // Where the planes are in the result, before it is cut.
      return part.spaced(stride.0).padded(
        2, before: layer * dilation.0,
        after: (depth - 1 - layer) * dilation.0 + outputPadding.0)
    }
    let sum = parts.dropFirst().reduce(parts[0], +).sliced(2, padding.0..<padding.0 + length)
    require(
      bias.map { $0.shape == [sum.shape[1]] } ?? true,
      "convTranspose3d: a bias of shape \(bias?.shape ?? .scalar) does not fit a weight of shape "
        + "\(weight.shape) in \(groups) groups")
    return bias.map { sum + $0.reshaped(-1, 1, 1, 1) } ?? sum
  }

  /// The volumes with planes of zeros between the planes, so that these are `step` apart.
  private final func spaced(_ step: Int) -> Tensor {
    guard step > 1 else { return self }
    let apart = unsqueezed(3).padded(3, before: 0, after: step - 1).flattened(from: 2, through: 3)
    return apart.sliced(2, 0..<apart.shape[2] - step + 1)
  }

  /// The volumes, with a function applied to the planes of all of them as to one batch.
  private final func eachPlane(_ function: (Tensor) -> Tensor) -> Tensor {
    let planes = function(transposed(1, 2).flattened(from: 0, through: 1))
    return planes.unflattened(0, [shape[0], shape[2]]).transposed(1, 2)
  }

  private final func requireVolumes(_ operation: StaticString, _ weight: Tensor) {
    require(
      rank == 5 && weight.rank == 5,
      "\(operation): shape \(shape) does not fit a weight of shape \(weight.shape)")
  }

  /// The maximum in each position of a window on volumes. Equivalent to
  /// `torch.nn.functional.max_pool3d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns;
  ///     `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each side, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  /// - Precondition: This tensor is (batch, channels, depth, height, width), or has no batch.
  public final func maxPool3d(
    _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), dilation: (Int, Int, Int) = (1, 1, 1),
    ceilMode: Bool = false
  ) -> Tensor {
    maxPool3dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// The maximum in each position of a window on volumes, and where it was. Equivalent to
  /// `torch.nn.functional.max_pool3d` with `return_indices=True`.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns;
  ///     `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each side, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  /// - Returns: The maxima, and the row-major index of each in its volume, as `int64`.
  /// - Precondition: This tensor is (batch, channels, depth, height, width), or has no batch.
  public final func maxPool3dWithIndices(
    _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), dilation: (Int, Int, Int) = (1, 1, 1),
    ceilMode: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    let stride = stride ?? kernelSize
    return maximumVolumes("maxPool3d") {
      $0.maxPool2dWithIndices(
        (kernelSize.1, kernelSize.2), stride: (stride.1, stride.2),
        padding: (padding.1, padding.2), dilation: (dilation.1, dilation.2), ceilMode: ceilMode)
    } depths: {
      $0.maxPool2dWithIndices(
        (kernelSize.0, 1), stride: (stride.0, 1), padding: (padding.0, 0),
        dilation: (dilation.0, 1), ceilMode: ceilMode)
    }
  }

  /// The mean in each position of a window on volumes. Equivalent to
  /// `torch.nn.functional.avg_pool3d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns;
  ///     `kernelSize` if nil.
  ///   - padding: The number of zeros on both sides in each direction, at most half of
  ///     `kernelSize`.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: A number to divide sums by in place of the number of elements; not zero.
  /// - Precondition: This tensor is (batch, channels, depth, height, width), or has no batch.
  public final func avgPool3d(
    _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), ceilMode: Bool = false, countIncludePad: Bool = true,
    divisorOverride: Int? = nil
  ) -> Tensor {
    let stride = stride ?? kernelSize
    return pooledVolumes("avgPool3d") {
      $0.avgPool2d(
        (kernelSize.1, kernelSize.2), stride: (stride.1, stride.2),
        padding: (padding.1, padding.2), ceilMode: ceilMode, countIncludePad: countIncludePad,
        divisorOverride: divisorOverride.map { _ in 1 })
    } depths: {
      $0.avgPool2d(
        (kernelSize.0, 1), stride: (stride.0, 1), padding: (padding.0, 0), ceilMode: ceilMode,
        countIncludePad: countIncludePad, divisorOverride: divisorOverride)
    }
  }

  /// The maximum of each of `outputSize` sections of a volume. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool3d`.
  ///
  /// - Parameter outputSize: The number of sections in depth, height and width; the input's length
  ///   where nil.
  public final func adaptiveMaxPool3d(_ outputSize: (Int?, Int?, Int?)) -> Tensor {
    adaptiveMaxPool3dWithIndices(outputSize).values
  }

  /// The maximum of each of `outputSize` sections of a volume, and where it was. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool3d` with `return_indices=True`.
  ///
  /// - Parameter outputSize: The number of sections in depth, height and width; the input's length
  ///   where nil.
  /// - Returns: The maxima, and the row-major index of each in its volume, as `int64`.
  public final func adaptiveMaxPool3dWithIndices(
    _ outputSize: (Int?, Int?, Int?)
  ) -> (values: Tensor, indices: Tensor) {
    maximumVolumes("adaptiveMaxPool3d") {
      $0.adaptiveMaxPool2dWithIndices((outputSize.1, outputSize.2))
    } depths: {
      $0.adaptiveMaxPool2dWithIndices((outputSize.0, nil))
    }
  }

  /// The mean of each of `outputSize` sections of a volume. Equivalent to
  /// `torch.nn.functional.adaptive_avg_pool3d`.
  ///
  /// - Parameter outputSize: The number of sections in depth, height and width; the input's length
  ///   where nil.
  public final func adaptiveAvgPool3d(_ outputSize: (Int?, Int?, Int?)) -> Tensor {
    pooledVolumes("adaptiveAvgPool3d") {
      $0.adaptiveAvgPool2d((outputSize.1, outputSize.2))
    } depths: {
      $0.adaptiveAvgPool2d((outputSize.0, nil))
    }
  }

  /// Pools planes, and then along the depth: the window of a pooling is a product of both.
  private final func pooledVolumes(
    _ operation: StaticString, planes: (Tensor) -> Tensor, depths: (Tensor) -> Tensor
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).pooledVolumes(operation, planes: planes, depths: depths)
    }) {
      return result
    }
    if rank == 4 {
      return unsqueezed(0).pooledVolumes(operation, planes: planes, depths: depths).squeezed([0])
    }
    require(rank == 5, "\(operation): shape \(shape) is not one of volumes")
    // Means are rounded once, not by planes and again by depths.
    if let wide = pooledAsReal(operation) {
      return wide.pooledVolumes(operation, planes: planes, depths: depths).to(dtype)
    }
    if let result = widened({
      $0.pooledVolumes(operation, planes: planes, depths: depths)
    }) {
      return result
    }
    let pooled = eachPlane(planes)
    let (height, width) = (pooled.shape[3], pooled.shape[4])
    return depths(pooled.flattened(from: 3)).unflattened(3, [height, width])
  }

  /// Maxima of planes, and then along the depth, with their places in the volume.
  private final func maximumVolumes(
    _ operation: StaticString, planes: (Tensor) -> (values: Tensor, indices: Tensor),
    depths: (Tensor) -> (values: Tensor, indices: Tensor)
  ) -> (values: Tensor, indices: Tensor) {
    var places: [Tensor] = []
    let values = pooledVolumes(operation) {
      let pooled = planes($0)
      places.append(pooled.indices)
      return pooled.values
    } depths: {
      let pooled = depths($0)
      places.append(pooled.indices)
      return pooled.values
    }
    // The places of the maxima of each plane in its volume, of which the second pooling picks.
    let (batch, depth) = (rank == 5 ? shape[0] : 1, shape[rank - 3])
    let area = shape[rank - 2] * shape[rank - 1]
    let first = Tensor(NDArray((0..<depth).map { Int64($0 * area) }, shape: [depth, 1]))
    let inPlanes = places[0].flattened(from: 2).unflattened(0, [batch, depth]).transposed(1, 2)
    let indices = (inPlanes + first).flattened(from: 2).gather(-1, places[1].flattened(from: 2))
    return (values, indices.reshaped(values.shape))
  }
}
