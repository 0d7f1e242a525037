import Arrays
import Autograd

/// Normalization over the last dimensions. Equivalent to `torch.nn.LayerNorm`.
///
/// State dict: `weight`, `bias`, of the normalized shape.
public final class LayerNorm: Module {
  /// The scale of each element, of the normalized shape; nil if not affine.
  public let weight: Parameter?
  /// The shift of each element, of the normalized shape; nil if there is none.
  public let bias: Parameter?
  /// The last lengths of the input's shape.
  public let normalizedShape: Shape
  /// Added to the variance.
  public let eps: Double

  /// A layer over these last lengths.
  ///
  /// - Parameters:
  ///   - normalizedShape: The last lengths of the input's shape.
  ///   - eps: Added to the variance.
  ///   - elementwiseAffine: Whether elements are scaled and shifted after normalization.
  ///   - bias: Whether they are shifted, if they are scaled at all.
  public init(
    _ normalizedShape: Shape, eps: Double = 1e-5, elementwiseAffine: Bool = true,
    bias: Bool = true
  ) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Parameter(Tensor.ones(normalizedShape)) : nil
    self.bias = elementwiseAffine && bias ? Parameter(Tensor.zeros(normalizedShape)) : nil
  }

  /// A layer over the last dimension, of this length.
  public convenience init(
    _ length: Int, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true
  ) {
    self.init([length], eps: eps, elementwiseAffine: elementwiseAffine, bias: bias)
  }

  /// The normalized input, of the same shape.
  public override func forward(_ input: Tensor) -> Tensor {
    input.layerNorm(normalizedShape, weight: weight, bias: bias, eps: eps)
  }

  /// The arguments as PyTorch prints them: `(64,), eps=1e-05, elementwise_affine=True, bias=True`.
  public override var extraDescription: String {
    "\(normalizedShape), eps=\(pythonFloat(eps)), elementwise_affine=\(pythonBool(weight != nil)), "
      + "bias=\(pythonBool(bias != nil))"
  }
}
