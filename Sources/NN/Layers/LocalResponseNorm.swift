import Autograd

/// x / (k + alpha · m)^beta, where m is the mean square over neighboring channels. Equivalent to
/// `torch.nn.LocalResponseNorm`.
///
/// It has no state.
public final class LocalResponseNorm: Module {
  /// The number of neighboring channels.
  public let size: Int
  /// The factor of the mean square.
  public let alpha: Double
  /// The exponent.
  public let beta: Double
  /// The constant.
  public let k: Double
  private let summary: String

  /// A layer with these constants.
  ///
  /// - Parameters:
  ///   - size: The number of neighboring channels.
  ///   - alpha: The factor of the mean square.
  ///   - beta: The exponent.
  ///   - k: The constant.
  public init(
    _ size: Int, alpha: LayerNumber = 1e-4, beta: LayerNumber = 0.75,
    k: LayerNumber = 1.0
  ) {
    self.size = size
    self.alpha = alpha.layerValue
    self.beta = beta.layerValue
    self.k = k.layerValue
    summary = "\(size), alpha=\(alpha.layerText), beta=\(beta.layerText), k=\(k.layerText)"
  }

  /// A layer with these constants, which may be computed.
  @_disfavoredOverload
  public convenience init(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
  ) {
    self.init(size, alpha: LayerNumber(alpha), beta: LayerNumber(beta), k: LayerNumber(k))
  }

  /// The input of (batch, channels, …), normalized.
  public override func forward(_ input: Tensor) -> Tensor {
    input.localResponseNorm(size, alpha: alpha, beta: beta, k: k)
  }

  /// The arguments as PyTorch prints them: `2, alpha=0.0001, beta=0.75, k=1.0`.
  public override var extraDescription: String { summary }
}
