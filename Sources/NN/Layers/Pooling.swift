import Autograd

/// The maximum in each position of a window on planes. Equivalent to `torch.nn.MaxPool2d`. It has
/// no state.
public final class MaxPool2d: Module {
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let dilation: (Int, Int)
  private let ceilMode: Bool
  private let summary: String

  /// A layer with the given window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public init<Kernel: PairConvertible, Stride: PairConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some PairConvertible = 0,
    dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair ?? kernelSize.pair
    self.padding = padding.pair
    self.dilation = dilation.pair
    self.ceilMode = ceilMode
    summary =
      "kernel_size=\(pairText(kernelSize)), stride=\(stride.map(pairText) ?? pairText(kernelSize)), "
      + "padding=\(pairText(padding)), dilation=\(pairText(dilation)), ceil_mode=\(pythonBool(ceilMode))"
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.maxPool2d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The pooled input, and the row-major index of each maximum among those that it was the greatest of: what
  /// `return_indices=True` gives. ``MaxUnpool2d`` takes both.
  public func withIndices(_ input: Tensor) -> (values: Tensor, indices: Tensor) {
    let outputs = withHooks([input]) {
      let (values, indices) = $0[0].maxPool2dWithIndices(
        kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      return [values, indices]
    }
    return (outputs[0], outputs[1])
  }

  /// The arguments as PyTorch prints them:
  /// `kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False`.
  public override var extraDescription: String { summary }
}

/// The mean in each position of a window on planes. Equivalent to `torch.nn.AvgPool2d`. It has no
/// state.
public final class AvgPool2d: Module {
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let ceilMode: Bool
  private let countIncludePad: Bool
  private let divisorOverride: Int?
  private let summary: String

  /// A layer with the given window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: The number of zeros on each side of a plane.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: A number to divide sums by in place of the number of elements.
  public init<Kernel: PairConvertible, Stride: PairConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some PairConvertible = 0,
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) {
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair ?? kernelSize.pair
    self.padding = padding.pair
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
    self.divisorOverride = divisorOverride
    summary =
      "kernel_size=\(pairText(kernelSize)), stride=\(stride.map(pairText) ?? pairText(kernelSize)), "
      + "padding=\(pairText(padding))"
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.avgPool2d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// The arguments as PyTorch prints them: `kernel_size=2, stride=2, padding=0`.
  public override var extraDescription: String { summary }
}
