import Arrays
import Files
import Kernels

extension Tensor {
  /// The weighted mean of values, with weights softmax(query · keyᵀ · scale). Equivalent to
  /// `torch.nn.functional.scaled_dot_product_attention`.
  ///
  /// Vaswani et al., "Attention is all you need" (2017). This tensor holds the queries, of shape
  /// (…, queries, features). A query with no permitted key gets zeros.
  ///
  /// - Parameters:
  ///   - key: (…, keys, features).
  ///   - value: (…, keys, value features).
  ///   - mask: Broadcasts to (…, queries, keys). A boolean mask is true where attention is
  ///     permitted; any other is added to the scores.
  ///   - dropout: The probability of dropping a weight.
  ///   - isCausal: Whether a query attends only to keys at its own position or before. Not together
  ///     with a mask, which traps.
  ///   - scale: The factor for the scores; 1 / √features if nil.
  /// - Returns: (…, queries, value features).
  /// - Precondition: The shapes fit.
  public final func scaledDotProductAttention(
    _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, dropout: Double = 0,
    isCausal: Bool = false, scale: Double? = nil
  ) -> Tensor {
    attention(key, value, mask: mask, dropout: dropout, isCausal: isCausal, scale: scale).output
  }

  /// The same, with the weights of (…, queries, keys).
  package final func attention(
    _ key: Tensor, _ value: Tensor, mask: Tensor?, dropout: Double, isCausal: Bool, scale: Double?
  ) -> (output: Tensor, weights: Tensor) {
    require(
      rank >= 2 && key.rank >= 2 && value.rank >= 2 && shape[rank - 1] == key.shape[key.rank - 1]
        && key.shape[key.rank - 2] == value.shape[value.rank - 2],
      "scaledDotProductAttention: queries of shape \(shape), keys of shape \(key.shape) and values "
        + "of shape \(value.shape) do not fit")
    require(
      mask == nil || !isCausal,
      "scaledDotProductAttention: a mask of shape \(mask?.shape ?? .scalar) and isCausal are given")
    let features = Double(Swift.max(1, shape[rank - 1]))
    var scores = (self * (scale ?? 1 / features.squareRoot())).matmul(key.transposed())
    var mask = mask
    if isCausal {
      let (queries, keys) = (shape[rank - 2], key.shape[key.rank - 2])
      mask = Tensor.arange(queries).unsqueezed(1) .>= Tensor.arange(keys)
    }
    guard let mask else {
      let weights = scores.softmax(-1).dropout(dropout)
      return (weights.matmul(value), weights)
    }
    if mask.dtype == .bool {
      let zero = Tensor.zeros([], dtype: scores.dtype)
      scores = .where(mask, scores, zero - .infinity)
    } else {
      scores = scores + mask
    }
    // Of a row without any finite score softmax would make NaN.
    let isBlind = noGrad { scores.max([-1], keepDims: true) .== -.infinity }
    let weights = scores.maskedFill(isBlind, 0).softmax(-1).maskedFill(isBlind, 0).dropout(dropout)
    return (weights.matmul(value), weights)
  }
}
