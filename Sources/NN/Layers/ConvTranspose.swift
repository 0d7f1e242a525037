import Arrays
import Autograd

/// The transpose of a convolution in two dimensions. Equivalent to `torch.nn.ConvTranspose2d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
///
/// State dict: `weight` (in, out / groups, kernel height, kernel width), `bias` (out,).
public final class ConvTranspose2d: ConvolutionLayer {
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let outputPadding: (Int, Int)
  private let dilation: (Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The number of rows and columns cut off on both sides of the output.
  ///   - outputPadding: By how many rows and columns the output is larger; less than `stride` or
  ///     `dilation`.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - dilation: The distance between elements of the window.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some PairConvertible,
    stride: some PairConvertible = 1, padding: some PairConvertible = 0,
    outputPadding: some PairConvertible = 0, groups: Int = 1, bias: Bool = true,
    dilation: some PairConvertible = 1
  ) {
    self.stride = stride.pair
    self.padding = padding.pair
    self.outputPadding = outputPadding.pair
    self.dilation = dilation.pair
    super.init(
      "ConvTranspose2d", inChannels, outChannels, kernel: [kernelSize.pair.0, kernelSize.pair.1],
      groups: groups, bias: bias, isTransposed: true)
  }

  /// (batch, out, …) for an input of shape (batch, in, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose2d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The arguments as PyTorch prints them: `8, 1, kernel_size=(2, 2), stride=(2, 2)`.
  public override var extraDescription: String {
    summary(
      stride: [stride.0, stride.1], padding: "\(padding)", dilation: [dilation.0, dilation.1],
      outputPadding: [outputPadding.0, outputPadding.1])
  }
}

/// The transpose of a convolution in one dimension. Equivalent to `torch.nn.ConvTranspose1d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
///
/// State dict: `weight` (in, out / groups, kernel), `bias` (out,).
public final class ConvTranspose1d: ConvolutionLayer {
  private let stride: Int
  private let padding: Int
  private let outputPadding: Int
  private let dilation: Int

  /// A layer with PyTorch's initial values. The arguments are those of ``ConvTranspose2d``.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, bias: Bool = true, dilation: Int = 1
  ) {
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    super.init(
      "ConvTranspose1d", inChannels, outChannels, kernel: [kernelSize], groups: groups, bias: bias,
      isTransposed: true)
  }

  /// (batch, out, …) for an input of shape (batch, in, length).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose1d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The arguments as PyTorch prints them: `8, 1, kernel_size=(2,), stride=(2,)`.
  public override var extraDescription: String {
    summary(
      stride: [stride], padding: "(\(padding),)", dilation: [dilation],
      outputPadding: [outputPadding])
  }
}

/// The transpose of a convolution in three dimensions. Equivalent to `torch.nn.ConvTranspose3d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
///
/// State dict: `weight` (in, out / groups, kernel depth, kernel height, kernel width), `bias` (out,).
public final class ConvTranspose3d: ConvolutionLayer {
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let outputPadding: (Int, Int, Int)
  private let dilation: (Int, Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns.
  ///   - padding: The number of planes, rows and columns cut off on both sides of the output.
  ///   - outputPadding: By how many planes, rows and columns the output is larger; less than
  ///     `stride` or `dilation`.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - dilation: The distance between elements of the window.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some TripleConvertible = 0,
    outputPadding: some TripleConvertible = 0, groups: Int = 1, bias: Bool = true,
    dilation: some TripleConvertible = 1
  ) {
    self.stride = stride.triple
    self.padding = padding.triple
    self.outputPadding = outputPadding.triple
    self.dilation = dilation.triple
    super.init(
      "ConvTranspose3d", inChannels, outChannels,
      kernel: [kernelSize.triple.0, kernelSize.triple.1, kernelSize.triple.2], groups: groups,
      bias: bias, isTransposed: true)
  }

  /// (batch, out, …) for an input of shape (batch, in, depth, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose3d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The arguments as PyTorch prints them: `8, 1, kernel_size=(2, 2, 2), stride=(2, 2, 2)`.
  public override var extraDescription: String {
    summary(
      stride: [stride.0, stride.1, stride.2], padding: "\(padding)",
      dilation: [dilation.0, dilation.1, dilation.2],
      outputPadding: [outputPadding.0, outputPadding.1, outputPadding.2])
  }
}
