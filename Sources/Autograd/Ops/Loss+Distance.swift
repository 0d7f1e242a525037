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

  /// Traps unless factors broadcast to this tensor's shape without making it larger.
  private final func requireFactors(_ operation: StaticString, _ name: String, _ factors: Tensor?) {
    guard let factors else { return }
    require(
      Shape.broadcast(shape, factors.shape, for: operation) == shape,
      "\(operation): a \(name) of shape \(factors.shape) does not broadcast to shape \(shape)")
  }

  /// |x − y|. Equivalent to `torch.nn.functional.l1_loss`.
  ///
  /// - Parameters:
  ///   - target: y, which broadcasts.
  ///   - reduction: How the losses of the elements are combined.
  public final func l1Loss(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).l1Loss(wide(target), reduction: reduction)
    }) {
      return result
    }
    return (self - target).abs().folded(reduction)
  }

  /// Half the squared error where |x − y| ≤ `delta`, and linear beyond. Equivalent to
  /// `torch.nn.functional.huber_loss`.
  ///
  /// The linear part is `delta` · (|x − y| − `delta` / 2). Huber, "Robust estimation of a location
  /// parameter" (1964).
  ///
  /// - Parameters:
  ///   - target: y, which broadcasts.
  ///   - reduction: How the losses of the elements are combined.
  ///   - delta: The error at which the loss becomes linear; positive, or it traps.
  public final func huberLoss(
    _ target: Tensor, reduction: LossReduction = .mean, delta: Double = 1
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).huberLoss(wide(target), reduction: reduction, delta: delta)
    }) {
      return result
    }
    require(delta > 0, "huberLoss: delta \(delta) for shape \(shape) is not positive")
    return inOwnType(target) { ($0 - $1).huberLosses(delta) }.folded(reduction)
  }

  /// The losses of errors.
  private final func huberLosses(_ delta: Double) -> Tensor {
    let losses = noGrad {
      let distance = abs()
      return Tensor.where(
        distance .< delta, distance.square() * 0.5, (distance - 0.5 * delta) * delta)
    }
    return .record("huberLoss", [self], losses.array) { _ in
      let error = self.saved
      return [{ $0 * error().clamp(min: -delta, max: delta) }]
    }
  }

  /// ``huberLoss(_:reduction:delta:)`` divided by `beta`, in the common type of both tensors. Equivalent to
  /// `torch.nn.functional.smooth_l1_loss`.
  ///
  /// - Parameters:
  ///   - target: The target, which broadcasts.
  ///   - reduction: How the losses of the elements are combined.
  ///   - beta: The error at which the loss becomes linear. If it is not positive, the loss is
  ///     ``l1Loss(_:reduction:)``.
  public final func smoothL1Loss(
    _ target: Tensor, reduction: LossReduction = .mean, beta: Double = 1
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).smoothL1Loss(wide(target), reduction: reduction, beta: beta)
    }) {
      return result
    }
    guard beta > 0 else { return l1Loss(target, reduction: reduction) }
    return inCommonType(target) { ($0 - $1).smoothL1Losses(beta) }.folded(reduction)
  }

  /// The losses of errors. They are not those of ``huberLosses(_:)`` divided, which leave the range of the type
  /// where `beta` is large.
  private final func smoothL1Losses(_ beta: Double) -> Tensor {
    let losses = noGrad {
      let distance = abs()
      return Tensor.where(
        distance .< beta, distance.square() * 0.5 / beta, distance - 0.5 * beta)
    }
    return .record("smoothL1Loss", [self], losses.array) { _ in
      let error = self.saved
      return [
        { grad in
          let error = error()
          // NaN stays NaN, but is no part of the parabola: its slope is constant, as in PyTorch.
          let outside = noGrad { Tensor.where(error.abs() .>= beta, error.sign(), error) }
          return grad * Tensor.where(error.abs() .< beta, error / beta, outside)
        }
      ]
    }
  }

  /// −(y · log x + (1 − y) · log(1 − x)). Equivalent to `torch.nn.functional.binary_cross_entropy`.
  ///
  /// As in PyTorch, logarithms are limited to −100 and above, so that the loss is finite.
  /// Probabilities outside 0…1, which PyTorch refuses, are not checked.
  ///
  /// - Parameters:
  ///   - target: y, of this tensor's shape.
  ///   - weight: A factor for each element, which broadcasts to this tensor's shape.
  ///   - reduction: How the losses of the elements are combined.
  public final func binaryCrossEntropy(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).binaryCrossEntropy(wide(target), weight: weight.map(wide), reduction: reduction)
    }) {
      return result
    }
    requireTarget("binaryCrossEntropy", target)
    requireOneType("binaryCrossEntropy", target)
    let weight = weight?.to(dtype)
    requireFactors("binaryCrossEntropy", "weight", weight)
    if let result = widened({
      $0.binaryCrossEntropy(target.wide, weight: weight?.wide, reduction: .none)
    }) {
      return result.folded(reduction).named("BinaryCrossEntropyBackward0")
    }
    let losses = crossEntropies(target)
    return (weight.map { losses * $0 } ?? losses).folded(reduction)
      .named("BinaryCrossEntropyBackward0")
  }

  private final func crossEntropies(_ target: Tensor) -> Tensor {
    let losses = noGrad {
      let positive = log().clamp(min: -100.0)
      let negative = (-self).log1p().clamp(min: -100.0)
      return (target - 1) * negative - target * positive
    }
    return .record("binaryCrossEntropy", [self, target], losses.array) { _ in
      let (x, y) = (self.saved, target.saved)
      return [
        // PyTorch's bound, which keeps a saturated probability from making infinities.
        { $0 * (x() - y()) / ((1 - x()) * x()).clamp(min: Double(1e-12 as Float)) },
        { $0 * ((-x()).log1p() - x().log()) },
      ]
    }
  }

  /// ``binaryCrossEntropy(_:weight:reduction:)`` of the sigmoid, stable for large numbers.
  /// Equivalent to `torch.nn.functional.binary_cross_entropy_with_logits`.
  ///
  /// - Parameters:
  ///   - target: Probabilities, of this tensor's shape.
  ///   - weight: A factor for each element, which broadcasts to this tensor's shape.
  ///   - reduction: How the losses of the elements are combined.
  ///   - positiveWeight: A factor for the loss of positive targets, which broadcasts likewise.
  ///     PyTorch's `pos_weight`.
  public final func binaryCrossEntropyWithLogits(
    _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean,
    positiveWeight: Tensor? = nil
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).binaryCrossEntropyWithLogits(
        wide(target), weight: weight.map(wide), reduction: reduction,
        positiveWeight: positiveWeight.map(wide))
    }) {
      return result
    }
    requireTarget("binaryCrossEntropyWithLogits", target)
    requireFactors("binaryCrossEntropyWithLogits", "weight", weight)
    requireFactors("binaryCrossEntropyWithLogits", "positive weight", positiveWeight)
    let common = DType.ofOperation(array, target.array)
    let losses = logitEntropies(
      target, positiveWeight, in: common.isFloatingPoint ? common.computeType : .float32)
    // Rounded once, with the weight: so are the gradients.
    let weighted = weight.map { losses * $0 } ?? losses
    let own = common.isFloatingPoint ? common : .float32
    return weighted.to(target.dtype.isFloatingPoint ? target.dtype : own).folded(reduction)
      .named("BinaryCrossEntropyWithLogitsBackward0")
  }

  /// The cross entropies of logits, in the type of the computation.
  private final func logitEntropies(
    _ target: Tensor, _ positiveWeight: Tensor?, in compute: DType
  ) -> Tensor {
    let losses = noGrad {
      let (x, y) = (to(compute), target.to(compute))
      let logarithm = x.logSigmoid()
      let factor = positiveWeight.map { ($0.to(compute) - 1) * y + 1 }
      return (1 - y) * x - (factor.map { $0 * logarithm } ?? logarithm)
    }
    let inputs = [self, target] + (positiveWeight.map { [$0] } ?? [])
    return .record("binaryCrossEntropyWithLogits", inputs, losses.array) { _ in
      // In the type of the computation, not in one that is narrower.
      let (input, y, factor) = (self.saved, target.saved, positiveWeight?.saved)
      let x = { input().to(compute) }
      guard let weight = factor else {
        return [{ $0 * (x().sigmoid() - y()) }, { -($0 * x()) }]
      }
      return [
        { grad in
          let positive = weight() * y()
          return grad * ((positive + 1 - y()) * x().sigmoid() - positive)
        },
        { $0 * ((-x()).logSigmoid() - weight() * x().logSigmoid()) },
        { -($0 * y() * x().logSigmoid()) },
      ]
    }
  }

  /// The Kullback–Leibler divergence, y · (log y − x). Equivalent to `torch.nn.functional.kl_div`.
  ///
  /// - Parameters:
  ///   - target: Probabilities y, which broadcast; this tensor holds log-probabilities x.
  ///   - reduction: How the losses of the elements are combined. Use ``LossReduction/batchMean``
  ///     for the divergence of the definition; it divides by the length of this tensor's first dimension.
  ///   - logTarget: Whether `target` holds logarithms too.
  public final func klDiv(
    _ target: Tensor, reduction: LossReduction = .mean, logTarget: Bool = false
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).klDiv(wide(target), reduction: reduction, logTarget: logTarget)
    }) {
      return result
    }
    let losses =
      logTarget ? target.exp() * (target - self) : target.timesLog(of: target) - target * self
    return losses.folded(reduction, batch: shape.dimensions.first)
  }

  /// x · log y, which is nothing where x is zero and y a number. Equivalent to `torch.xlogy`: for y = x the
  /// gradient at zero is NaN.
  private final func timesLog(of y: Tensor) -> Tensor {
    let result = noGrad { (self * y.log()).kept(where: (self .!= 0) .| y.isNaN()) }
    return .record("xlogy", [self, y], result.array) { _ in
      let (x, y) = (self.saved, y.saved)
      return [
        { $0.timesLog(of: y()).kept(where: .!((x() .== 0) .& (y() .<= 0))) },
        { $0 * x() / y() },
      ]
    }
  }

  /// The cosine of the angle between vectors along a dimension. Equivalent to
  /// `torch.nn.functional.cosine_similarity`.
  ///
  /// - Parameters:
  ///   - other: The other vectors, which broadcast.
  ///   - axis: The dimension of the vectors, which is removed.
  ///   - eps: The minimum for the norms that vectors are divided by.
  public final func cosineSimilarity(
    _ other: Tensor, _ axis: Int = 1, eps: Double = 1e-8
  ) -> Tensor {
    let common = Shape.broadcast(shape, other.shape, for: "cosineSimilarity")
    // In the common type of both, or in `float32` if that is of half precision. What has no dimensions counts as
    // much as the other, since PyTorch expands it first.
    let dtype = DType.ofOperation(expanded(common).array, other.expanded(common).array)
    let compute = dtype.isFloatingPoint ? dtype.computeType : dtype
    if self.dtype != compute || other.dtype != compute {
      return to(compute).cosineSimilarity(other.to(compute), axis, eps: eps).to(dtype)
    }
    _ = common.normalizedAxis(axis, for: "cosineSimilarity")
    func unit(_ x: Tensor) -> Tensor {
      // A vector that is shorter than the other is repeated, which makes it longer.
      let x = x.shape == common ? x : x.expanded(common)
      let norm = x.norm([axis], keepDims: true)
      // PyTorch bounds the norm behind the back of its gradient.
      let bounded = noGrad { norm.clamp(min: eps) }
      return x / .record("clamp", [norm], bounded.array) { _ in [{ $0 }] }
    }
    return (unit(self) * unit(other)).sum([axis])
  }

  /// 1 − cos(x₁, x₂) where the target is 1, max(0, cos(x₁, x₂) − `margin`) where it is −1, and 0
  /// elsewhere. Equivalent to `torch.nn.functional.cosine_embedding_loss`.
  ///
  /// - Parameters:
  ///   - other: x₂, of this tensor's shape, (batch, features) or (features,).
  ///   - target: 1 or −1 for each vector, (batch,) or ().
  ///   - margin: The cosine below which dissimilar vectors cost nothing.
  ///   - reduction: How the losses of the vectors are combined.
  /// - Precondition: The shapes fit.
  public final func cosineEmbeddingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).cosineEmbeddingLoss(
        wide(other), wide(target), margin: margin, reduction: reduction)
    }) {
      return result
    }
    require(
      shape == other.shape && rank > 0 && target.shape == Shape(Array(shape.dimensions.dropLast())),
      "cosineEmbeddingLoss: a target of shape \(target.shape) does not fit shapes \(shape) and "
        + "\(other.shape)")
    // The constant keeps the gradient of a zero vector finite; it is PyTorch's.
    let eps = 1e-12
    let product = (self * other).sum([-1])
    let squares = (square().sum([-1]) + eps) * (other.square().sum([-1]) + eps)
    let cosine = product / squares.sqrt()
    let apart = (cosine - margin).clamp(min: 0).kept(where: target .== -1)
    let losses = Tensor.where(target .== 1, 1 - cosine, apart)
    return losses.folded(reduction)
  }
}
