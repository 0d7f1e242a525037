import Autograd

/// |x − y|. Equivalent to `torch.nn.L1Loss`.
///
/// It has no state.
public final class L1Loss: Loss {
  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].l1Loss(inputs[1], reduction: reduction)
    }
  }
}

/// The absolute error, quadratic below beta. Equivalent to `torch.nn.SmoothL1Loss`.
///
/// It has no state.
public final class SmoothL1Loss: Loss {
  /// The error at which the loss becomes linear.
  public let beta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of the elements are combined.
  ///   - beta: The error at which the loss becomes linear. If it is 0, the loss is ``L1Loss``.
  public init(reduction: LossReduction = .mean, beta: Double = 1) {
    self.beta = beta
    super.init(reduction: reduction)
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].smoothL1Loss(inputs[1], reduction: reduction, beta: beta)
    }
  }
}

/// The squared error, linear beyond delta. Equivalent to `torch.nn.HuberLoss`.
///
/// It has no state.
public final class HuberLoss: Loss {
  /// The error at which the loss becomes linear.
  public let delta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of the elements are combined.
  ///   - delta: The error at which the loss becomes linear; it must be positive.
  public init(reduction: LossReduction = .mean, delta: Double = 1) {
    self.delta = delta
    super.init(reduction: reduction)
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].huberLoss(inputs[1], reduction: reduction, delta: delta)
    }
  }
}

/// The negative log-likelihood of classes. Equivalent to `torch.nn.NLLLoss`.
///
/// State dict: `weight` (classes,), a buffer, if there is one.
public final class NLLLoss: WeightedLoss {
  /// A target to be ignored.
  public let ignoreIndex: Int

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: A factor for each class, (classes,).
  ///   - ignoreIndex: A target to be ignored.
  ///   - reduction: How the losses of the targets are combined.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean) {
    self.ignoreIndex = ignoreIndex
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of log-probabilities of shape (batch, classes, …) for classes of shape (batch, …).
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].nllLoss(inputs[1], weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
    }
  }
}

/// The binary cross entropy of probabilities. Equivalent to `torch.nn.BCELoss`.
///
/// State dict: `weight`, a buffer, if there is one.
public final class BCELoss: WeightedLoss {
  /// The loss of probabilities for a target of the same shape.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].binaryCrossEntropy(inputs[1], weight: weight, reduction: reduction)
    }
  }
}

/// The binary cross entropy of the sigmoid of predictions. Equivalent to
/// `torch.nn.BCEWithLogitsLoss`.
///
/// State dict: `weight`, `pos_weight`, buffers, if there are any.
public final class BCEWithLogitsLoss: WeightedLoss {
  /// A factor for the loss of positive targets.
  public let posWeight: Buffer?

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: A factor for each element, which broadcasts.
  ///   - reduction: How the losses of the elements are combined.
  ///   - posWeight: A factor for the loss of positive targets, which broadcasts.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean, posWeight: Tensor? = nil) {
    self.posWeight = posWeight.map { Buffer($0) }
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of predictions for a target of the same shape.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].binaryCrossEntropyWithLogits(
        inputs[1], weight: weight, reduction: reduction, positiveWeight: posWeight)
    }
  }
}

/// The Kullback–Leibler divergence of log-probabilities from a target. Equivalent to
/// `torch.nn.KLDivLoss`.
///
/// It has no state.
public final class KLDivLoss: Loss {
  /// Whether the target holds logarithms too.
  public let logTarget: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of the elements are combined.
  ///   - logTarget: Whether the target holds logarithms too.
  public init(reduction: LossReduction = .mean, logTarget: Bool = false) {
    self.logTarget = logTarget
    super.init(reduction: reduction)
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].klDiv(inputs[1], reduction: reduction, logTarget: logTarget)
    }
  }
}

/// 1 − cos(x₁, x₂) where the target is 1, and max(0, cos(x₁, x₂) − margin) where it is −1.
/// Equivalent to `torch.nn.CosineEmbeddingLoss`.
///
/// It has no state.
public final class CosineEmbeddingLoss: Loss {
  /// The cosine below which dissimilar vectors cost nothing.
  public let margin: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: The cosine below which dissimilar vectors cost nothing.
  ///   - reduction: How the losses of the vectors are combined.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    super.init(reduction: reduction)
  }

  /// The loss of two sets of vectors of shape (batch, features) for a target of shape (batch,).
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    withHooks(first, second, target) {
      $0[0].cosineEmbeddingLoss($0[1], $0[2], margin: margin, reduction: reduction)
    }
  }
}
