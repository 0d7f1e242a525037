import Arrays
import Files
import Kernels

// Losses between numbers, and between probabilities of two outcomes.
extension Tensor {
  private final func requireTarget(_ operation: StaticString, _ target: Tensor) {
    require(
      target.shape == shape,
      "\(operation): a target of shape \(target.shape) does not fit shape \(shape)")
  }

  /// The difference from a target without its sign. Equivalent to `torch.nn.functional.l1_loss`.
  public final func l1Loss(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    (self - target).abs().folded(reduction)
  }

  /// The difference squared where it is less than `delta`, in a straight line beyond. Equivalent to
  /// `torch.nn.functional.huber_loss`.
  public final func huberLoss(
    _ target: Tensor, reduction: LossReduction = .mean, delta: Double = 1
  ) -> Tensor {
    require(delta > 0, "huberLoss: delta \(delta) for shape \(shape) is not positive")
    let distance = (self - target).abs()
    return Tensor.where(
      distance .<= delta, distance.square() * 0.5, (distance - 0.5 * delta) * delta
    ).folded(reduction)
  }

  /// ``huberLoss(_:reduction:delta:)`` divided by `beta`. Equivalent to
  /// `torch.nn.functional.smooth_l1_loss`.
  public final func smoothL1Loss(
    _ target: Tensor, reduction: LossReduction = .mean, beta: Double = 1
  ) -> Tensor {
    guard beta > 0 else { return l1Loss(target, reduction: reduction) }
    return huberLoss(target, reduction: reduction, delta: beta) / beta
  }

  /// The cross entropy between probabilities of two outcomes and a target. Equivalent to
  /// `torch.nn.functional.binary_cross_entropy`.
  ///
  /// Logarithms are not let below −100, so that the loss stays finite.
  ///
  /// - Parameter weight: Broadcasts to this tensor's shape. How much each element counts.
  public final func binaryCrossEntropy(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    requireTarget("binaryCrossEntropy", target)
    let positive = log().clamp(min: -100)
    let negative = (-self).log1p().clamp(min: -100)
    let losses = (target - 1) * negative - target * positive
    return (weight.map { losses * $0 } ?? losses).folded(reduction)
  }

  /// ``binaryCrossEntropy(_:weight:reduction:)`` of the sigmoid, safe for large numbers. Equivalent
  /// to `torch.nn.functional.binary_cross_entropy_with_logits`.
  ///
  /// - Parameters:
  ///   - weight: Broadcasts to this tensor's shape. How much each element counts.
  ///   - positiveWeight: Broadcasts likewise. How much a positive target counts.
  public final func binaryCrossEntropyWithLogits(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean,
    positiveWeight: Tensor? = nil
  ) -> Tensor {
    requireTarget("binaryCrossEntropyWithLogits", target)
    let logarithm = logSigmoid()
    let factor = positiveWeight.map { ($0 - 1) * target + 1 }
    let losses = (1 - target) * self - (factor.map { $0 * logarithm } ?? logarithm)
    return (weight.map { losses * $0 } ?? losses).folded(reduction)
  }

  /// The divergence of Kullback and Leibler of this tensor of logarithmic probabilities from a
  /// target. Equivalent to `torch.nn.functional.kl_div`.
  ///
  /// - Parameters:
  ///   - reduction: The mean is over all elements.
  ///   - logTarget: Whether the target is logarithmic too.
  public final func klDiv(
    _ target: Tensor, reduction: LossReduction = .mean, logTarget: Bool = false
  ) -> Tensor {
    if logTarget { return (target.exp() * (target - self)).folded(reduction) }
    // Of zero the logarithm is infinite, and the product nothing.
    let isZero = target .== 0
    let entropy = target * target.maskedFill(isZero, 1).log()
    return (entropy - target * self).folded(reduction)
  }

  /// The cosine of the angle between vectors along a dimension. Equivalent to
  /// `torch.nn.functional.cosine_similarity`.
  ///
  /// - Parameter eps: The least norm that is divided by.
  public final func cosineSimilarity(
    _ other: Tensor, _ axis: Int = 1, eps: Double = 1e-8
  ) -> Tensor {
    let mine = self / norm([axis], keepDims: true).clamp(min: eps)
    let theirs = other / other.norm([axis], keepDims: true).clamp(min: eps)
    return (mine * theirs).sum([axis])
  }

  /// How far the angles between vectors are from a target: one minus the cosine where it is 1, what
  /// the cosine exceeds `margin` by where it is −1. Equivalent to
  /// `torch.nn.functional.cosine_embedding_loss`.
  public final func cosineEmbeddingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean
  ) -> Tensor {
    require(
      shape == other.shape && rank > 0 && target.shape == Shape(Array(shape.dimensions.dropLast())),
      "cosineEmbeddingLoss: a target of shape \(target.shape) does not fit shapes \(shape) and "
        + "\(other.shape)")
    // The constant keeps the gradient of a zero vector finite; it is PyTorch's.
    let eps = 1e-12
    let product = (self * other).sum([-1])
    let squares = (square().sum([-1]) + eps) * (other.square().sum([-1]) + eps)
    let cosine = product / squares.sqrt()
    let losses = Tensor.where(target .== 1, 1 - cosine, (cosine - margin).clamp(min: 0))
    return losses.folded(reduction)
  }
}
