import Arrays
import Autograd
import Files

/// Convolution of lines. Equivalent to `torch.nn.Conv1d`.
///
/// State dict: `weight` (out, in / groups, kernel), `bias` (out,).
public final class Conv1d: ConvolutionLayer {
  /// By how much the window moves.
  public let stride: Int
  /// How much is put before and after each line: two equal lengths, `.same` or `.valid`.
  public let padding: ConvolutionPadding
  /// What is put there.
  public let paddingMode: PaddingMode
  /// How far apart the window's elements are.
  public let dilation: Int

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: The length of the window.
  ///   - stride: By how much the window moves.
  ///   - padding: How much is put before and after each line: a length, `.same` or `.valid`.
  ///   - dilation: How far apart the window's elements are.
  ///   - groups: Into how many groups the channels are divided.
  ///   - bias: Whether something is added to each channel.
  ///   - paddingMode: What is put around each line.
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
