import Arrays
import Autograd

/// Convolution of volumes. Equivalent to `torch.nn.Conv3d` with a padding of zeros, as lengths.
///
/// State dict: `weight` (out, in / groups, kernel depth, kernel height, kernel width), `bias` (out,).
public final class Conv3d: Module {
  /// (out, in / groups, kernel depth, kernel height, kernel width).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let dilation: (Int, Int, Int)
  private let groups: Int

  /// A layer with PyTorch's initial values. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: By how many planes, rows and columns the window moves.
  ///   - padding: How many zeros are put around each volume, on both sides.
  ///   - dilation: How far apart the window's elements are.
  ///   - groups: Into how many groups the channels are divided.
  ///   - bias: Whether something is added to each channel.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some TripleConvertible = 0,
    dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true
  ) {
    requireGroups("Conv3d", inChannels, outChannels, groups)
    let kernel = kernelSize.triple
    weight = Parameter(
      Tensor.zeros([outChannels, inChannels / groups, kernel.0, kernel.1, kernel.2]))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.stride = stride.triple
    self.padding = padding.triple
    self.dilation = dilation.triple
    self.groups = groups
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (batch, out, …) for an input of shape (batch, in, depth, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    input.conv3d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  public override var extraDescription: String {
    convolutionText(
      weight.shape[1] * groups, weight.shape[0],
      kernelSize: "\((weight.shape[2], weight.shape[3], weight.shape[4]))", stride: "\(stride)",
      [
        ("padding", "\(padding)", "(0, 0, 0)"),
        ("dilation", "\(dilation)", "(1, 1, 1)"),
        ("groups", "\(groups)", "1"),
        ("bias", pythonBool(bias != nil), "True"),
      ])
  }
}
