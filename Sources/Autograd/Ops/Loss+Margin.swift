import Arrays
import Files
import Kernels

// Losses that are zero beyond a margin.
extension Tensor {
  /// The element where the target is 1, what is left to `margin` where it is −1. Equivalent to
  /// `torch.nn.functional.hinge_embedding_loss`.
  public final func hingeEmbeddingLoss(
    _ target: Tensor, margin: Double = 1, reduction: LossReduction = .mean
  ) -> Tensor {
    let apart = (margin - self).clamp(min: 0).maskedFill(target .== 1, 0)
    return (apart + maskedFill(target .== -1, 0)).folded(reduction)
  }

  /// By how much this tensor fails to exceed another by `margin` where the target is 1, or the other
  /// this one where it is −1. Equivalent to `torch.nn.functional.margin_ranking_loss`.
  public final func marginRankingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean
  ) -> Tensor {
    (-target * (self - other) + margin).clamp(min: 0).folded(reduction)
  }

  /// log(1 + e^(−target · x)) for targets of 1 and −1. Equivalent to
  /// `torch.nn.functional.soft_margin_loss`.
  public final func softMarginLoss(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    (-target * self).exp().log1p().folded(reduction)
  }

  /// By how much the distance from `positive` exceeds that from `negative` less `margin`.
  /// Equivalent to `torch.nn.functional.triplet_margin_loss`, and with a `distance` to
  /// `triplet_margin_with_distance_loss`.
  ///
  /// - Parameters:
  ///   - swap: Whether the distance between `positive` and `negative` counts if it is smaller.
  ///   - distance: What measures; ``pairwiseDistance(_:order:eps:keepDims:)`` if not given.
  public final func tripletMarginLoss(
    _ positive: Tensor, _ negative: Tensor, margin: Double = 1, swap: Bool = false,
    reduction: LossReduction = .mean,
    distance: (Tensor, Tensor) -> Tensor = { $0.pairwiseDistance($1) }
  ) -> Tensor {
    let near = distance(self, positive)
    var far = distance(self, negative)
    if swap { far = .minimum(far, distance(positive, negative)) }
    return (near - far + margin).clamp(min: 0).folded(reduction)
  }

  /// The cross entropies of the sigmoid of each class with its target, averaged over classes.
  /// Equivalent to `torch.nn.functional.multilabel_soft_margin_loss`.
  ///
  /// - Parameter weight: (classes,). How much each class counts.
  /// - Precondition: The target has this tensor's shape, (batch, classes) or (classes,).
  public final func multiLabelSoftMarginLoss(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    require(
      rank > 0 && target.shape == shape,
      "multiLabelSoftMarginLoss: a target of shape \(target.shape) does not fit shape \(shape)")
    let losses = -(target * logSigmoid() + (1 - target) * (-self).logSigmoid())
    return (weight.map { losses * $0 } ?? losses).mean([-1]).folded(reduction)
  }

  /// By how much the other classes come within `margin` of the right one, averaged over classes.
  /// Equivalent to `torch.nn.functional.multi_margin_loss`.
  ///
  /// - Parameters:
  ///   - target: Classes, integers of shape (batch,) or () for this tensor of shape (batch, classes)
  ///     or (classes,).
  ///   - power: What these lengths are raised to, 1 or 2.
  ///   - weight: (classes,). How much each class counts.
  public final func multiMarginLoss(
    _ target: Tensor, power: Int = 1, margin: Double = 1, weight: Tensor? = nil,
    reduction: LossReduction = .mean
  ) -> Tensor {
    require(
      rank == 1 || rank == 2,
      "multiMarginLoss: shape \(shape) is neither (batch, classes) nor (classes,)")
    require(power == 1 || power == 2, "multiMarginLoss: the power \(power) is neither 1 nor 2")
    requireClasses("multiMarginLoss", target, weight)
    let indices = target.to(.int64).unsqueezed(-1)
    var excess = (self - gather(-1, indices) + margin).relu()
    if power == 2 { excess = excess.square() }
    if let weight { excess = excess * weight.expanded(shape).gather(-1, indices) }
    let isRight = indices .== Tensor.arange(shape[rank - 1])
    return excess.maskedFill(isRight, 0).mean([-1]).folded(reduction)
  }

  /// By how much the classes that are not right come within 1 of each that is, averaged over
  /// classes. Equivalent to `torch.nn.functional.multilabel_margin_loss`.
  ///
  /// - Parameter target: Of this tensor's shape, (batch, classes) or (classes,): the right classes
  ///   from the front, then −1; what follows a −1 does not count.
  public final func multiLabelMarginLoss(
    _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    require(
      rank == 1 || rank == 2,
      "multiLabelMarginLoss: shape \(shape) is neither (batch, classes) nor (classes,)")
    require(
      target.shape == shape,
      "multiLabelMarginLoss: a target of shape \(target.shape) does not fit shape \(shape)")
    target.array.requireIntegers("classes", for: "multiLabelMarginLoss")
    let counts = noGrad { (target .>= 0).to(.int64).cumprod(-1) }
    let indices = (target.to(.int64) * counts)
    let isRight = Tensor.zeros(shape, dtype: .int64).scatterAdded(-1, indices, counts) .> 0
    // A row for each right class, in which the others are compared with it.
    let excess = (unsqueezed(-2) - gather(-1, indices).unsqueezed(-1) + 1).relu()
    let counted = excess.maskedFill(isRight.unsqueezed(-2), 0) * counts.unsqueezed(-1).to(dtype)
    return counted.sum([-2]).mean([-1]).folded(reduction)
  }
}
