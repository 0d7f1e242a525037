import Autograd

// None of these has state.

/// The elements in each position of a window on planes, as columns. Equivalent to
/// `torch.nn.Unfold`.
public final class Unfold: Module {
  private let kernelSize: (Int, Int)
  private let dilation: (Int, Int)
  private let padding: (Int, Int)
  private let stride: (Int, Int)
  private let summary: String

  /// A layer with the given window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - dilation: The distance between elements of the window.
  ///   - padding: The number of zeros on each side of a plane.
  ///   - stride: The distance between positions of the window in rows and columns.
  public init(
    _ kernelSize: some PairConvertible, dilation: some PairConvertible = 1,
    padding: some PairConvertible = 0, stride: some PairConvertible = 1
  ) {
    self.kernelSize = kernelSize.pair
    self.dilation = dilation.pair
    self.padding = padding.pair
    self.stride = stride.pair
    summary =
      "kernel_size=\(pairText(kernelSize)), dilation=\(pairText(dilation)), "
      + "padding=\(pairText(padding)), stride=\(pairText(stride))"
  }

  /// (batch, channels · kernel area, positions).
  public override func forward(_ input: Tensor) -> Tensor {
    input.unfolded(kernelSize, dilation: dilation, padding: padding, stride: stride)
  }

  /// The arguments as PyTorch prints them: `kernel_size=3, dilation=1, padding=0, stride=1`.
  public override var extraDescription: String { summary }
}

/// Columns added up at the positions of their windows on planes. Equivalent to `torch.nn.Fold`.
public final class Fold: Module {
  private let outputSize: (Int, Int)
  private let kernelSize: (Int, Int)
  private let dilation: (Int, Int)
  private let padding: (Int, Int)
  private let stride: (Int, Int)
  private let summary: String

  /// A layer with the given window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - outputSize: Height and width of the planes.
  ///   - kernelSize: Height and width of the window.
  ///   - dilation: The distance between elements of the window.
  ///   - padding: The number of elements on each side of a plane that are cut off.
  ///   - stride: The distance between positions of the window in rows and columns.
  public init(
    _ outputSize: some PairConvertible, _ kernelSize: some PairConvertible,
    dilation: some PairConvertible = 1, padding: some PairConvertible = 0,
    stride: some PairConvertible = 1
  ) {
    self.outputSize = outputSize.pair
    self.kernelSize = kernelSize.pair
    self.dilation = dilation.pair
    self.padding = padding.pair
    self.stride = stride.pair
    summary =
      "output_size=\(pairText(outputSize)), kernel_size=\(pairText(kernelSize)), "
      + "dilation=\(pairText(dilation)), padding=\(pairText(padding)), "
      + "stride=\(pairText(stride))"
  }

  /// (batch, channels, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.folded(
      outputSize, kernelSize, dilation: dilation, padding: padding, stride: stride)
  }

  /// The arguments as PyTorch prints them:
  /// `output_size=4, kernel_size=2, dilation=1, padding=0, stride=1`.
  public override var extraDescription: String { summary }
}
