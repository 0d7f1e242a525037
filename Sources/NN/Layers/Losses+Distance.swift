import Autograd

/// The difference from a target without its sign. Equivalent to `torch.nn.L1Loss`.
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

/// The difference, squared where it is less than beta. Equivalent to `torch.nn.SmoothL1Loss`.
///
/// It has no state.
public final class SmoothL1Loss: Loss {
  /// Where the square passes into a line.
  public let beta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - beta: Where the square passes into a line.
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

/// The difference, squared where it is less than delta. Equivalent to `torch.nn.HuberLoss`.
///
/// It has no state.
public final class HuberLoss: Loss {
  /// Where the square passes into a line.
  public let delta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - delta: Where the square passes into a line.
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

/// The negative logarithmic likelihood of classes. Equivalent to `torch.nn.NLLLoss`.
///
/// State dict: `weight`, a buffer, if there is one.
public final class NLLLoss: WeightedLoss {
  /// A class that does not count.
  public let ignoreIndex: Int

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each class counts.
  ///   - ignoreIndex: A class that does not count.
  ///   - reduction: How the losses of elements are folded.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean) {
    self.ignoreIndex = ignoreIndex
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].nllLoss(inputs[1], weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
    }
  }
}

/// The cross entropy between probabilities of two outcomes and a target. Equivalent to `torch.nn.BCELoss`.
///
/// State dict: `weight`, a buffer, if there is one.
public final class BCELoss: WeightedLoss {
  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].binaryCrossEntropy(inputs[1], weight: weight, reduction: reduction)
    }
  }
}

/// The cross entropy between the sigmoid of predictions and a target. Equivalent to `torch.nn.BCEWithLogitsLoss`.
///
/// State dict: `weight`, `pos_weight`, buffers, if there are any.
public final class BCEWithLogitsLoss: WeightedLoss {
  /// How much a positive target counts.
  public let posWeight: Buffer?

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each element counts.
  ///   - reduction: How the losses of elements are folded.
  ///   - posWeight: How much a positive target counts.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean, posWeight: Tensor? = nil) {
    self.posWeight = posWeight.map { Buffer($0) }
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].binaryCrossEntropyWithLogits(
        inputs[1], weight: weight, reduction: reduction, positiveWeight: posWeight)
    }
  }
}

/// The divergence of logarithmic probabilities from a target. Equivalent to `torch.nn.KLDivLoss`.
///
/// It has no state.
public final class KLDivLoss: Loss {
  /// Whether the target is logarithmic too.
  public let logTarget: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - logTarget: Whether the target is logarithmic too.
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

/// How far the angles between vectors are from a target of 1 or −1. Equivalent to
/// `torch.nn.CosineEmbeddingLoss`.
///
/// It has no state.
public final class CosineEmbeddingLoss: Loss {
  /// The cosine above which vectors that should differ count.
  public let margin: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: The cosine above which vectors that should differ count.
  ///   - reduction: How the losses of elements are folded.
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
