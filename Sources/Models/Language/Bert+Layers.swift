import Arrays
import Autograd
import Files
import NN

/// The sum of the embeddings of tokens, positions and types, normalized.
final class BertEmbeddings: Module {
  let wordEmbeddings: Embedding
  private let positionEmbeddings: Embedding
  private let tokenTypeEmbeddings: Embedding
  private let layerNorm: LayerNorm
  private let dropout: Dropout

  override class var stateKeyOverrides: [String: String] { ["layerNorm": "LayerNorm"] }

  init(_ configuration: BertModel.Configuration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    let features = configuration.hiddenSize
    wordEmbeddings = layers.embedding(
      configuration.vocabSize, features, paddingIndex: configuration.padTokenID)
    positionEmbeddings = layers.embedding(configuration.maxPositionEmbeddings, features)
    tokenTypeEmbeddings = layers.embedding(configuration.typeVocabSize, features)
    layerNorm = LayerNorm(features, eps: configuration.layerNormEps)
    dropout = Dropout(configuration.hiddenDropout)
  }

  func callAsFunction(_ inputIDs: Tensor, _ tokenTypeIDs: Tensor?) -> Tensor {
    withHooks(given: [inputIDs, tokenTypeIDs]) { [embed($0[0] ?? inputIDs, $0[1])] }[0]
  }

  private func embed(_ inputIDs: Tensor, _ tokenTypeIDs: Tensor?) -> Tensor {
    require(inputIDs.rank == 2, "BertModel: tokens of shape \(inputIDs.shape), not (batch, tokens)")
    let types = tokenTypeIDs ?? Tensor.zeros([1, inputIDs.shape[1]], dtype: .int64)
    let sum =
      wordEmbeddings(inputIDs) + tokenTypeEmbeddings(types)
      + positionEmbeddings(Tensor.arange(inputIDs.shape[1]))
    return dropout(layerNorm(sum))
  }
}

/// The layers one after the other.
final class BertEncoder: MaskedModule {
  private let layer: ModuleList<BertLayer>

  init(_ configuration: BertModel.Configuration) {
    layer = ModuleList((0..<configuration.numHiddenLayers).map { _ in BertLayer(configuration) })
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    layer.reduce(hidden) { $1($0, mask: mask) }
  }
}

/// Attention and a feed-forward part, each beside a shortcut and normalized afterwards.
private final class BertLayer: MaskedModule {
  private let attention: BertAttention
  private let intermediate: BertIntermediate
  private let output: BertOutput

  init(_ configuration: BertModel.Configuration) {
    attention = BertAttention(configuration)
    intermediate = BertIntermediate(configuration)
    output = BertOutput(configuration, from: configuration.intermediateSize)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    let attended = attention(hidden, mask: mask)
    return output(intermediate(attended), beside: attended)
  }
}

private final class BertAttention: MaskedModule {
  private let selfAttention: BertSelfAttention
  private let output: BertOutput

  override class var stateKeyOverrides: [String: String] { ["selfAttention": "self"] }

  init(_ configuration: BertModel.Configuration) {
    selfAttention = BertSelfAttention(configuration)
    output = BertOutput(configuration, from: configuration.hiddenSize)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    output(selfAttention(hidden, mask: mask), beside: hidden)
  }
}

private final class BertSelfAttention: MaskedModule {
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let heads: Int
  private let dropout: Double

  init(_ configuration: BertModel.Configuration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    query = layers.linear(configuration.hiddenSize, configuration.hiddenSize)
    key = layers.linear(configuration.hiddenSize, configuration.hiddenSize)
    value = layers.linear(configuration.hiddenSize, configuration.hiddenSize)
    heads = configuration.numAttentionHeads
    dropout = configuration.attentionDropout
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    query(hidden).splitIntoHeads(heads).scaledDotProductAttention(
      key(hidden).splitIntoHeads(heads), value(hidden).splitIntoHeads(heads), mask: mask,
      dropout: isTraining ? dropout : 0
    ).joinedHeads()
  }
}

private final class BertIntermediate: Module {
  private let dense: Linear
  private let activation: FeedForwardActivation

  init(_ configuration: BertModel.Configuration) {
    dense = NormalLayers(std: configuration.initializerRange)
      .linear(configuration.hiddenSize, configuration.intermediateSize)
    activation = configuration.hiddenAct
  }

  override func forward(_ input: Tensor) -> Tensor { activation(dense(input)) }
}

/// A linear layer back to the hidden size, added to a shortcut and normalized.
private final class BertOutput: Module {
  private let dense: Linear
  private let layerNorm: LayerNorm
  private let dropout: Dropout

  override class var stateKeyOverrides: [String: String] { ["layerNorm": "LayerNorm"] }

  init(_ configuration: BertModel.Configuration, from features: Int) {
    dense = NormalLayers(std: configuration.initializerRange)
      .linear(features, configuration.hiddenSize)
    layerNorm = LayerNorm(configuration.hiddenSize, eps: configuration.layerNormEps)
    dropout = Dropout(configuration.hiddenDropout)
  }

  func callAsFunction(_ input: Tensor, beside shortcut: Tensor) -> Tensor {
    withHooks([input, shortcut]) { [layerNorm(dropout(dense($0[0])) + $0[1])] }[0]
  }
}

/// The first token through a linear layer and a hyperbolic tangent.
final class BertPooler: Module {
  private let dense: Linear

  init(_ configuration: BertModel.Configuration) {
    dense = NormalLayers(std: configuration.initializerRange)
      .linear(configuration.hiddenSize, configuration.hiddenSize)
  }

  override func forward(_ input: Tensor) -> Tensor { dense(input.select(1, 0)).tanh() }
}
