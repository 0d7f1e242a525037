import Arrays
import Autograd
import Files

// Losses that are zero beyond a margin.

/// A distance where the target is 1, what is left of it to a margin where it is −1. Equivalent to
/// `torch.nn.HingeEmbeddingLoss`.
///
/// It has no state.
public final class HingeEmbeddingLoss: Loss {
  /// The distance beyond which what should be apart does not count.
  public let margin: Double

  /// A loss with this margin.
  public init(margin: Double = 1, reduction: LossReduction = .mean) {
    self.margin = margin
    super.init(reduction: reduction)
  }

  /// The loss of distances for a target of 1 and −1.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].hingeEmbeddingLoss($0[1], margin: margin, reduction: reduction)
    }
  }
}

/// By how much numbers fail to exceed others by a margin, as a target has it. Equivalent to
/// `torch.nn.MarginRankingLoss`.
///
/// It has no state.
public final class MarginRankingLoss: Loss {
  /// By how much they should.
  public let margin: Double

  /// A loss with this margin.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    super.init(reduction: reduction)
  }

  /// The loss of two sets of numbers for a target of 1, where the first should be greater, and −1.
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    withHooks(first, second, target) {
      $0[0].marginRankingLoss($0[1], $0[2], margin: margin, reduction: reduction)
    }
  }
}

/// log(1 + e^(−target · x)) for targets of 1 and −1. Equivalent to `torch.nn.SoftMarginLoss`.
///
/// It has no state.
public final class SoftMarginLoss: Loss {
  /// The loss of predictions for a target of 1 and −1.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].softMarginLoss($0[1], reduction: reduction)
    }
  }
}

/// By how much the distance from a like vector exceeds that from an unlike one less a margin.
/// Equivalent to `torch.nn.TripletMarginLoss`.
///
/// It has no state.
public final class TripletMarginLoss: Loss {
  /// By how much the distances should differ.
  public let margin: Double
  /// The order of the norm that measures.
  public let p: Double
  /// What is added to each difference.
  public let eps: Double
  /// Whether the distance between the other two vectors counts if it is smaller.
  public let swap: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - margin: By how much the distances should differ.
  ///   - p: The order of the norm that measures.
  ///   - eps: What is added to each difference.
  ///   - swap: Whether the distance between the other two vectors counts if it is smaller.
  ///   - reduction: How the losses of elements are folded.
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

  /// The loss of vectors along the last dimension, of like ones and of unlike ones.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    withHooks(anchor, positive, negative) {
      $0[0].tripletMarginLoss($0[1], $0[2], margin: margin, swap: swap, reduction: reduction) {
        $0.pairwiseDistance($1, order: p, eps: eps)
      }
    }
  }
}

/// ``TripletMarginLoss`` by any distance. Equivalent to `torch.nn.TripletMarginWithDistanceLoss`.
///
/// It has no state.
public final class TripletMarginWithDistanceLoss: Loss {
  private let distance: (Tensor, Tensor) -> Tensor
  private let margin: Double
  private let swap: Bool

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - distance: What measures; the Euclidean norm, as ``PairwiseDistance``, if not given.
  ///   - margin: By how much the distances should differ.
  ///   - swap: Whether the distance between the other two vectors counts if it is smaller.
  ///   - reduction: How the losses of elements are folded.
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

  /// The loss of vectors, of like ones and of unlike ones.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    withHooks(anchor, positive, negative) {
      $0[0].tripletMarginLoss(
        $0[1], $0[2], margin: margin, swap: swap, reduction: reduction, distance: distance)
    }
  }
}
