import Arrays
import Autograd

/// Convolution in three dimensions. Equivalent to `torch.nn.Conv3d` with a padding of zeros, as
/// lengths.
///
/// State dict: `weight` (out, in / groups, kernel depth, kernel height, kernel width), `bias` (out,).
public final class Conv3d: ConvolutionLayer {
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let dilation: (Int, Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns.
  ///   - padding: The number of zeros on both sides of each volume in each direction.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some TripleConvertible = 0,
    dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true
  ) {
    self.stride = stride.triple
    self.padding = padding.triple
    self.dilation = dilation.triple
    super.init(
      "Conv3d", inChannels, outChannels,
      kernel: [kernelSize.triple.0, kernelSize.triple.1, kernelSize.triple.2], groups: groups,
      bias: bias)
  }

  /// (batch, out, …) for an input of shape (batch, in, depth, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.conv3d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// The arguments as PyTorch prints them: `1, 8, kernel_size=(3, 3, 3), stride=(1, 1, 1)`.
  public override var extraDescription: String {
    summary(
      stride: [stride.0, stride.1, stride.2], padding: "\(padding)",
      dilation: [dilation.0, dilation.1, dilation.2])
  }
}
