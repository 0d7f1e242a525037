import Arrays
import Autograd
import Files

/// Several attentions side by side, each over a part of the features. Equivalent to
/// `torch.nn.MultiheadAttention`.
///
/// State dict: `in_proj_weight` (3 · embed, embed), or `q_proj_weight`, `k_proj_weight` and
/// `v_proj_weight` where keys or values have features of their own number; `in_proj_bias`
/// (3 · embed,); `bias_k` and `bias_v` (1, 1, embed) if `addBiasKV`; `out_proj.weight`,
/// `out_proj.bias`.
public final class MultiheadAttention: Module {
  /// The weights for queries, keys and values, one below the other.
  public let inProjWeight: Parameter?
  /// The weight for queries, if those are apart.
  public let qProjWeight: Parameter?
  /// The weight for keys, if those are apart.
  public let kProjWeight: Parameter?
  /// The weight for values, if those are apart.
  public let vProjWeight: Parameter?
  /// What is added to queries, keys and values.
  public let inProjBias: Parameter?
  /// A key after all others, if the layer has one: (1, 1, embed).
  public let biasK: Parameter?
  /// The value of that key.
  public let biasV: Parameter?
  /// What makes the result of all heads.
  public let outProj: Linear
  /// The number of features.
  public let embedDim: Int
  /// The number of attentions.
  public let numHeads: Int
  /// The probability with which a weight is dropped in training.
  public let dropout: Double
  /// Whether the batch comes first.
  public let batchFirst: Bool
  /// Whether there is a key of zeros after all others, whose value is zeros.
  public let addZeroAttention: Bool

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - embedDim: The number of features of queries and of the result.
  ///   - numHeads: The number of attentions, into which the features divide.
  ///   - dropout: The probability with which a weight is dropped in training.
  ///   - bias: Whether the projections have biases.
  ///   - kdim: The number of features of keys, if it is another.
  ///   - vdim: The number of features of values, if it is another.
  ///   - batchFirst: Whether the batch comes first, not time.
  ///   - addBiasKV: Whether a learned key and its value follow all others.
  ///   - addZeroAttention: Whether a key and a value of zeros follow all others.
  public init(
    _ embedDim: Int, _ numHeads: Int, dropout: Double = 0, bias: Bool = true, kdim: Int? = nil,
    vdim: Int? = nil, batchFirst: Bool = false, addBiasKV: Bool = false,
    addZeroAttention: Bool = false
  ) {
    require(
      numHeads > 0 && embedDim > 0 && embedDim % numHeads == 0,
      "MultiheadAttention: \(embedDim) features do not divide into \(numHeads) heads")
    self.embedDim = embedDim
    self.numHeads = numHeads
    self.dropout = dropout
    self.batchFirst = batchFirst
    self.addZeroAttention = addZeroAttention
    let isPacked = (kdim ?? embedDim) == embedDim && (vdim ?? embedDim) == embedDim
    func projection(_ features: Int) -> Parameter? {
      isPacked ? nil : Parameter(Tensor.zeros([embedDim, features]))
    }
    inProjWeight = isPacked ? Parameter(Tensor.zeros([3 * embedDim, embedDim])) : nil
    qProjWeight = projection(embedDim)
    kProjWeight = projection(kdim ?? embedDim)
    vProjWeight = projection(vdim ?? embedDim)
    inProjBias = bias ? Parameter(Tensor.zeros([3 * embedDim])) : nil
    biasK = addBiasKV ? Parameter(Tensor.zeros([1, 1, embedDim])) : nil
    biasV = addBiasKV ? Parameter(Tensor.zeros([1, 1, embedDim])) : nil
    outProj = NonDynamicallyQuantizableLinear(embedDim, embedDim, bias: bias)
    super.init()
    for weight in [inProjWeight, qProjWeight, kProjWeight, vProjWeight].compactMap(\.self) {
      Initialization.xavierUniform(weight)
    }
    if let bias = outProj.bias { Initialization.constant(bias, 0) }
    for bias in [biasK, biasV].compactMap(\.self) { Initialization.xavierNormal(bias) }
  }

  /// What a sequence makes of attending to itself.
  public override func forward(_ input: Tensor) -> Tensor {
    attend(input, input, input, nil, nil, false, false).output
  }

  /// What the queries make of attending to the keys, and the weights if they are wanted.
  ///
  /// - Parameters:
  ///   - query: (queries, batch, features), the batch first if the layer is so, or without one.
  ///   - key: (keys, batch, features).
  ///   - value: (keys, batch, features).
  ///   - keyPaddingMask: (batch, keys), true for keys to be ignored, or what is added.
  ///   - needWeights: Whether the weights are given.
  ///   - attentionMask: (queries, keys) or (batch · heads, queries, keys), true where a query may
  ///     not look, or what is added.
  ///   - averageWeights: Whether the weights are averaged over the heads.
  ///   - isCausal: Whether a query looks only at keys that are not after it. Unlike in PyTorch this
  ///     needs no mask besides.
  /// - Returns: The output, shaped as the queries; weights of (batch, queries, keys), or
  ///   (batch, heads, queries, keys).
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keyPaddingMask: Tensor? = nil,
    needWeights: Bool = true, attentionMask: Tensor? = nil, averageWeights: Bool = true,
    isCausal: Bool = false
  ) -> (output: Tensor, weights: Tensor?) {
    let results = withHooks([query, key, value]) { inputs in
      let (output, weights) = attend(
        inputs[0], inputs[1], inputs[2], keyPaddingMask, attentionMask, needWeights, isCausal)
      guard let weights else { return [output] }
      return [output, averageWeights ? weights.mean([-3]) : weights]
    }
    return (results[0], results.count > 1 ? results[1] : nil)
  }

  private func attend(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ keyPaddingMask: Tensor?,
    _ attentionMask: Tensor?, _ needWeights: Bool, _ isCausal: Bool
  ) -> (output: Tensor, weights: Tensor?) {
    guard query.rank != 2 else {
      let batch = batchFirst ? 0 : 1
      let isSelf = query === key && key === value
      let queries = query.unsqueezed(batch)
      let (output, weights) = attend(
        queries, isSelf ? queries : key.unsqueezed(batch),
        isSelf ? queries : value.unsqueezed(batch), keyPaddingMask?.unsqueezed(0), attentionMask,
        needWeights, isCausal)
      return (output.squeezed([batch]), weights?.squeezed([0]))
    }
    require(
      query.rank == 3 && key.rank == 3 && value.rank == 3 && query.shape[2] == embedDim,
      "MultiheadAttention: queries of shape \(query.shape), keys of shape \(key.shape) and values "
        + "of shape \(value.shape) for \(embedDim) features")
    let (q, k, v) = projected(query, key, value)
    let time = batchFirst ? 1 : 0
    let (batch, queries, keys) = (query.shape[1 - time], query.shape[time], key.shape[time])
    func heads(_ x: Tensor) -> Tensor {
      let apart = x.reshaped([x.shape[0], x.shape[1], numHeads, embedDim / numHeads])
      return batchFirst ? apart.permuted([0, 2, 1, 3]) : apart.permuted([1, 2, 0, 3])
    }
    var mask = attentionMask.map(Self.additive)
    if let own = mask, own.rank == 3 {
      mask = own.reshaped([batch, numHeads, queries, keys])
    }
    if isCausal && mask == nil {
      let isLater = Tensor.arange(queries).unsqueezed(1) .< Tensor.arange(keys)
      mask = Self.additive(isLater)
    }
    let added = (biasK == nil ? 0 : 1) + (addZeroAttention ? 1 : 0)
    if let keyPaddingMask {
      let padding = Self.additive(keyPaddingMask).reshaped([batch, 1, 1, keys])
      mask = mask.map { $0 + padding } ?? padding
    }
    // Every query may look at the keys that are added.
    if added > 0 { mask = mask?.padded(-1, before: 0, after: added) }
    let (mixed, weights) = heads(q).attention(
      heads(extended(k, by: biasK)), heads(extended(v, by: biasV)), mask: mask,
      dropout: isTraining ? dropout : 0, isCausal: false,
      scale: nil)
    // Time comes first in storage, as in PyTorch, so that a dropout after it draws the same.
    let joined = outProj(
      mixed.permuted([2, 0, 1, 3]).reshaped([queries, batch, embedDim]))
    return (batchFirst ? joined.transposed(0, 1) : joined, needWeights ? weights : nil)
  }

  private func projected(
    _ query: Tensor, _ key: Tensor, _ value: Tensor
  ) -> (Tensor, Tensor, Tensor) {
    if let inProjWeight, query === key && key === value {
      let parts = query.linear(inProjWeight, inProjBias).chunked(3, axis: 2)
      return (parts[0], parts[1], parts[2])
    }
    let packed = inProjWeight?.chunked(3) ?? []
    let weights =
      packed.isEmpty
      ? [qProjWeight, kProjWeight, vProjWeight].compactMap(\.self) : packed
    let biases = inProjBias?.chunked(3)
    return (
      query.linear(weights[0], biases?[0]), key.linear(weights[1], biases?[1]),
      value.linear(weights[2], biases?[2])
    )
  }

  /// Keys or values, and those that follow them.
  private func extended(_ rows: Tensor, by bias: Parameter?) -> Tensor {
    let time = batchFirst ? 1 : 0
    let row = Shape(rows.shape.indices.map { $0 == time ? 1 : rows.shape[$0] })
    var parts = [rows]
    if let bias { parts.append(bias.expanded(row)) }
    if addZeroAttention { parts.append(Tensor.zeros(row, dtype: rows.dtype)) }
    return parts.count == 1 ? rows : .concatenated(parts, axis: time)
  }

  /// A mask as what is added to scores.
  private static func additive(_ mask: Tensor) -> Tensor {
    guard mask.dtype == .bool else { return mask }
    return Tensor.zeros(mask.shape).maskedFill(mask, -.infinity)
  }
}
