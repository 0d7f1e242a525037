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
    if let result = Autocast.lowered({ low in
      low(self).scaledDotProductAttention(
        low(key), low(value), mask: mask.map { $0.dtype == .bool ? $0 : low($0) },
        dropout: dropout, isCausal: isCausal, scale: scale)
    }) {
      return result
    }
    return attention(
      key, value, mask: mask, dropout: dropout, isCausal: isCausal, scale: scale,
      needsWeights: false
    ).output
  }

  /// The same, with the weights of (…, queries, keys). They are nil if nobody needs them and no gradient is
  /// recorded: then they are never written as a whole.
  package final func attention(
    _ key: Tensor, _ value: Tensor, mask: Tensor?, dropout: Double, isCausal: Bool, scale: Double?,
    needsWeights: Bool
  ) -> (output: Tensor, weights: Tensor?) {
    require(
      rank >= 2 && key.rank >= 2 && value.rank >= 2 && shape[rank - 1] == key.shape[key.rank - 1]
        && key.shape[key.rank - 2] == value.shape[value.rank - 2],
      "scaledDotProductAttention: queries of shape \(shape), keys of shape \(key.shape) and values "
        + "of shape \(value.shape) do not fit")
    require(
      mask == nil || !isCausal,
      "scaledDotProductAttention: a mask of shape \(mask?.shape ?? .scalar) and isCausal are given")
    if let mask {
      require(
        mask.dtype == .bool || mask.dtype.isFloatingPoint,
        "scaledDotProductAttention: Expected attn_mask dtype to be bool or float, but got "
          + "\(mask.dtype) of shape \(mask.shape): compare it, as with .!= 0")
    }
    require(
      key.dtype == dtype && value.dtype == dtype,
      "scaledDotProductAttention: Expected query, key, and value to have the same dtype, but got "
        + "query.dtype: \(dtype) key.dtype: \(key.dtype) and value.dtype: \(value.dtype) instead")
    if dtype == .float16 || dtype == .bfloat16 {
      // Scores and weights stay in float32 between the products, as in PyTorch.
      let wideMask = mask.map { $0.dtype == .bool ? $0 : $0.wide }
      let (output, weights) = wide.attention(
        key.wide, value.wide, mask: wideMask, dropout: dropout, isCausal: isCausal, scale: scale,
        needsWeights: needsWeights)
      return (output.to(dtype), weights?.to(dtype))
    }
    let features = Double(Swift.max(1, shape[rank - 1]))
    let scale = scale ?? 1 / features.squareRoot()
    let operands = [self, key, value] + (mask.map { [$0] } ?? [])
    if !needsWeights, dropout == 0, operands.allSatisfy({ $0.device == .cpu }),
      !GradMode.isEnabled || !operands.contains(where: \.requiresGrad),
      let attention = Attention(
        array, key.array, value.array,
        mask: mask.map { $0.dtype == .bool ? $0.array : $0.array.cast(to: dtype) }, scale: scale,
        isCausal: isCausal)
    {
      return (.record("scaledDotProductAttention", operands, attention.output()) { _ in [] }, nil)
    }
    var scores = (self * scale).matmul(key.transposed())
    var mask = mask
    if isCausal {
      let (queries, keys) = (shape[rank - 2], key.shape[key.rank - 2])
      mask = Tensor.arange(queries).unsqueezed(1) .>= Tensor.arange(keys)
    }
    if let mask {
      if mask.dtype == .bool {
        scores = .where(mask, scores, Tensor.full([], -.infinity, dtype: scores.dtype))
      } else {
        scores = scores + mask.to(dtype)
      }
    }
    let weights = scores.blindSoftmax().dropout(dropout)
    return (weights.matmul(value), weights)
  }

  /// ``softmax(_:)`` along the last dimension, with zeros instead of NaN for a row without any finite score:
  /// a query that sees no key.
  private final func blindSoftmax() -> Tensor {
    guard rank > 0, shape[rank - 1] > 0 else { return softmax(-1) }
    return .recordSoftmax("softmax", self, array.blindSoftmax(), axis: rank - 1, logarithm: false)
  }
}
