import Autograd

/// The difference from a target without its sign. Equivalent to `torch.nn.L1Loss`.
///
/// It has no state.
public final class L1Loss: Module {
  /// How the losses of elements are folded.
  public let reduction: LossReduction

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  public init(reduction: LossReduction = .mean) {
    self.reduction = reduction
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].l1Loss(inputs[1], reduction: reduction)]
    }[0]
  }
}

/// The difference, squared where it is less than beta. Equivalent to `torch.nn.SmoothL1Loss`.
///
/// It has no state.
public final class SmoothL1Loss: Module {
  /// How the losses of elements are folded.
  public let reduction: LossReduction
  /// Where the square passes into a line.
  public let beta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - beta: Where the square passes into a line.
  public init(reduction: LossReduction = .mean, beta: Double = 1) {
    self.reduction = reduction
    self.beta = beta
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].smoothL1Loss(inputs[1], reduction: reduction, beta: beta)]
    }[0]
  }
}

/// The difference, squared where it is less than delta. Equivalent to `torch.nn.HuberLoss`.
///
/// It has no state.
public final class HuberLoss: Module {
  /// How the losses of elements are folded.
  public let reduction: LossReduction
  /// Where the square passes into a line.
  public let delta: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - delta: Where the square passes into a line.
  public init(reduction: LossReduction = .mean, delta: Double = 1) {
    self.reduction = reduction
    self.delta = delta
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].huberLoss(inputs[1], reduction: reduction, delta: delta)]
    }[0]
  }
}

/// The negative logarithmic likelihood of classes. Equivalent to `torch.nn.NLLLoss`.
///
/// State dict: `weight`, buffers, if there are any.
public final class NLLLoss: Module {
  /// How much each class counts.
  public let weight: Buffer?
  /// A class that does not count.
  public let ignoreIndex: Int
  /// How the losses of elements are folded.
  public let reduction: LossReduction

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each class counts.
  ///   - ignoreIndex: A class that does not count.
  ///   - reduction: How the losses of elements are folded.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    self.ignoreIndex = ignoreIndex
    self.reduction = reduction
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].nllLoss(inputs[1], weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)]
    }[0]
  }
}

/// The cross entropy between probabilities of two outcomes and a target. Equivalent to `torch.nn.BCELoss`.
///
/// State dict: `weight`, buffers, if there are any.
public final class BCELoss: Module {
  /// How much each element counts.
  public let weight: Buffer?
  /// How the losses of elements are folded.
  public let reduction: LossReduction

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each element counts.
  ///   - reduction: How the losses of elements are folded.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].binaryCrossEntropy(inputs[1], weight: weight, reduction: reduction)]
    }[0]
  }
}

/// The cross entropy between the sigmoid of predictions and a target. Equivalent to `torch.nn.BCEWithLogitsLoss`.
///
/// State dict: `weight`, `pos_weight`, buffers, if there are any.
public final class BCEWithLogitsLoss: Module {
  /// How much each element counts.
  public let weight: Buffer?
  /// How the losses of elements are folded.
  public let reduction: LossReduction
  /// How much a positive target counts.
  public let posWeight: Buffer?

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each element counts.
  ///   - reduction: How the losses of elements are folded.
  ///   - posWeight: How much a positive target counts.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean, posWeight: Tensor? = nil) {
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
    self.posWeight = posWeight.map { Buffer($0) }
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [
        inputs[0].binaryCrossEntropyWithLogits(
          inputs[1], weight: weight, reduction: reduction, positiveWeight: posWeight)
      ]
    }[0]
  }
}

/// The divergence of logarithmic probabilities from a target. Equivalent to `torch.nn.KLDivLoss`.
///
/// It has no state.
public final class KLDivLoss: Module {
  /// How the losses of elements are folded.
  public let reduction: LossReduction
  /// Whether the target is logarithmic too.
  public let logTarget: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - reduction: How the losses of elements are folded.
  ///   - logTarget: Whether the target is logarithmic too.
  public init(reduction: LossReduction = .mean, logTarget: Bool = false) {
    self.reduction = reduction
    self.logTarget = logTarget
  }

  /// The loss of predictions for a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks([input, target]) { inputs in
      [inputs[0].klDiv(inputs[1], reduction: reduction, logTarget: logTarget)]
    }[0]
  }
}

/// How far the angles between vectors are from a target of 1 or −1. Equivalent to
/// `torch.nn.CosineEmbeddingLoss`.
///
/// It has no state.
public final class CosineEmbeddingLoss: Module {
  /// The cosine above which vectors that should differ count.
  public let margin: Double
  /// How the losses of elements are folded.
  public let reduction: LossReduction

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: The cosine above which vectors that should differ count.
  ///   - reduction: How the losses of elements are folded.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }

  /// The loss of two sets of vectors of shape (batch, features) for a target of shape (batch,).
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    withHooks([first, second, target]) {
      [$0[0].cosineEmbeddingLoss($0[1], $0[2], margin: margin, reduction: reduction)]
    }[0]
  }
}

/// The cosine of the angle between vectors along a dimension. Equivalent to
/// `torch.nn.CosineSimilarity`.
///
/// It has no state.
public final class CosineSimilarity: Module {
  /// The dimension of the vectors.
  public let dim: Int
  /// The least norm that is divided by.
  public let eps: Double

  /// A layer along this dimension.
  public init(dim: Int = 1, eps: Double = 1e-8) {
    self.dim = dim
    self.eps = eps
  }

  /// The cosines between two sets of vectors.
  public func callAsFunction(_ first: Tensor, _ second: Tensor) -> Tensor {
    withHooks([first, second]) { [$0[0].cosineSimilarity($0[1], dim, eps: eps)] }[0]
  }
}
