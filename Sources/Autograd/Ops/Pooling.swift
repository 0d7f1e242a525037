import Arrays
import CKernels
import Kernels

extension Tensor {
  private final func requirePlanes(_ operation: StaticString) {
    require(
      rank == 3 || rank == 4,
      "\(operation): shape \(shape) is not (batch, channels, height, width)")
    require(
      dtype == .float32 || dtype == .float64, "\(operation): \(dtype) is not float32 or float64")
  }

  /// The greatest element under each position of a window. Equivalent to
  /// `torch.nn.functional.max_pool2d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns it moves; its own size if nil.
  ///   - ceilMode: Whether a last window may run over the edge.
  public final func maxPool2d(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false
  ) -> Tensor {
    maxPool2dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// The greatest element under each position of a window, and its position in its plane.
  /// Equivalent to `torch.nn.functional.max_pool2d` with `return_indices=True`.
  public final func maxPool2dWithIndices(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    requirePlanes("maxPool2d")
    require(
      padding.0 <= kernelSize.0 / 2 && padding.1 <= kernelSize.1 / 2,
      "maxPool2d: padding \(padding) is more than half of the kernel \(kernelSize)")
    let window = CKWindow(
      height: shape[rank - 2], width: shape[rank - 1], kernel: kernelSize,
      stride: stride ?? kernelSize, padding: padding, dilation: dilation, ceilMode: ceilMode,
      for: "maxPool2d")
    let (values, indices) = array.maxPooled(window)
    let shape = shape
    let output = Tensor.record("maxPool2d", [self], values) { _ in
      [{ .scatteredToPlanes($0, indices, shape) }]
    }
    return (output, Tensor(indices))
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

  /// The mean under each position of a window. Equivalent to `torch.nn.functional.avg_pool2d`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns it moves; its own size if nil.
  ///   - ceilMode: Whether a last window may run over the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: What sums are divided by in place of the number of elements.
  public final func avgPool2d(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
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

  /// The mean over each of as many parts of a plane as the output has elements. Equivalent to
  /// `torch.nn.functional.adaptive_avg_pool2d`.
  ///
  /// - Parameter outputSize: Height and width of the output; the input's where nil.
  public final func adaptiveAvgPool2d(_ outputSize: (Int?, Int?)) -> Tensor {
    requirePlanes("adaptiveAvgPool2d")
    return adaptivelyPooled(
      CKWindow(
        height: shape[rank - 2], width: shape[rank - 1],
        adaptingTo: (outputSize.0 ?? shape[rank - 2], outputSize.1 ?? shape[rank - 1])))
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
