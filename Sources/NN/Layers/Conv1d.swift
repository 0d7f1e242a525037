import Arrays
import Autograd
import Files

/// Convolution in one dimension. Equivalent to `torch.nn.Conv1d`.
///
/// State dict: `weight` (out, in / groups, kernel), `bias` (out,).
public final class Conv1d: ConvolutionLayer {
  /// The distance between positions of the window.
  public let stride: Int
  /// The padding at both ends.
  public let padding: ConvolutionPadding
  /// The elements that the padding adds.
  public let paddingMode: PaddingMode
  /// The distance between elements of the window.
  public let dilation: Int

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window.
  ///   - padding: The padding at both ends: a length, `.same` or `.valid`. `.same` needs a stride
  ///     of 1.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Int, stride: Int = 1,
    padding: some PaddingConvertible = 0, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    require(
      !padding.convolutionPadding.isSame || stride == 1,
      "Conv1d: padding 'same' needs a stride of 1, not \(stride)")
    self.stride = stride
    self.padding = padding.convolutionPadding
    self.paddingMode = paddingMode
    self.dilation = dilation
    super.init(
      "Conv1d", inChannels, outChannels, kernel: [kernelSize], groups: groups, bias: bias)
  }

  /// (batch, out, …) for an input of shape (batch, in, length).
  public override func forward(_ input: Tensor) -> Tensor {
    convolve(input, weight, bias, dilation: dilation, groups: groups)
  }

  /// The input convolved with another weight at the places of this layer's windows.
  package func convolve(
    _ input: Tensor, _ weight: Tensor, _ bias: Tensor?, dilation: Int, groups: Int
  ) -> Tensor {
    let (before, after) = padding.amounts(
      kernel: (1, weight.shape[2]), dilation: (1, dilation))[1]
    guard paddingMode == .zeros && before == after else {
      return input.padded(-1, before: before, after: after, mode: paddingMode)
        .conv1d(weight, bias, stride: stride, dilation: dilation, groups: groups)
    }
    return input.conv1d(
      weight, bias, stride: stride, padding: before, dilation: dilation, groups: groups)
  }

  /// The arguments as PyTorch prints them: `1, 8, kernel_size=(3,), stride=(1,), padding=(1,)`.
  public override var extraDescription: String {
    summary(
      stride: [stride], padding: padding.text { "(\($1),)" }, dilation: [dilation],
      paddingMode: paddingMode)
  }
}
