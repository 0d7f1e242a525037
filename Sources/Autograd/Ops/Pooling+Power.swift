import Arrays
import Kernels

extension Tensor {
  /// The norm of the elements under each position of a window on lines, without their signs.
  /// Equivalent to `torch.nn.functional.lp_pool1d`.
  ///
  /// - Parameters:
  ///   - order: The order of the norm: the sum of powers, of which the root is taken.
  ///   - stride: By how much the window moves; its own length if nil.
  ///   - ceilMode: Whether a last window may run over the edge.
  public final func lpPool1d(
    _ order: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) -> Tensor {
    pow(order).avgPool1d(kernelSize, stride: stride, ceilMode: ceilMode)
      .rootOfMean(order, count: kernelSize)
  }

  /// The same on planes. Equivalent to `torch.nn.functional.lp_pool2d`.
  public final func lpPool2d(
    _ order: Double, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, ceilMode: Bool = false
  ) -> Tensor {
    pow(order).avgPool2d(kernelSize, stride: stride, ceilMode: ceilMode)
      .rootOfMean(order, count: kernelSize.0 * kernelSize.1)
  }

  /// The same on volumes. Equivalent to `torch.nn.functional.lp_pool3d`.
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
