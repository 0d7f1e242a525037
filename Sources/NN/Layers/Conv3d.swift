import Arrays
import Autograd
import Files

/// Convolution in three dimensions. Equivalent to `torch.nn.Conv3d`.
///
/// State dict: `weight` (out, in / groups, kernel depth, kernel height, kernel width), `bias` (out,).
public final class Conv3d: ConvolutionLayer {
  private let stride: (Int, Int, Int)
  private let padding: VolumePadding
  private let paddingMode: PaddingMode
  private let dilation: (Int, Int, Int)

  /// A layer with PyTorch's initial values. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns.
  ///   - padding: The padding on both sides of each volume in each direction: lengths, `.same` or `.valid`.
  ///     `.same` needs a stride of 1.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some VolumePaddingConvertible = 0,
    dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    self.padding = padding.volumePadding
    require(
      self.padding != .toSameSize || stride.triple == (1, 1, 1),
      "Conv3d: padding 'same' needs a stride of 1, not \(stride.triple)")
    self.stride = stride.triple
    self.paddingMode = paddingMode
    self.dilation = dilation.triple
    super.init(
      "Conv3d", inChannels, outChannels,
      kernel: [kernelSize.triple.0, kernelSize.triple.1, kernelSize.triple.2], groups: groups,
      bias: bias)
  }

  /// (batch, out, …) for an input of shape (batch, in, depth, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    let amounts = padding.amounts(
      kernel: Array(weight.shape.dimensions.suffix(3)),
      dilation: [dilation.0, dilation.1, dilation.2])
    guard paddingMode == .zeros && amounts.allSatisfy({ $0.before == $0.after }) else {
      let padded = zip([-3, -2, -1], amounts).reduce(input) { volumes, next in
        volumes.padded(next.0, before: next.1.before, after: next.1.after, mode: paddingMode)
      }
      return padded.conv3d(weight, bias, stride: stride, dilation: dilation, groups: groups)
    }
    return input.conv3d(
      weight, bias, stride: stride,
      padding: (amounts[0].before, amounts[1].before, amounts[2].before), dilation: dilation,
      groups: groups)
  }

  /// The arguments as PyTorch prints them: `1, 8, kernel_size=(3, 3, 3), stride=(1, 1, 1)`.
  public override var extraDescription: String {
    summary(
      stride: [stride.0, stride.1, stride.2], padding: padding.text,
      dilation: [dilation.0, dilation.1, dilation.2], paddingMode: paddingMode)
  }
}
