import Arrays
import Autograd

/// The transpose of a convolution of planes. Equivalent to `torch.nn.ConvTranspose2d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
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
    requireGroups("ConvTranspose2d", inChannels, outChannels, groups)
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
    convolutionText(
      weight.shape[0], weight.shape[1] * groups,
      kernelSize: "\((weight.shape[2], weight.shape[3]))", stride: "\(stride)",
      [
        ("padding", "\(padding)", "(0, 0)"),
        ("dilation", "\(dilation)", "(1, 1)"),
        ("output_padding", "\(outputPadding)", "(0, 0)"),
        ("groups", "\(groups)", "1"),
        ("bias", pythonBool(bias != nil), "True"),
      ])
  }
}

/// The transpose of a convolution of lines. Equivalent to `torch.nn.ConvTranspose1d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
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
    requireGroups("ConvTranspose1d", inChannels, outChannels, groups)
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
    convolutionText(
      weight.shape[0], weight.shape[1] * groups,
      kernelSize: "(\(weight.shape[2]),)", stride: "(\(stride),)",
      [
        ("padding", "(\(padding),)", "(0,)"),
        ("dilation", "(\(dilation),)", "(1,)"),
        ("output_padding", "(\(outputPadding),)", "(0,)"),
        ("groups", "\(groups)", "1"),
        ("bias", pythonBool(bias != nil), "True"),
      ])
  }
}

/// The transpose of a convolution of volumes. Equivalent to `torch.nn.ConvTranspose3d`.
///
/// Its padding is of zeros, the only mode that PyTorch has for it.
///
/// State dict: `weight` (in, out / groups, kernel depth, kernel height, kernel width), `bias` (out,).
public final class ConvTranspose3d: Module {
  /// (in, out / groups, kernel depth, kernel height, kernel width).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let outputPadding: (Int, Int, Int)
  private let groups: Int
  private let dilation: (Int, Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: By how many planes, rows and columns the window moves.
  ///   - padding: How many planes, rows and columns are cut off around the output.
  ///   - outputPadding: How many planes, rows and columns more the output has.
  ///   - groups: Into how many groups the channels are divided.
  ///   - bias: Whether something is added to each channel.
  ///   - dilation: How far apart the window's elements are.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some TripleConvertible = 0,
    outputPadding: some TripleConvertible = 0, groups: Int = 1, bias: Bool = true,
    dilation: some TripleConvertible = 1
  ) {
    requireGroups("ConvTranspose3d", inChannels, outChannels, groups)
    let kernel = kernelSize.triple
    weight = Parameter(
      Tensor.zeros([inChannels, outChannels / groups, kernel.0, kernel.1, kernel.2]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride.triple
    self.padding = padding.triple
    self.outputPadding = outputPadding.triple
    self.groups = groups
    self.dilation = dilation.triple
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (batch, out, …) for an input of shape (batch, in, depth, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.convTranspose3d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  public override var extraDescription: String {
    convolutionText(
      weight.shape[0], weight.shape[1] * groups,
      kernelSize: "\((weight.shape[2], weight.shape[3], weight.shape[4]))", stride: "\(stride)",
      [
        ("padding", "\(padding)", "(0, 0, 0)"),
        ("dilation", "\(dilation)", "(1, 1, 1)"),
        ("output_padding", "\(outputPadding)", "(0, 0, 0)"),
        ("groups", "\(groups)", "1"),
        ("bias", pythonBool(bias != nil), "True"),
      ])
  }
}
