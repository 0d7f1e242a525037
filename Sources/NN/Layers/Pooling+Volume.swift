import Autograd

// None of these has state.

/// The maximum in each position of a window on volumes. Equivalent to `torch.nn.MaxPool3d`.
public final class MaxPool3d: Module {
  private let kernelSize: (Int, Int, Int)
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let dilation: (Int, Int, Int)
  private let ceilMode: Bool
  private let summary: String

  /// A layer with the given window. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge, at most half its size.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public init<Kernel: TripleConvertible, Stride: TripleConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some TripleConvertible = 0,
    dilation: some TripleConvertible = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize.triple
    self.stride = stride?.triple ?? kernelSize.triple
    self.padding = padding.triple
    self.dilation = dilation.triple
    self.ceilMode = ceilMode
    let strideText = stride.map(tripleText) ?? tripleText(kernelSize)
    summary =
      "kernel_size=\(tripleText(kernelSize)), stride=\(strideText), padding=\(tripleText(padding)), "
      + "dilation=\(tripleText(dilation)), ceil_mode=\(pythonBool(ceilMode))"
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.maxPool3d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The pooled input, and the row-major index of each maximum among those that it was the greatest of: what
  /// `return_indices=True` gives. ``MaxUnpool3d`` takes both.
  public func withIndices(_ input: Tensor) -> (values: Tensor, indices: Tensor) {
    let outputs = withHooks([input]) {
      let (values, indices) = $0[0].maxPool3dWithIndices(
        kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      return [values, indices]
    }
    return (outputs[0], outputs[1])
  }

  /// The arguments as PyTorch prints them:
  /// `kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False`.
  public override var extraDescription: String { summary }
}

/// The mean in each position of a window on volumes. Equivalent to `torch.nn.AvgPool3d`.
public final class AvgPool3d: Module {
  private let kernelSize: (Int, Int, Int)
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let ceilMode: Bool
  private let countIncludePad: Bool
  private let divisorOverride: Int?
  private let summary: String

  /// A layer with the given window. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge, at most half its size.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  ///   - divisorOverride: A number to divide sums by in place of the number of elements; not zero.
  public init<Kernel: TripleConvertible, Stride: TripleConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some TripleConvertible = 0,
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) {
    self.kernelSize = kernelSize.triple
    self.stride = stride?.triple ?? kernelSize.triple
    self.padding = padding.triple
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
    self.divisorOverride = divisorOverride
    summary =
      "kernel_size=\(tripleText(kernelSize)), "
      + "stride=\(stride.map(tripleText) ?? tripleText(kernelSize)), "
      + "padding=\(tripleText(padding))"
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.avgPool3d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }

  /// The arguments as PyTorch prints them: `kernel_size=2, stride=2, padding=0`.
  public override var extraDescription: String { summary }
}
