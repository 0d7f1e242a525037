import Autograd

/// Division by the mean square over neighbouring channels. Equivalent to
/// `torch.nn.LocalResponseNorm`.
///
/// It has no state.
public final class LocalResponseNorm: Module {
  /// How many channels count.
  public let size: Int
  /// What the mean is multiplied by.
  public let alpha: Double
  /// The power of the divisor.
  public let beta: Double
  /// What is added to the mean.
  public let k: Double

  /// A layer with these constants.
  ///
  /// - Parameters:
  ///   - size: How many channels count.
  ///   - alpha: What the mean is multiplied by.
  ///   - beta: The power of the divisor.
  ///   - k: What is added to the mean.
  public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  /// The input of (batch, channels, …), normalised.
  public override func forward(_ input: Tensor) -> Tensor {
    input.localResponseNorm(size, alpha: alpha, beta: beta, k: k)
  }

  /// The arguments as PyTorch prints them: `2, alpha=0.0001, beta=0.75, k=1.0`.
  public override var extraDescription: String {
    "\(size), alpha=\(pythonFloat(alpha)), beta=\(pythonFloat(beta)), k=\(pythonFloat(k))"
  }
}
