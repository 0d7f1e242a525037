import Arrays
import Autograd

/// The transpose of a convolution of planes. Equivalent to `torch.nn.ConvTranspose2d`.
///
/// State dict: `weight` (in, out / groups, kernel height, kernel width), `bias` (out,).
public final class ConvTranspose2d: Module {
  /// (in, out / groups, kernel height, kernel width).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let outputPadding: (Int, Int)
  private let groups: Int
  private let dilation: (Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns the window moves.
  ///   - padding: How many rows and columns are cut off around the output.
  ///   - outputPadding: How many rows and columns more the output has.
  ///   - groups: Into how many groups the channels are divided.
  ///   - bias: Whether something is added to each channel.
  ///   - dilation: How far apart the window's elements are.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some PairConvertible,
    stride: some PairConvertible = 1, padding: some PairConvertible = 0,
    outputPadding: some PairConvertible = 0, groups: Int = 1, bias: Bool = true,
    dilation: some PairConvertible = 1
  ) {
    require(
      groups > 0 && inChannels % groups == 0 && outChannels % groups == 0,
      "ConvTranspose2d: \(inChannels) and \(outChannels) channels do not divide into \(groups) "
        + "groups")
    let kernel = kernelSize.pair
    weight = Parameter(Tensor.zeros([inChannels, outChannels / groups, kernel.0, kernel.1]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride.pair
    self.padding = padding.pair
    self.outputPadding = outputPadding.pair
    self.groups = groups
    self.dilation = dilation.pair
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (batch, out, …) for an input of shape (batch, in, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose2d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  public override var extraDescription: String {
    var text =
      "\(weight.shape[0]), \(weight.shape[1] * groups), "
      + "kernel_size=\((weight.shape[2], weight.shape[3])), stride=\(stride)"
    if padding != (0, 0) { text += ", padding=\(padding)" }
    if dilation != (1, 1) { text += ", dilation=\(dilation)" }
    if outputPadding != (0, 0) { text += ", output_padding=\(outputPadding)" }
    if groups != 1 { text += ", groups=\(groups)" }
    if bias == nil { text += ", bias=False" }
    return text
  }
}

/// The transpose of a convolution of lines. Equivalent to `torch.nn.ConvTranspose1d`.
///
/// State dict: `weight` (in, out / groups, kernel), `bias` (out,).
public final class ConvTranspose1d: Module {
  /// (in, out / groups, kernel).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  private let stride: Int
  private let padding: Int
  private let outputPadding: Int
  private let groups: Int
  private let dilation: Int

  /// A layer with PyTorch's initial values. The arguments are those of ``ConvTranspose2d``.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, bias: Bool = true, dilation: Int = 1
  ) {
    require(
      groups > 0 && inChannels % groups == 0 && outChannels % groups == 0,
      "ConvTranspose1d: \(inChannels) and \(outChannels) channels do not divide into \(groups) "
        + "groups")
    weight = Parameter(Tensor.zeros([inChannels, outChannels / groups, kernelSize]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.groups = groups
    self.dilation = dilation
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (batch, out, …) for an input of shape (batch, in, length).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose1d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  public override var extraDescription: String {
    var text =
      "\(weight.shape[0]), \(weight.shape[1] * groups), kernel_size=(\(weight.shape[2]),), "
      + "stride=(\(stride),)"
    if padding != 0 { text += ", padding=(\(padding),)" }
    if dilation != 1 { text += ", dilation=(\(dilation),)" }
    if outputPadding != 0 { text += ", output_padding=(\(outputPadding),)" }
    if groups != 1 { text += ", groups=\(groups)" }
    if bias == nil { text += ", bias=False" }
    return text
  }
}
