import Arrays
import Autograd

/// Convolution of planes. Equivalent to `torch.nn.Conv2d` with padding by zeros.
///
/// State dict: `weight` (out, in / groups, kernel height, kernel width), `bias` (out,).
public final class Conv2d: Module {
  /// (out, in / groups, kernel height, kernel width).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  /// By how many rows and columns the window moves.
  public let stride: (Int, Int)
  /// How many zeros are put above and below, left and right.
  public let padding: (Int, Int)
  /// How far apart the window's elements are.
  public let dilation: (Int, Int)
  /// Into how many groups the channels are divided.
  public let groups: Int

  /// A layer with PyTorch's initial values. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: By how many rows and columns the window moves.
  ///   - padding: How many zeros are put around each plane.
  ///   - dilation: How far apart the window's elements are.
  ///   - groups: Into how many groups the channels are divided.
  ///   - bias: Whether something is added to each channel.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some PairConvertible,
    stride: some PairConvertible = 1, padding: some PairConvertible = 0,
    dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true
  ) {
    require(
      groups > 0 && inChannels % groups == 0 && outChannels % groups == 0,
      "Conv2d: \(inChannels) and \(outChannels) channels do not divide into \(groups) groups")
    let kernel = kernelSize.pair
    weight = Parameter(Tensor.zeros([outChannels, inChannels / groups, kernel.0, kernel.1]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride.pair
    self.padding = padding.pair
    self.dilation = dilation.pair
    self.groups = groups
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (batch, out, …) for an input of shape (batch, in, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.conv2d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  public override var extraDescription: String {
    var text =
      "\(weight.shape[1] * groups), \(weight.shape[0]), "
      + "kernel_size=\((weight.shape[2], weight.shape[3])), stride=\(stride)"
    if padding != (0, 0) { text += ", padding=\(padding)" }
    if dilation != (1, 1) { text += ", dilation=\(dilation)" }
    if groups != 1 { text += ", groups=\(groups)" }
    if bias == nil { text += ", bias=False" }
    return text
  }
}
