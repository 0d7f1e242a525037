import Arrays
import Autograd
import Files

/// Multi-head attention. Equivalent to `torch.nn.MultiheadAttention`.
///
/// Vaswani et al., "Attention is all you need" (2017).
///
/// State dict: `in_proj_weight` (3 · embed, embed), or `q_proj_weight` (embed, embed),
/// `k_proj_weight` (embed, kdim) and `v_proj_weight` (embed, vdim) if keys or values differ in
/// their number of features; `in_proj_bias` (3 · embed,); `bias_k` and `bias_v` (1, 1, embed) if
/// `addBiasKV`; `out_proj.weight` (embed, embed), `out_proj.bias` (embed,).
public final class MultiheadAttention: Module {
  /// The weights for queries, keys and values, stacked; nil if they are separate.
  public let inProjWeight: Parameter?
  /// The weight for queries, if the weights are separate.
  public let qProjWeight: Parameter?
  /// The weight for keys, if the weights are separate.
  public let kProjWeight: Parameter?
  /// The weight for values, if the weights are separate.
  public let vProjWeight: Parameter?
  /// The biases of queries, keys and values, stacked; nil without biases.
  public let inProjBias: Parameter?
  /// A learned key after all others, (1, 1, embed), if `addBiasKV`.
  public let biasK: Parameter?
  /// The value of that key.
  public let biasV: Parameter?
  /// The projection of the concatenated heads.
  public let outProj: Linear
  /// The number of features.
  public let embedDim: Int
  /// The number of heads.
  public let numHeads: Int
  /// The probability of dropping an attention weight, in training.
  public let dropout: Double
  /// Whether the batch comes before time.
  public let batchFirst: Bool
  /// Whether a key and a value of zeros follow all others.
  public let addZeroAttention: Bool

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - embedDim: The number of features of queries and output.
  ///   - numHeads: The number of heads, a divisor of `embedDim`; anything else traps.
  ///   - dropout: The probability of dropping an attention weight, in training.
  ///   - bias: Whether the projections have biases.
  ///   - kdim: The number of features of keys; `embedDim` if nil.
  ///   - vdim: The number of features of values; `embedDim` if nil.
  ///   - batchFirst: Whether the batch comes before time.
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

  /// Self-attention without masks: the input is queries, keys and values.
  public override func forward(_ input: Tensor) -> Tensor {
    attend(input, input, input, nil, nil, false, false).output
  }

  /// Attention of queries to keys.
  ///
  /// - Parameters:
  ///   - query: (queries, batch, features), the batch first if `batchFirst`, or without a batch.
  ///   - key: (keys, batch, features), likewise.
  ///   - value: (keys, batch, features), likewise.
  ///   - keyPaddingMask: (batch, keys): true for keys to ignore; any other type is added to the
  ///     scores.
  ///   - needWeights: Whether the weights are returned.
  ///   - attentionMask: (queries, keys) or (batch · heads, queries, keys): true where attention is
  ///     not permitted; any other type is added to the scores.
  ///   - averageWeights: Whether the weights are averaged over the heads.
  ///   - isCausal: Whether a query attends only to keys at its own position or before, if there is
  ///     no `attentionMask`. Unlike in PyTorch, no mask is needed besides.
  /// - Returns: The output, of the shape of `query`; and weights of (batch, queries, keys), or
  ///   (batch, heads, queries, keys).
  /// - Precondition: The shapes fit.
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
    var mask = attentionMask.map { Self.additive($0, query.dtype) }
    if let own = mask, own.rank == 3 {
      mask = own.reshaped([batch, numHeads, queries, keys])
    }
    if isCausal && mask == nil {
      let isLater = Tensor.arange(queries).unsqueezed(1) .< Tensor.arange(keys)
      mask = Self.additive(isLater, query.dtype)
    }
    let added = (biasK == nil ? 0 : 1) + (addZeroAttention ? 1 : 0)
    if let keyPaddingMask {
      let padding = Self.additive(keyPaddingMask, query.dtype).reshaped([batch, 1, 1, keys])
      mask = mask.map { $0 + padding } ?? padding
    }
    // Every query may look at the keys that are added.
    if added > 0 { mask = mask?.padded(-1, before: 0, after: added) }
    let (mixed, weights) = heads(q).attention(
      heads(extended(k, by: biasK)), heads(extended(v, by: biasV)), mask: mask,
      dropout: isTraining ? dropout : 0, isCausal: false, scale: nil, needsWeights: needWeights)
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

  /// Keys or values with the additional ones.
  private func extended(_ rows: Tensor, by bias: Parameter?) -> Tensor {
    let time = batchFirst ? 1 : 0
    let row = Shape(rows.shape.indices.map { $0 == time ? 1 : rows.shape[$0] })
    var parts = [rows]
    if let bias { parts.append(bias.expanded(row)) }
    if addZeroAttention { parts.append(Tensor.zeros(row, dtype: rows.dtype)) }
    return parts.count == 1 ? rows : .concatenated(parts, axis: time)
  }

  /// A mask as what is added to scores of a type.
  private static func additive(_ mask: Tensor, _ dtype: DType) -> Tensor {
    require(
      mask.dtype == .bool || mask.dtype.isFloatingPoint,
      "MultiheadAttention: only bool and floating types of masks are supported, not \(mask.dtype) of "
        + "shape \(mask.shape): compare it, as with .!= 0")
    guard mask.dtype == .bool else { return mask.to(dtype) }
    return Tensor.zeros(mask.shape, dtype: dtype).maskedFill(mask, -.infinity)
  }
}
