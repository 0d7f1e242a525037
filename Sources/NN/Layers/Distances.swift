import Autograd

/// The cosine of the angle between vectors along a dimension. Equivalent to
/// `torch.nn.CosineSimilarity`.
///
/// It has no state.
public final class CosineSimilarity: Module {
  /// The dimension of the vectors.
  public let dim: Int
  /// The minimum for the norms that vectors are divided by.
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

/// The norm of the difference of vectors along the last dimension. Equivalent to
/// `torch.nn.PairwiseDistance`.
///
/// It has no state.
public final class PairwiseDistance: Module {
  /// The order of the norm.
  public let p: Double
  /// Added to each difference.
  public let eps: Double
  /// Whether the last dimension stays, of length one.
  public let keepDim: Bool

  /// A layer that measures by the norm of this order.
  public init(p: Double = 2, eps: Double = 1e-6, keepDim: Bool = false) {
    self.p = p
    self.eps = eps
    self.keepDim = keepDim
  }

  /// The distances between two sets of vectors.
  public func callAsFunction(_ first: Tensor, _ second: Tensor) -> Tensor {
    withHooks([first, second]) {
      [$0[0].pairwiseDistance($0[1], order: p, eps: eps, keepDims: keepDim)]
    }[0]
  }
}
