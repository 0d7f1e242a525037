import Arrays
import Autograd
import Files

// Losses that are zero beyond a margin.

/// x where the target is 1, and max(0, margin − x) where it is −1. Equivalent to
/// `torch.nn.HingeEmbeddingLoss`.
///
/// It has no state.
public final class HingeEmbeddingLoss: Loss {
  /// The distance beyond which dissimilar pairs cost nothing.
  public let margin: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: The distance beyond which dissimilar pairs cost nothing.
  ///   - reduction: How the losses of the elements are combined.
  public init(margin: Double = 1, reduction: LossReduction = .mean) {
    self.margin = margin
    super.init(reduction: reduction)
  }

  /// The loss of distances.
  ///
  /// - Parameters:
  ///   - input: The distances.
  ///   - target: 1 for similar pairs, −1 for dissimilar ones.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].hingeEmbeddingLoss($0[1], margin: margin, reduction: reduction)
    }
  }
}

/// max(0, −y · (x₁ − x₂) + margin). Equivalent to `torch.nn.MarginRankingLoss`.
///
/// It has no state.
public final class MarginRankingLoss: Loss {
  /// By how much the larger number should exceed the smaller.
  public let margin: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: By how much the larger number should exceed the smaller.
  ///   - reduction: How the losses of the elements are combined.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    super.init(reduction: reduction)
  }

  /// The loss of pairs of numbers.
  ///
  /// - Parameters:
  ///   - first: x₁.
  ///   - second: x₂.
  ///   - target: y: 1 where x₁ should be larger, −1 where x₂ should be.
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    withHooks(first, second, target) {
      $0[0].marginRankingLoss($0[1], $0[2], margin: margin, reduction: reduction)
    }
  }
}

/// log(1 + e^(−y · x)). Equivalent to `torch.nn.SoftMarginLoss`.
///
/// It has no state.
public final class SoftMarginLoss: Loss {
  /// The loss of predictions x for targets y of 1 and −1.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].softMarginLoss($0[1], reduction: reduction)
    }
  }
}

/// max(0, d(anchor, positive) − d(anchor, negative) + margin). Equivalent to
/// `torch.nn.TripletMarginLoss`.
///
/// It has no state.
public final class TripletMarginLoss: Loss {
  /// By how much the distances should differ.
  public let margin: Double
  /// The order of the norm that is the distance.
  public let p: Double
  /// Added to each difference, as in PyTorch.
  public let eps: Double
  /// Whether d(positive, negative) is used where it is smaller than d(anchor, negative).
  public let swap: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: By how much the distances should differ; positive, or it traps.
  ///   - p: The order of the norm that is the distance.
  ///   - eps: Added to each difference.
  ///   - swap: Whether d(positive, negative) is used where it is smaller than d(anchor, negative).
  ///   - reduction: How the losses of the vectors are combined.
  public init(
    margin: Double = 1, p: Double = 2, eps: Double = 1e-6, swap: Bool = false,
    reduction: LossReduction = .mean
  ) {
    require(margin > 0, "TripletMarginLoss: margin \(margin) is not positive")
    self.margin = margin
    self.p = p
    self.eps = eps
    self.swap = swap
    super.init(reduction: reduction)
  }

  /// The loss of vectors along the last dimension.
  ///
  /// - Parameters:
  ///   - anchor: The vectors to compare.
  ///   - positive: Vectors that should be near them.
  ///   - negative: Vectors that should be far from them.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    withHooks(anchor, positive, negative) {
      $0[0].tripletMarginLoss($0[1], $0[2], margin: margin, swap: swap, reduction: reduction) {
        $0.pairwiseDistance($1, order: p, eps: eps)
      }
    }
  }
}

/// ``TripletMarginLoss`` with any distance. Equivalent to `torch.nn.TripletMarginWithDistanceLoss`.
///
/// It has no state.
public final class TripletMarginWithDistanceLoss: Loss {
  private let distance: (Tensor, Tensor) -> Tensor
  private let margin: Double
  private let swap: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - distance: The distance of two sets of vectors; the Euclidean one of ``PairwiseDistance``
  ///     by default.
  ///   - margin: By how much the distances should differ; positive, or it traps.
  ///   - swap: Whether the distance of `positive` and `negative` is used where it is smaller.
  ///   - reduction: How the losses of the vectors are combined.
  public init(
    _ distance: @escaping (Tensor, Tensor) -> Tensor = { $0.pairwiseDistance($1) },
    margin: Double = 1, swap: Bool = false, reduction: LossReduction = .mean
  ) {
    require(margin > 0, "TripletMarginWithDistanceLoss: margin \(margin) is not positive")
    self.distance = distance
    self.margin = margin
    self.swap = swap
    super.init(reduction: reduction)
  }

  /// The loss of vectors.
  ///
  /// - Parameters:
  ///   - anchor: The vectors to compare.
  ///   - positive: Vectors that should be near them.
  ///   - negative: Vectors that should be far from them.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    withHooks(anchor, positive, negative) {
      $0[0].tripletMarginLoss(
        $0[1], $0[2], margin: margin, swap: swap, reduction: reduction, distance: distance)
    }
  }
}
