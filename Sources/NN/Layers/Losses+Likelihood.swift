import Autograd

// Negative logarithmic likelihoods of distributions. None of these has state.

/// The negative log-likelihood of counts under Poisson distributions. Equivalent to
/// `torch.nn.PoissonNLLLoss`.
public final class PoissonNLLLoss: Loss {
  /// Whether predictions are logarithms of means, not means.
  public let logInput: Bool
  /// Whether Stirling's approximation of the constant term is added.
  public let full: Bool
  /// Added to a mean before its logarithm is taken.
  public let eps: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - logInput: Whether predictions are logarithms of means, not means.
  ///   - full: Whether Stirling's approximation of the constant term is added.
  ///   - eps: Added to a mean before its logarithm is taken.
  ///   - reduction: How the losses of elements are combined.
  public init(
    logInput: Bool = true, full: Bool = false, eps: Double = 1e-8,
    reduction: LossReduction = .mean
  ) {
    self.logInput = logInput
    self.full = full
    self.eps = eps
    super.init(reduction: reduction)
  }

  /// The loss of predictions for counts.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].poissonNLLLoss(
        $0[1], logInput: logInput, full: full, eps: eps, reduction: reduction)
    }
  }
}

/// The negative log-likelihood of a target under normal distributions. Equivalent to
/// `torch.nn.GaussianNLLLoss`.
public final class GaussianNLLLoss: Loss {
  /// Whether the constant term is added.
  public let full: Bool
  /// The minimum variance.
  public let eps: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - full: Whether the constant term is added.
  ///   - eps: The minimum variance.
  ///   - reduction: How the losses of elements are combined.
  public init(full: Bool = false, eps: Double = 1e-6, reduction: LossReduction = .mean) {
    self.full = full
    self.eps = eps
    super.init(reduction: reduction)
  }

  /// The loss of means for a target, with variances of their shape, or of one for each row.
  public func callAsFunction(_ input: Tensor, _ target: Tensor, _ variance: Tensor) -> Tensor {
    withHooks(input, target, variance) {
      $0[0].gaussianNLLLoss($0[1], $0[2], full: full, eps: eps, reduction: reduction)
    }
  }
}
