import Arrays
import Autograd
import Files
import NN

/// The embeddings, the blocks, and the normalization at the end.
final class T5Stack: MaskedModule {
  private let embedTokens: Embedding
  private let block: ModuleList<T5Block>
  private let finalLayerNorm: RoundedRMSNorm
  private let dropout: Dropout

  init(_ configuration: T5EncoderModel.Configuration, embedTokens: Embedding) {
    self.embedTokens = embedTokens
    block = ModuleList(
      (0..<configuration.numLayers).map { T5Block(configuration, isFirst: $0 == 0) })
    finalLayerNorm = RoundedRMSNorm(configuration.dModel, eps: configuration.layerNormEpsilon)
    dropout = Dropout(configuration.dropoutRate)
  }

  /// - Parameters:
  ///   - tokens: (batch, tokens).
  ///   - mask: (batch, tokens), if there is padding.
  override func compute(_ tokens: Tensor, mask: Tensor?) -> Tensor {
    require(
      tokens.rank == 2, "T5EncoderModel: tokens of shape \(tokens.shape), not (batch, tokens)")
    // All blocks use the distances of the first.
    var bias = block[0].bias(tokens: tokens.shape[1])
    if let mask {
      let isPadding = .!AttentionMask.padding(mask)
      // The least number rather than −∞, as in the reference: a text of nothing but padding looks at
      // all of its tokens alike. Not in half precision, in which scores would not vanish beside it.
      let type: DType = embedTokens.weight.dtype == .float64 ? .float64 : .float32
      let least = -(type.largestFinite ?? .infinity)
      let padding = Tensor.zeros(isPadding.shape, dtype: type).maskedFill(isPadding, least)
      bias = bias.map { $0 + padding } ?? padding
    }
    let hidden = block.reduce(dropout(embedTokens(tokens))) { $1($0, mask: bias) }
    return dropout(finalLayerNorm(hidden))
  }
}

private final class T5Block: MaskedModule {
  private let layer: ModuleList<MaskedModule>

  init(_ configuration: T5EncoderModel.Configuration, isFirst: Bool) {
    layer = ModuleList([
      T5AttentionLayer(configuration, hasBias: isFirst), T5FeedForwardLayer(configuration),
    ])
  }

  func bias(tokens: Int) -> Tensor? { (layer[0] as? T5AttentionLayer)?.bias(tokens: tokens) }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    layer.reduce(hidden) { $1($0, mask: mask) }
  }
}

private final class T5AttentionLayer: MaskedModule {
  private let selfAttention: T5Attention
  private let layerNorm: RoundedRMSNorm
  private let dropout: Dropout

  override class var stateKeyOverrides: [String: String] { ["selfAttention": "SelfAttention"] }

  init(_ configuration: T5EncoderModel.Configuration, hasBias: Bool) {
    selfAttention = T5Attention(configuration, hasBias: hasBias)
    layerNorm = RoundedRMSNorm(configuration.dModel, eps: configuration.layerNormEpsilon)
    dropout = Dropout(configuration.dropoutRate)
  }

  func bias(tokens: Int) -> Tensor? { selfAttention.bias(tokens: tokens) }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    hidden + dropout(selfAttention(layerNorm(hidden), mask: mask))
  }
}

private final class T5Attention: MaskedModule {
  private let q: Linear
  private let k: Linear
  private let v: Linear
  private let o: Linear
  private let relativeAttentionBias: Embedding?
  private let heads: Int
  private let dropout: Double
  private let buckets: DistanceBuckets

  init(_ configuration: T5EncoderModel.Configuration, hasBias: Bool) {
    let (model, inner) = (configuration.dModel, configuration.dKv * configuration.numHeads)
    func layers(_ variance: Double) -> NormalLayers {
      NormalLayers(std: configuration.initializerFactor / variance.squareRoot())
    }
    q = layers(Double(model * configuration.dKv)).linear(model, inner, bias: false)
    k = layers(Double(model)).linear(model, inner, bias: false)
    v = layers(Double(model)).linear(model, inner, bias: false)
    o = layers(Double(inner)).linear(inner, model, bias: false)
    relativeAttentionBias =
      hasBias
      ? layers(Double(model)).embedding(
        configuration.relativeAttentionNumBuckets, configuration.numHeads) : nil
    heads = configuration.numHeads
    dropout = configuration.dropoutRate
    buckets = DistanceBuckets(
      count: configuration.relativeAttentionNumBuckets,
      maxDistance: configuration.relativeAttentionMaxDistance)
  }

  /// The bias of each pair of tokens, (1, heads, queries, keys); nil in any block but the first.
  func bias(tokens: Int) -> Tensor? {
    guard let relativeAttentionBias else { return nil }
    let (before, after) = buckets.table(below: tokens)
    let distances = (0..<tokens).flatMap { query in
      (0..<tokens).map { key in key > query ? after[key - query] : before[query - key] }
    }
    let indices = Tensor(NDArray(distances, shape: [tokens, tokens]))
    return relativeAttentionBias(indices).permuted([2, 0, 1]).unsqueezed(0)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    o(
      q(hidden).splitIntoHeads(heads).scaledDotProductAttention(
        k(hidden).splitIntoHeads(heads), v(hidden).splitIntoHeads(heads), mask: mask,
        dropout: isTraining ? dropout : 0, scale: 1
      ).joinedHeads())
  }
}

/// The buckets into which T5 sorts the distances of tokens: a bucket for each small distance, then
/// buckets that grow by a factor; apart for tokens before and after.
package struct DistanceBuckets {
  private let half: Int
  private let maxDistance: Int

  /// - Parameters:
  ///   - count: The number of buckets, even and at least 4.
  ///   - maxDistance: The distance from which on all are in one bucket, more than `count / 4`.
  package init(count: Int, maxDistance: Int) {
    half = count / 2
    self.maxDistance = maxDistance
  }

  /// The buckets of keys before a query, by their distance from it, and of keys after it.
  package func table(below count: Int) -> (before: [Int64], after: [Int64]) {
    let exact = half / 2
    // In single precision and in this order, as the reference: it decides at the edges.
    let positions = Device.with(.cpu) {
      let logarithms = (Tensor.arange(count, dtype: .float32) / Double(exact)).log()
      let longest = Tensor(Double(maxDistance) / Double(exact), dtype: .float64).log().item()
      return (logarithms / longest * Double(half - exact)).elements(as: Float.self)
    }
    let before = positions.enumerated().map { distance, position in
      Int64(distance < exact ? distance : min(exact + Int(position), half - 1))
    }
    return (before, before.map { $0 + Int64(half) })
  }
}

private final class T5FeedForwardLayer: MaskedModule {
  private let denseReluDense: T5FeedForward
  private let layerNorm: RoundedRMSNorm
  private let dropout: Dropout

  override class var stateKeyOverrides: [String: String] { ["denseReluDense": "DenseReluDense"] }

  init(_ configuration: T5EncoderModel.Configuration) {
    denseReluDense = T5FeedForward(configuration)
    layerNorm = RoundedRMSNorm(configuration.dModel, eps: configuration.layerNormEpsilon)
    dropout = Dropout(configuration.dropoutRate)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    hidden + dropout(denseReluDense(layerNorm(hidden)))
  }
}

/// wo(act(wi(x))), or with a gate wo(act(wi₀(x)) · wi₁(x)).
private final class T5FeedForward: Module {
  private let wi: Linear?
  private let wi0: Linear?
  private let wi1: Linear?
  private let wo: Linear
  private let dropout: Dropout
  private let activation: FeedForwardActivation

  override class var stateKeyOverrides: [String: String] { ["wi0": "wi_0", "wi1": "wi_1"] }

  init(_ configuration: T5EncoderModel.Configuration) {
    let (model, inner) = (configuration.dModel, configuration.dFf)
    let layers = NormalLayers(
      std: configuration.initializerFactor / Double(model).squareRoot())
    wi = configuration.isGated ? nil : layers.linear(model, inner, bias: false)
    wi0 = configuration.isGated ? layers.linear(model, inner, bias: false) : nil
    wi1 = configuration.isGated ? layers.linear(model, inner, bias: false) : nil
    wo = NormalLayers(std: configuration.initializerFactor / Double(inner).squareRoot())
      .linear(inner, model, bias: false)
    dropout = Dropout(configuration.dropoutRate)
    activation = configuration.activation
  }

  override func forward(_ input: Tensor) -> Tensor {
    let inner = wi.map { activation($0(input)) } ?? input
    guard let wi0, let wi1 else { return wo(dropout(inner)) }
    return wo(dropout(activation(wi0(input)) * wi1(input)))
  }
}
