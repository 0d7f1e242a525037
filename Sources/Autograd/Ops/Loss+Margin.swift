import Arrays
import Files
import Kernels

// Losses that are zero beyond a margin.
extension Tensor {
  /// x where the target is 1, and max(0, `margin` − x) where it is −1. Equivalent to
  /// `torch.nn.functional.hinge_embedding_loss`.
  ///
  /// - Parameters:
  ///   - target: 1 or −1 for each element.
  ///   - margin: The distance beyond which dissimilar pairs cost nothing.
  ///   - reduction: How the losses of the elements are combined.
  public final func hingeEmbeddingLoss(
    _ target: Tensor, margin: Double = 1, reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).hingeEmbeddingLoss(wide(target), margin: margin, reduction: reduction)
    }) {
      return result
    }
    let distance: Tensor
    if dtype.isIntegral {
      // PyTorch cuts off the margin for integers.
      guard let margin = Int(exactly: margin.rounded(.towardZero)) else {
        trap("hingeEmbeddingLoss: margin \(margin) is no number for an input of \(dtype)")
      }
      distance = (margin - self).clamp(min: 0 as Int)
    } else {
      distance = (margin - self).clamp(min: 0)
    }
    let apart = distance.maskedFill(target .== 1, 0)
    return (apart + maskedFill(target .== -1, 0)).folded(reduction)
  }

  /// max(0, −y · (x₁ − x₂) + `margin`). Equivalent to `torch.nn.functional.margin_ranking_loss`.
  ///
  /// - Parameters:
  ///   - other: x₂; this tensor is x₁.
  ///   - target: y: 1 where x₁ should be larger, −1 where x₂ should be.
  ///   - margin: By how much it should be larger.
  ///   - reduction: How the losses of the elements are combined.
  public final func marginRankingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).marginRankingLoss(wide(other), wide(target), margin: margin, reduction: reduction)
    }) {
      return result
    }
    return (-target * (self - other) + margin).clamp(min: 0).folded(reduction)
  }

  /// log(1 + e^(−y · x)). Equivalent to `torch.nn.functional.soft_margin_loss`.
  ///
  /// - Parameters:
  ///   - target: y: 1 or −1 for each element.
  ///   - reduction: How the losses of the elements are combined.
  public final func softMarginLoss(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).softMarginLoss(wide(target), reduction: reduction)
    }) {
      return result
    }
    return inOwnType(target) { ($0 * -$1).softMarginLosses() }.folded(reduction)
  }

  /// log(1 + eᵘ) as it is written, which is infinite where eᵘ leaves the type, as PyTorch's loss is.
  private final func softMarginLosses() -> Tensor {
    let losses = noGrad { exp().log1p() }
    return .record("softMarginLoss", [self], losses.array) { _ in
      let exponent = self.saved
      return [
        { grad in
          let exponent = exponent()
          guard GradMode.isEnabled else { return grad * exponent.logisticQuotient() }
          let quotient = noGrad { exponent.logisticQuotient() }
          return grad
            * .record("softMarginSlope", [exponent], quotient.array) { _ in
              let saved = exponent.saved
              return [
                { grad in
                  // In one piece, as PyTorch has it: 1 / (1 + eᵘ) − eᵘ / (1 + eᵘ)² would cancel.
                  let sum = saved().exp() + 1
                  return grad * (saved().exp() / sum / sum)
                }
              ]
            }
        }
      ]
    }
  }

  /// eᵘ / (1 + eᵘ), NaN where eᵘ leaves the type.
  private final func logisticQuotient() -> Tensor {
    let power = exp()
    return power / (power + 1)
  }

  /// max(0, d(x, positive) − d(x, negative) + `margin`). Equivalent to
  /// `torch.nn.functional.triplet_margin_loss`, and with a `distance` to
  /// `triplet_margin_with_distance_loss`.
  ///
  /// - Parameters:
  ///   - positive: Vectors that should be near this tensor's.
  ///   - negative: Vectors that should be far from them.
  ///   - margin: By how much the distances should differ.
  ///   - swap: Whether to use d(positive, negative) where it is smaller than d(x, negative).
  ///   - reduction: How the losses of the vectors are combined.
  ///   - distance: d; ``pairwiseDistance(_:order:eps:keepDims:)`` by default.
  public final func tripletMarginLoss(
    _ positive: Tensor, _ negative: Tensor, margin: Double = 1, swap: Bool = false,
    reduction: LossReduction = .mean,
    distance: (Tensor, Tensor) -> Tensor = { $0.pairwiseDistance($1) }
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).tripletMarginLoss(
        wide(positive), wide(negative), margin: margin, swap: swap, reduction: reduction,
        distance: distance)
    }) {
      return result
    }
    let near = distance(self, positive)
    var far = distance(self, negative)
    if swap { far = .minimum(far, distance(positive, negative)) }
    return (near - far + margin).clamp(min: 0).folded(reduction)
  }

  /// The binary cross entropy of the sigmoid, averaged over classes. Equivalent to
  /// `torch.nn.functional.multilabel_soft_margin_loss`.
  ///
  /// - Parameters:
  ///   - target: 0 or 1 for each class, of this tensor's shape, (batch, classes) or (classes,).
  ///   - weight: A factor for each class, (classes,).
  ///   - reduction: How the losses of the samples are combined.
  /// - Precondition: The shapes fit.
  public final func multiLabelSoftMarginLoss(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    require(
      rank > 0 && target.shape == shape,
      "multiLabelSoftMarginLoss: a target of shape \(target.shape) does not fit shape \(shape)")
    let losses = -(target * logSigmoid() + (1 - target) * (-self).logSigmoid())
    return (weight.map { losses * $0 } ?? losses).mean([-1]).folded(reduction)
  }

  /// The sum of max(0, `margin` − x[target] + x[i])^`power` over the other classes i, divided by
  /// the number of classes. Equivalent to `torch.nn.functional.multi_margin_loss`.
  ///
  /// - Parameters:
  ///   - target: The right classes, integers of shape (batch,) or () for this tensor of shape
  ///     (batch, classes) or (classes,).
  ///   - power: 1 or 2; anything else traps.
  ///   - margin: By how much the right class should exceed the others.
  ///   - weight: A factor for each class, (classes,), applied where it is the right one.
  ///   - reduction: How the losses of the samples are combined.
  /// - Precondition: The shapes fit, and every class exists.
  public final func multiMarginLoss(
    _ target: Tensor, power: Int = 1, margin: Double = 1, weight: Tensor? = nil,
    reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).multiMarginLoss(
        target, power: power, margin: margin, weight: weight.map(wide), reduction: reduction)
    }) {
      return result
    }
    // As in PyTorch, what has no dimensions counts as one element.
    if rank == 0 {
      let loss = reshaped([1, 1]).multiMarginLoss(
        target.rank == 1 ? target : target.reshaped([1]), power: power, margin: margin,
        weight: weight, reduction: reduction)
      return reduction == .none ? loss.reshaped(target.shape) : loss
    }
    if rank == 1 && target.shape == [1] {
      return unsqueezed(0).multiMarginLoss(
        target, power: power, margin: margin, weight: weight, reduction: reduction)
    }
    require(
      rank == 1 || rank == 2,
      "multiMarginLoss: shape \(shape) is neither (batch, classes) nor (classes,)")
    require(power == 1 || power == 2, "multiMarginLoss: the power \(power) is neither 1 nor 2")
    requireClasses("multiMarginLoss", target, weight)
    let indices = target.to(.int64).unsqueezed(-1)
    let isRight = indices .== Tensor.arange(shape[rank - 1])
    let factors = weight.map { $0.detached().expanded(shape).gather(-1, indices) }
    func excess(_ x: Tensor) -> (Tensor, isCounted: Tensor) {
      let excess = x - x.gather(-1, indices) + margin
      // As in PyTorch, what is not a number exceeds nothing.
      return (excess, (excess .> 0) .& .!isRight)
    }
    let losses = noGrad {
      let (excess, isCounted) = excess(self)
      let powers = power == 2 ? excess.square() : excess
      return (factors.map { powers * $0 } ?? powers).kept(where: isCounted).mean([-1])
    }
    return .record("multiMarginLoss", [self], losses.array) { _ in
      let x = self.saved
      return [
        { grad in
          let (excess, isCounted) = excess(x())
          let powers = power == 2 ? excess * 2 : Tensor.ones(excess.shape, dtype: excess.dtype)
          let slopes = (factors.map { powers * $0 } ?? powers).kept(where: isCounted)
          let all = Tensor.where(isRight, -slopes.sum([-1], keepDims: true), slopes)
          return grad.unsqueezed(-1) * (all / Double(isRight.shape[-1]))
        }
      ]
    }.folded(reduction)
  }

  /// The sum of max(0, 1 − x[j] + x[i]) over right classes j and wrong classes i, divided by the
  /// number of classes. Equivalent to `torch.nn.functional.multilabel_margin_loss`.
  ///
  /// - Parameters:
  ///   - target: The right classes, integers of this tensor's shape, (batch, classes) or
  ///     (classes,), followed by −1. Whatever follows the first −1 is ignored.
  ///   - reduction: How the losses of the samples are combined.
  /// - Precondition: The shapes fit.
  public final func multiLabelMarginLoss(
    _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).multiLabelMarginLoss(target, reduction: reduction)
    }) {
      return result
    }
    if rank + target.rank < 2 {
      require(
        elementCount == 1 && target.elementCount == 1,
        "multiLabelMarginLoss: a target of shape \(target.shape) does not fit shape \(shape)")
      return reshaped([1]).multiLabelMarginLoss(target.reshaped([1]), reduction: reduction)
    }
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
    // A row for each right class, in which the others are compared with it. As in PyTorch, what is not a
    // number exceeds nothing.
    func excess(_ x: Tensor) -> (Tensor, isCounted: Tensor) {
      let excess = x.unsqueezed(-2) - x.gather(-1, indices).unsqueezed(-1) + 1
      return (excess, (excess .> 0) .& .!isRight.unsqueezed(-2) .& (counts .> 0).unsqueezed(-1))
    }
    let losses = noGrad {
      let (excess, isCounted) = excess(self)
      return excess.kept(where: isCounted).sum([-2]).mean([-1])
    }
    return .record("multiLabelMarginLoss", [self], losses.array) { _ in
      let x = self.saved
      return [
        { grad in
          let slopes = noGrad { excess(x()).isCounted.to(grad.dtype) }
          let all = slopes.sum([-2]).scatterAdded(-1, indices, -slopes.sum([-1]))
          return grad.unsqueezed(-1) * (all / Double(indices.shape[-1]))
        }
      ]
    }.folded(reduction)
  }
}
