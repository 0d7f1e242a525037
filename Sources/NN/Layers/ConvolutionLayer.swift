import Arrays
import Autograd
import Files

/// The base class of convolutions and their transposes.
///
/// State dict: `weight`, `bias` (out,).
public class ConvolutionLayer: Module {
  /// (out, in / groups, …) and the lengths of the window; of a transpose (in, out / groups, …).
  public final var weight: Parameter
  /// (out,), if the layer has one.
  public final var bias: Parameter?
  /// The number of groups into which the channels are divided.
  public final let groups: Int
  private let isTransposed: Bool

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - kernel: The lengths of the window.
  ///   - isTransposed: Whether the weight has the channels of the input first.
  init(
    _ layer: StaticString, _ inChannels: Int, _ outChannels: Int, kernel: [Int], groups: Int,
    bias: Bool, isTransposed: Bool = false
  ) {
    require(
      groups > 0 && inChannels % groups == 0 && outChannels % groups == 0,
      "\(layer): \(inChannels) and \(outChannels) channels do not divide into \(groups) groups")
    let channels =
      isTransposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
    weight = Parameter(Tensor.zeros(Shape(channels + kernel)))
    self.bias = bias ? Parameter(Tensor.zeros([outChannels])) : nil
    self.groups = groups
    self.isTransposed = isTransposed
    super.init()
    resetParameters()
  }

  /// Sets the initial values again, from the current random generator.
  public final func resetParameters() { Initialization.layer(weight, bias) }

  /// The arguments as PyTorch prints them: of the options those that are not as they would be
  /// without being given.
  final func summary(
    stride: [Int], padding: String, dilation: [Int], outputPadding: [Int]? = nil,
    paddingMode: PaddingMode = .zeros
  ) -> String {
    let channels = [weight.shape[0], weight.shape[1] * groups]
    let zeros = Shape(stride.map { _ in 0 })
    let options = [
      ("padding", padding, "\(zeros)"),
      ("dilation", "\(Shape(dilation))", "\(Shape(stride.map { _ in 1 }))"),
      ("output_padding", "\(outputPadding.map { Shape($0) } ?? zeros)", "\(zeros)"),
      ("groups", "\(groups)", "1"),
      ("bias", pythonBool(bias != nil), "True"),
      ("padding_mode", paddingMode.rawValue, PaddingMode.zeros.rawValue),
    ]
    let given = options.filter { $0.1 != $0.2 }.map { ", \($0.0)=\($0.1)" }
    return "\(channels[isTransposed ? 0 : 1]), \(channels[isTransposed ? 1 : 0]), "
      + "kernel_size=\(Shape(Array(weight.shape.dimensions.dropFirst(2)))), "
      + "stride=\(Shape(stride))" + given.joined()
  }
}
