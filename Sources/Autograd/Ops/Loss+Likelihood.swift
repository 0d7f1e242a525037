import Arrays
import Files
import Kernels

// Negative logarithmic likelihoods of distributions.
extension Tensor {
  /// The negative log-likelihood of counts under Poisson distributions. Equivalent to
  /// `torch.nn.functional.poisson_nll_loss`.
  ///
  /// - Parameters:
  ///   - target: The counts.
  ///   - logInput: Whether this tensor holds the logarithms of the means rather than the means.
  ///   - full: Whether to add Stirling's approximation of the constant term.
  ///   - eps: Added to a mean before its logarithm is taken.
  ///   - reduction: How the losses of the elements are combined.
  public final func poissonNLLLoss(
    _ target: Tensor, logInput: Bool = true, full: Bool = false, eps: Double = 1e-8,
    reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).poissonNLLLoss(
        wide(target), logInput: logInput, full: full, eps: eps, reduction: reduction)
    }) {
      return result
    }
    var losses = logInput ? exp() - target * self : self - target * (self + eps).log()
    if full {
      let stirling = target * target.log() - target + (target * (2 * Double.pi)).log() * 0.5
      losses = losses + stirling.maskedFill(target .<= 1, 0)
    }
    return losses.folded(reduction)
  }

  /// The negative log-likelihood of a target under normal distributions whose means are this
  /// tensor. Equivalent to `torch.nn.functional.gaussian_nll_loss`.
  ///
  /// - Parameters:
  ///   - target: The values observed.
  ///   - variance: The variances: of this tensor's shape, or without its last dimension, or with
  ///     length one along one dimension. A negative one traps.
  ///   - full: Whether to add the constant term, log(2π) / 2.
  ///   - eps: The minimum variance. The gradient is computed as if there were none.
  ///   - reduction: How the losses of the elements are combined.
  public final func gaussianNLLLoss(
    _ target: Tensor, _ variance: Tensor, full: Bool = false, eps: Double = 1e-6,
    reduction: LossReduction = .mean
  ) -> Tensor {
    let column = Array(shape.dimensions.dropLast())
    let isColumn = rank > 0 && variance.shape != shape && variance.shape == Shape(column)
    let variance = isColumn ? variance.unsqueezed(-1) : variance
    // One dimension may have length one, and be repeated.
    let others =
      rank == variance.rank ? shape.indices.filter { shape[$0] != variance.shape[$0] } : []
    require(
      variance.shape == shape || others.count == 1 && variance.shape[others[0]] == 1,
      "gaussianNLLLoss: variances of shape \(variance.shape) do not fit shape \(shape)")
    require(
      variance.device == .meta || !(variance.detached() .< 0).any().item(as: Bool.self),
      "gaussianNLLLoss: a variance of shape \(variance.shape) is negative")
    let bounded = variance + noGrad { variance.clamp(min: eps) - variance }
    let losses = (bounded.log() + (self - target).square() / bounded) * 0.5
    return (full ? losses + Self.constantTerm : losses).folded(reduction)
  }

  /// Half the logarithm of 2π.
  private static let constantTerm = 0.91893853320467274178
}
