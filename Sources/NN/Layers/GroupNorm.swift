import Arrays
import Autograd
import Files

/// Normalization of groups of channels of each sample. Equivalent to `torch.nn.GroupNorm`.
///
/// State dict: `weight`, `bias` (channels,).
public final class GroupNorm: Module {
  /// The scale of each channel, (channels,); nil if not affine.
  public let weight: Parameter?
  /// The shift of each channel, (channels,); nil if there is none.
  public let bias: Parameter?
  /// The number of groups.
  public let numGroups: Int
  /// The number of channels.
  public let numChannels: Int
  /// Added to the variance.
  public let eps: Double

  /// A layer for these groups and channels.
  ///
  /// - Parameters:
  ///   - numGroups: The number of groups, into which channels divide.
  ///   - numChannels: The number of channels.
  ///   - eps: Added to the variance.
  ///   - affine: Whether channels are scaled and shifted after normalization.
  ///   - bias: Whether they are shifted, if they are scaled at all.
  public init(
    _ numGroups: Int, _ numChannels: Int, eps: Double = 1e-5, affine: Bool = true,
    bias: Bool = true
  ) {
    require(
      numGroups > 0 && numChannels % numGroups == 0,
      "GroupNorm: \(numChannels) channels do not divide into \(numGroups) groups")
    self.numGroups = numGroups
    self.numChannels = numChannels
    self.eps = eps
    weight = affine ? Parameter(Tensor.ones([numChannels])) : nil
    self.bias = affine && bias ? Parameter(Tensor.zeros([numChannels])) : nil
  }

  /// The normalized input, of the same shape.
  public override func forward(_ input: Tensor) -> Tensor {
    input.groupNorm(numGroups, weight: weight, bias: bias, eps: eps)
  }

  /// The arguments as PyTorch prints them: `2, 8, eps=1e-05, affine=True, bias=True`.
  public override var extraDescription: String {
    "\(numGroups), \(numChannels), eps=\(pythonFloat(eps)), affine=\(pythonBool(weight != nil)), "
      + "bias=\(pythonBool(bias != nil))"
  }
}

/// Divides by the root mean square over the last dimensions. Equivalent to `torch.nn.RMSNorm`.
///
/// State dict: `weight`, of the normalized shape, if `elementwiseAffine`.
public final class RMSNorm: Module {
  /// The scale of each element, of the normalized shape; nil if not affine.
  public let weight: Parameter?
  /// The last lengths of the input's shape.
  public let normalizedShape: Shape
  /// Added to the mean square; nil for the machine epsilon of the type.
  public let eps: Double?

  /// A layer over these last lengths.
  ///
  /// - Parameters:
  ///   - normalizedShape: The last lengths of the input's shape.
  ///   - eps: Added to the mean square.
  ///   - elementwiseAffine: Whether elements are scaled after normalization.
  public init(_ normalizedShape: Shape, eps: Double? = nil, elementwiseAffine: Bool = true) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Parameter(Tensor.ones(normalizedShape)) : nil
  }

  /// The normalized input, of the same shape.
  public override func forward(_ input: Tensor) -> Tensor {
    input.rmsNorm(normalizedShape, weight: weight, eps: eps)
  }

  /// The arguments as PyTorch prints them: `(64,), eps=None, elementwise_affine=True`.
  public override var extraDescription: String {
    "\(normalizedShape), eps=\(eps.map(pythonFloat) ?? "None"), "
      + "elementwise_affine=\(pythonBool(weight != nil))"
  }
}
