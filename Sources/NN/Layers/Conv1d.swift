import Arrays
import Autograd

/// Convolution of lines. Equivalent to `torch.nn.Conv1d`.
///
/// State dict: `weight` (out, in / groups, kernel), `bias` (out,).
public final class Conv1d: Module {
  /// (out, in / groups, kernel).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  /// By how much the window moves.
  public let stride: Int
  /// How much is put before and after each line: two equal lengths, `.same` or `.valid`.
  public let padding: ConvolutionPadding
  /// What is put there.
  public let paddingMode: PaddingMode
  /// How far apart the window's elements are.
  public let dilation: Int
  /// Into how many groups the channels are divided.
  public let groups: Int

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
    requireGroups("Conv1d", inChannels, outChannels, groups)
    require(
      !padding.convolutionPadding.isSame || stride == 1,
      "Conv1d: padding 'same' needs a stride of 1, not \(stride)")
    weight = Parameter(Tensor.zeros([outChannels, inChannels / groups, kernelSize]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride
    self.padding = padding.convolutionPadding
    self.paddingMode = paddingMode
    self.dilation = dilation
    self.groups = groups
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

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

  public override var extraDescription: String {
    convolutionText(
      weight.shape[1] * groups, weight.shape[0],
      kernelSize: "(\(weight.shape[2]),)", stride: "(\(stride),)",
      [
        ("padding", padding.text { "(\($1),)" }, "(0,)"),
        ("dilation", "(\(dilation),)", "(1,)"),
        ("groups", "\(groups)", "1"),
        ("bias", pythonBool(bias != nil), "True"),
        ("padding_mode", paddingMode.rawValue, PaddingMode.zeros.rawValue),
      ])
  }
}
