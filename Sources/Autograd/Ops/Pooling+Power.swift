import Arrays
import Kernels

extension Tensor {
  /// (Σ x^order)^(1 / order) in each position of a window along lines. Equivalent to
  /// `torch.nn.functional.lp_pool1d`.
  ///
  /// - Parameters:
  ///   - order: The order of the norm.
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - ceilMode: Whether a last window may extend beyond the end.
  public final func lpPool1d(
    _ order: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) -> Tensor {
    pow(order).avgPool1d(kernelSize, stride: stride, ceilMode: ceilMode)
      .rootOfMean(order, count: kernelSize)
  }

  /// (Σ x^order)^(1 / order) in each position of a window on planes. Equivalent to
  /// `torch.nn.functional.lp_pool2d`.
  ///
  /// - Parameters:
  ///   - order: The order of the norm.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns; `kernelSize` if
  ///     nil.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public final func lpPool2d(
    _ order: Double, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, ceilMode: Bool = false
  ) -> Tensor {
    pow(order).avgPool2d(kernelSize, stride: stride, ceilMode: ceilMode)
      .rootOfMean(order, count: kernelSize.0 * kernelSize.1)
  }

  /// (Σ x^order)^(1 / order) in each position of a window on volumes. Equivalent to
  /// `torch.nn.functional.lp_pool3d`.
  ///
  /// - Parameters:
  ///   - order: The order of the norm.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns;
  ///     `kernelSize` if nil.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public final func lpPool3d(
    _ order: Double, _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    ceilMode: Bool = false
  ) -> Tensor {
    pow(order).avgPool3d(kernelSize, stride: stride, ceilMode: ceilMode)
      .rootOfMean(order, count: kernelSize.0 * kernelSize.1 * kernelSize.2)
  }

  /// The root of sums, given as means of `count` powers.
  private final func rootOfMean(_ order: Double, count: Int) -> Tensor {
    // PyTorch's way, which keeps the signs of odd powers until the root.
    (sign() * abs().relu() * Double(count)).pow(1 / order)
  }
}
