import Arrays
import Autograd
import Files

/// Convolution in two dimensions. Equivalent to `torch.nn.Conv2d`.
///
/// State dict: `weight` (out, in / groups, kernel height, kernel width), `bias` (out,).
public final class Conv2d: ConvolutionLayer {
  /// The distance between positions of the window in rows and columns.
  public let stride: (Int, Int)
  /// The padding on each side.
  public let padding: ConvolutionPadding
  /// The elements that the padding adds.
  public let paddingMode: PaddingMode
  /// The distance between elements of the window.
  public let dilation: (Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The padding on each side: lengths, `.same` or `.valid`. `.same` needs a stride of
  ///     1.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some PairConvertible,
    stride: some PairConvertible = 1, padding: some PaddingConvertible = 0,
    dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    require(
      !padding.convolutionPadding.isSame || stride.pair == (1, 1),
      "Conv2d: padding 'same' needs a stride of 1, not \(stride.pair)")
    self.stride = stride.pair
    self.padding = padding.convolutionPadding
    self.paddingMode = paddingMode
    self.dilation = dilation.pair
    super.init(
      "Conv2d", inChannels, outChannels, kernel: [kernelSize.pair.0, kernelSize.pair.1],
      groups: groups, bias: bias)
  }

  /// (batch, out, …) for an input of shape (batch, in, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    convolve(input, weight, bias, dilation: dilation, groups: groups)
  }

  /// The input convolved with another weight at the places of this layer's windows.
  package func convolve(
    _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, dilation: (Int, Int), groups: Int
  ) -> Tensor {
    let amounts = padding.amounts(
      kernel: (weight.shape[2], weight.shape[3]), dilation: dilation)
    let isEven = amounts.allSatisfy { $0.before == $0.after }
    guard paddingMode == .zeros && isEven else {
      let padded = zip([-2, -1], amounts).reduce(input) { planes, next in
        planes.padded(next.0, before: next.1.before, after: next.1.after, mode: paddingMode)
      }
      return padded.conv2d(weight, bias, stride: stride, dilation: dilation, groups: groups)
    }
    return input.conv2d(
      weight, bias, stride: stride, padding: (amounts[0].before, amounts[1].before),
      dilation: dilation, groups: groups)
  }

  /// The arguments as PyTorch prints them:
  /// `1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)`.
  public override var extraDescription: String {
    summary(
      stride: [stride.0, stride.1], padding: padding.text { "\(($0, $1))" },
      dilation: [dilation.0, dilation.1], paddingMode: paddingMode)
  }
}
