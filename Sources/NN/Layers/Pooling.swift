import Autograd

/// The greatest element under a window. Equivalent to `torch.nn.MaxPool2d`. It has no state.
public final class MaxPool2d: Module {
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let dilation: (Int, Int)
  private let ceilMode: Bool
  private let summary: String

  /// A layer with this window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns it moves; its own size if nil.
  ///   - padding: How far it may reach beyond the edges.
  ///   - dilation: How far apart its elements are.
  ///   - ceilMode: Whether a last window may run over the edge.
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

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor {
    input.maxPool2d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The arguments as PyTorch prints them:
  /// `kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False`.
  public override var extraDescription: String { summary }
}

/// The mean under a window. Equivalent to `torch.nn.AvgPool2d`. It has no state.
public final class AvgPool2d: Module {
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let ceilMode: Bool
  private let countIncludePad: Bool
  private let divisorOverride: Int?
  private let summary: String

  /// A layer with this window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns it moves; its own size if nil.
  ///   - padding: How many zeros are put around each plane.
  ///   - ceilMode: Whether a last window may run over the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: What sums are divided by in place of the number of elements.
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

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor {
    input.avgPool2d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// The arguments as PyTorch prints them: `kernel_size=2, stride=2, padding=0`.
  public override var extraDescription: String { summary }
}
