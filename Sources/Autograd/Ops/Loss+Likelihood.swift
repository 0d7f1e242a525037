import Arrays
import Files
import Kernels

// Negative logarithmic likelihoods of distributions.
extension Tensor {
  /// The negative logarithmic likelihood of counts by Poisson's distribution. Equivalent to
  /// `torch.nn.functional.poisson_nll_loss`.
  ///
  /// - Parameters:
  ///   - logInput: Whether this tensor holds logarithms of the means, not the means.
  ///   - full: Whether Stirling's approximation of the constant term is added.
  ///   - eps: What is added to a mean before its logarithm is taken.
  public final func poissonNLLLoss(
    _ target: Tensor, logInput: Bool = true, full: Bool = false, eps: Double = 1e-8,
    reduction: LossReduction = .mean
  ) -> Tensor {
    var losses = logInput ? exp() - target * self : self - target * (self + eps).log()
    if full {
      let stirling = target * target.log() - target + (target * (2 * Double.pi)).log() * 0.5
      losses = losses + stirling.maskedFill(target .<= 1, 0)
    }
    return losses.folded(reduction)
  }

  /// The negative logarithmic likelihood of a target by normal distributions with the means of this
  /// tensor. Equivalent to `torch.nn.functional.gaussian_nll_loss`.
  ///
  /// - Parameters:
  ///   - variance: Of this tensor's shape, or that without the last dimension, or with 1 there.
  ///   - full: Whether the constant term is added.
  ///   - eps: The least variance; the gradient is passed on as if there were none.
  public final func gaussianNLLLoss(
    _ target: Tensor, _ variance: Tensor, full: Bool = false, eps: Double = 1e-6,
    reduction: LossReduction = .mean
  ) -> Tensor {
    let column = Array(shape.dimensions.dropLast())
    let isColumn = rank > 0 && variance.shape != shape && variance.shape == Shape(column)
    let variance = isColumn ? variance.unsqueezed(-1) : variance
    require(
      variance.shape == shape || rank > 0 && variance.shape == Shape(column + [1]),
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
