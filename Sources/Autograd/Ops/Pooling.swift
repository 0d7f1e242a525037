import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  private final func requirePlanes(_ operation: StaticString) {
    require(
      rank == 3 || rank == 4,
      "\(operation): shape \(shape) is not (batch, channels, height, width)")
    requireLoops(operation)
  }

  /// Integers as `float64`, which loops know; nil for other types. As in PyTorch, means are cut off
  /// towards zero.
  final func pooledAsReal(_ operation: StaticString) -> Tensor? {
    guard dtype.isIntegral, dtype != .bool else { return nil }
    let wide = to(.float64)
    let isExact =
      dtype.itemSize < 8 || device == .meta || elementCount == 0
      || wide.array.unary(.abs).reduced(.maximum).item(as: Double.self) <= 0x1p53
    require(isExact, "\(operation): integers of shape \(shape) are beyond 2⁵³")
    return wide
  }

  /// The maximum in each position of a window on planes. Equivalent to
  /// `torch.nn.functional.max_pool2d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns; `kernelSize` if
  ///     nil.
  ///   - padding: How far the window reaches beyond each side, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  /// - Returns: (batch, channels, rows, columns) for this tensor of shape (batch, channels, height,
  ///   width), or without the batch.
  public final func maxPool2d(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false
  ) -> Tensor {
    maxPool2dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// The maximum in each position of a window on planes, and where it was. Equivalent to
  /// `torch.nn.functional.max_pool2d` with `return_indices=True`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns; `kernelSize` if
  ///     nil.
  ///   - padding: How far the window reaches beyond each side, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  /// - Returns: The maxima, and the row-major index of each in its plane, as `int64`.
  public final func maxPool2dWithIndices(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    var indices: Tensor?
    let widened = widened {
      let pooled = $0.maxPool2dWithIndices(
        kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      indices = pooled.indices
      return pooled.values
    }
    if let widened, let indices { return (widened, indices) }
    if let wide = pooledAsReal("maxPool2d") {
      let (values, indices) = wide.maxPool2dWithIndices(
        kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      return (values.to(dtype), indices)
    }
    requirePlanes("maxPool2d")
    require(
      padding.0 <= kernelSize.0 / 2 && padding.1 <= kernelSize.1 / 2,
      "maxPool2d: padding \(padding) is more than half of the kernel \(kernelSize)")
    let window = CKWindow(
      height: shape[rank - 2], width: shape[rank - 1], kernel: kernelSize,
      stride: stride ?? kernelSize, padding: padding, dilation: dilation, ceilMode: ceilMode,
      for: "maxPool2d")
    let (values, places) = array.maxPooled(window)
    let shape = shape
    let output = Tensor.record("maxPool2d", [self], values) { _ in
      [{ .scatteredToPlanes($0, places, shape) }]
    }
    return (output, Tensor(places))
  }

  /// The maximum of each of `outputSize` sections of a plane. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool2d`.
  ///
  /// - Parameter outputSize: The number of sections in height and width; the input's length where
  ///   nil.
  public final func adaptiveMaxPool2d(_ outputSize: (Int?, Int?)) -> Tensor {
    adaptiveMaxPool2dWithIndices(outputSize).values
  }

  /// The maximum of each of `outputSize` sections of a plane, and where it was. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool2d` with `return_indices=True`.
  ///
  /// - Parameter outputSize: The number of sections in height and width; the input's length where
  ///   nil.
  /// - Returns: The maxima, and the row-major index of each in its plane, as `int64`.
  public final func adaptiveMaxPool2dWithIndices(
    _ outputSize: (Int?, Int?)
  ) -> (values: Tensor, indices: Tensor) {
    var indices: Tensor?
    let widened = widened {
      let pooled = $0.adaptiveMaxPool2dWithIndices(outputSize)
      indices = pooled.indices
      return pooled.values
    }
    if let widened, let indices { return (widened, indices) }
    let window = adaptingWindow(outputSize, "adaptiveMaxPool2d")
    require(
      shape[rank - 2] > 0 && shape[rank - 1] > 0,
      "adaptiveMaxPool2d: planes of shape \(shape) are empty")
    let (values, places) = array.adaptiveMaxPooled(window)
    let shape = shape
    let output = Tensor.record("adaptiveMaxPool2d", [self], values) { _ in
      [{ .scatteredToPlanes($0, places, shape) }]
    }
    return (output, Tensor(places))
  }

  private final func adaptingWindow(
    _ outputSize: (Int?, Int?), _ operation: StaticString
  ) -> CKWindow {
    requirePlanes(operation)
    let size = (outputSize.0 ?? shape[rank - 2], outputSize.1 ?? shape[rank - 1])
    require(
      size.0 >= 0 && size.1 >= 0,
      "\(operation): an output of \(size) for shape \(shape)")
    return CKWindow(height: shape[rank - 2], width: shape[rank - 1], adaptingTo: size)
  }

  private static func scatteredToPlanes(
    _ gradient: Tensor, _ indices: NDArray, _ shape: Shape
  ) -> Tensor {
    record("maxPool2dBackward", [gradient], gradient.array.scatteredToPlanes(indices, shape)) { _ in
      [{ .gatheredFromPlanes($0, indices, shape) }]
    }
  }

  private static func gatheredFromPlanes(
    _ x: Tensor, _ indices: NDArray, _ shape: Shape
  ) -> Tensor {
    record("maxPool2dGather", [x], x.array.gatheredFromPlanes(indices)) { _ in
      [{ .scatteredToPlanes($0, indices, shape) }]
    }
  }

  /// The mean in each position of a window on planes. Equivalent to
  /// `torch.nn.functional.avg_pool2d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns; `kernelSize` if
  ///     nil.
  ///   - padding: The number of zeros on each side, at most half of `kernelSize`.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: A number to divide sums by in place of the number of elements; not zero.
  /// - Returns: (batch, channels, rows, columns) for this tensor of shape (batch, channels, height,
  ///   width), or without the batch.
  public final func avgPool2d(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    if let result = widened({
      $0.avgPool2d(
        kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
        countIncludePad: countIncludePad, divisorOverride: divisorOverride)
    }) {
      return result
    }
    if let wide = pooledAsReal("avgPool2d") {
      return wide.avgPool2d(
        kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
        countIncludePad: countIncludePad, divisorOverride: divisorOverride
      ).to(dtype)
    }
    requirePlanes("avgPool2d")
    require(
      padding.0 <= kernelSize.0 / 2 && padding.1 <= kernelSize.1 / 2,
      "avgPool2d: padding \(padding) is more than half of the kernel \(kernelSize)")
    require(divisorOverride != 0, "avgPool2d: the divisor of shape \(shape) is zero")
    let window = CKWindow(
      height: shape[rank - 2], width: shape[rank - 1], kernel: kernelSize,
      stride: stride ?? kernelSize, padding: padding, ceilMode: ceilMode, for: "avgPool2d")
    return averagePooled(window, countIncludePad, divisorOverride ?? 0)
  }

  private final func averagePooled(
    _ window: CKWindow, _ countPadding: Bool, _ divisor: Int
  ) -> Tensor {
    let shape = shape
    let pooled = array.averagePooled(window, countPadding: countPadding, divisor: divisor)
    return .record("avgPool2d", [self], pooled) { _ in
      [
        { grad in
          let spread = grad.array.averagePoolGradient(
            window, countPadding: countPadding, divisor: divisor, shape)
          return .record("avgPool2dBackward", [grad], spread) { _ in
            [{ $0.averagePooled(window, countPadding, divisor) }]
          }
        }
      ]
    }
  }

  /// The mean of each of `outputSize` sections of a plane. Equivalent to
  /// `torch.nn.functional.adaptive_avg_pool2d`.
  ///
  /// - Parameter outputSize: The number of sections in height and width; the input's length where
  ///   nil.
  public final func adaptiveAvgPool2d(_ outputSize: (Int?, Int?)) -> Tensor {
    if let result = widened({ $0.adaptiveAvgPool2d(outputSize) }) { return result }
    return adaptivelyPooled(adaptingWindow(outputSize, "adaptiveAvgPool2d"))
  }

  private final func adaptivelyPooled(_ window: CKWindow) -> Tensor {
    let shape = shape
    return .record("adaptiveAvgPool2d", [self], array.adaptiveAveragePooled(window)) { _ in
      [
        { grad in
          let spread = grad.array.adaptiveAveragePoolGradient(window, shape)
          return .record("adaptiveAvgPool2dBackward", [grad], spread) { _ in
            [{ $0.adaptivelyPooled(window) }]
          }
        }
      ]
    }
  }
}
