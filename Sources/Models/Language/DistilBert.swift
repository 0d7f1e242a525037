import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A smaller encoder of text. Equivalent to `DistilBertModel` of Hugging Face transformers.
///
/// Sanh et al., "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter"
/// (2019).
///
/// State dict, with the keys of the reference: `embeddings.word_embeddings.weight`,
/// `embeddings.position_embeddings.weight`, `embeddings.LayerNorm`; for each layer
/// `transformer.layer.N.attention.q_lin` (`k_lin`, `v_lin`, `out_lin`), `sa_layer_norm`, `ffn.lin1`,
/// `ffn.lin2` and `output_layer_norm`, each with `weight` and `bias`.
///
/// ```swift
/// let hidden = DistilBertModel().eval()(ids, attentionMask: mask)     // (batch, tokens, 768)
/// ```
public final class DistilBertModel: Module, NamedInputs, NamedBySources {
  /// The options, with the names of `config.json` in camelCase. The defaults are those of
  /// `distilbert-base-uncased`.
  public struct Configuration: Sendable {
    /// The number of tokens that there are.
    public var vocabSize = 30522
    /// The maximum number of tokens of a text.
    public var maxPositionEmbeddings = 512
    /// The number of layers.
    public var nLayers = 6
    /// The number of heads, a divisor of `dim`.
    public var nHeads = 12
    /// The number of features of a token.
    public var dim = 768
    /// The number of features within the feed-forward part.
    public var hiddenDim = 3072
    /// The probability of dropping an element of a hidden state, in training.
    public var dropout = 0.1
    /// The probability of dropping an attention weight, in training.
    public var attentionDropout = 0.1
    /// The activation within the feed-forward part.
    public var activation = FeedForwardActivation.gelu
    /// The standard deviation of the initial weights.
    public var initializerRange = 0.02
    /// The token whose embedding is not trained; nil for none.
    public var padTokenID: Int? = 0

    /// The options of `distilbert-base-uncased`.
    public init() {}

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      vocabSize = try arguments.extent("vocab_size", default: vocabSize)
      maxPositionEmbeddings = try arguments.extent(
        "max_position_embeddings", default: maxPositionEmbeddings)
      nLayers = try arguments.depth("n_layers", default: nLayers)
      nHeads = try arguments.extent("n_heads", default: nHeads)
      dim = try arguments.extent("dim", default: dim)
      hiddenDim = try arguments.extent("hidden_dim", default: hiddenDim)
      dropout = try arguments.dropout("dropout", default: dropout)
      attentionDropout = try arguments.dropout("attention_dropout", default: attentionDropout)
      activation = try arguments.activation("activation", default: activation)
      initializerRange = try arguments.small("initializer_range", default: initializerRange)
      padTokenID = try arguments.paddingToken(default: 0, of: vocabSize)
      try LayerArguments.checkHeads(("dim", dim), ("n_heads", nHeads))
    }

    /// The options as a description gives them.
    static let options = [
      "vocab_size=30522", "max_position_embeddings=512", "n_layers=6", "n_heads=12", "dim=768",
      "hidden_dim=3072", "dropout=0.1", "attention_dropout=0.1", "activation=\"gelu\"",
      "initializer_range=0.02", "pad_token_id=0",
    ]
  }

  /// The options.
  public let configuration: Configuration
  let embeddings: DistilBertEmbeddings
  private let transformer: DistilBertTransformer

  /// An encoder with normally distributed weights.
  ///
  /// - Parameter configuration: The options. Features that do not divide into the heads trap.
  public init(_ configuration: Configuration = Configuration()) {
    require(
      configuration.dim.isMultiple(of: configuration.nHeads),
      "DistilBertModel: \(configuration.dim) features do not divide into "
        + "\(configuration.nHeads) heads")
    self.configuration = configuration
    embeddings = DistilBertEmbeddings(configuration)
    transformer = DistilBertTransformer(configuration)
  }

  /// The hidden states of the last layer.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): integers below the size of the vocabulary.
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, tokens, features).
  public func callAsFunction(_ inputIDs: Tensor, attentionMask: Tensor?) -> Tensor {
    withHooks(given: [inputIDs, attentionMask]) { inputs in
      let embedded = embeddings(inputs[0] ?? inputIDs)
      return [transformer(embedded, mask: inputs[1].map(AttentionMask.padding))]
    }[0]
  }

  /// The hidden states of the last layer, of texts without padding: (batch, tokens, features).
  public override func forward(_ input: Tensor) -> Tensor { self(input, attentionMask: nil) }

  /// `input_ids` and `attention_mask`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = [
      "batch", .any("tokens", atMost: configuration.maxPositionEmbeddings),
    ]
    return [
      ModelInput("input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput("attention_mask", .mask, shape, isOptional: true),
    ]
  }

  /// `last_hidden_state`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    [
      "last_hidden_state": self(
        inputs["input_ids"], attentionMask: inputs.optional("attention_mask"))
    ]
  }

  /// Takes files of earlier versions: `gamma` and `beta`, and saved positions.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    state.dropPositions(prefix + "embeddings.position_ids")
    state.renameNormalizations()
  }
}

final class DistilBertEmbeddings: Module {
  let wordEmbeddings: Embedding
  private let positionEmbeddings: Embedding
  private let layerNorm: LayerNorm
  private let dropout: Dropout

  override class var stateKeyOverrides: [String: String] { ["layerNorm": "LayerNorm"] }

  init(_ configuration: DistilBertModel.Configuration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    wordEmbeddings = layers.embedding(
      configuration.vocabSize, configuration.dim, paddingIndex: configuration.padTokenID)
    positionEmbeddings = layers.embedding(configuration.maxPositionEmbeddings, configuration.dim)
    layerNorm = LayerNorm(configuration.dim, eps: 1e-12)
    dropout = Dropout(configuration.dropout)
  }

  override func forward(_ input: Tensor) -> Tensor {
    require(input.rank == 2, "DistilBertModel: tokens of shape \(input.shape), not (batch, tokens)")
    return dropout(
      layerNorm(wordEmbeddings(input) + positionEmbeddings(Tensor.arange(input.shape[1]))))
  }
}

private final class DistilBertTransformer: MaskedModule {
  private let layer: ModuleList<DistilBertLayer>

  init(_ configuration: DistilBertModel.Configuration) {
    layer = ModuleList((0..<configuration.nLayers).map { _ in DistilBertLayer(configuration) })
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    layer.reduce(hidden) { $1($0, mask: mask) }
  }
}

private final class DistilBertLayer: MaskedModule {
  private let attention: DistilBertAttention
  private let saLayerNorm: LayerNorm
  private let ffn: DistilBertFeedForward
  private let outputLayerNorm: LayerNorm

  init(_ configuration: DistilBertModel.Configuration) {
    attention = DistilBertAttention(configuration)
    saLayerNorm = LayerNorm(configuration.dim, eps: 1e-12)
    ffn = DistilBertFeedForward(configuration)
    outputLayerNorm = LayerNorm(configuration.dim, eps: 1e-12)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    let attended = saLayerNorm(attention(hidden, mask: mask) + hidden)
    return outputLayerNorm(ffn(attended) + attended)
  }
}

private final class DistilBertAttention: MaskedModule {
  private let qLin: Linear
  private let kLin: Linear
  private let vLin: Linear
  private let outLin: Linear
  private let heads: Int
  private let dropout: Double

  init(_ configuration: DistilBertModel.Configuration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    qLin = layers.linear(configuration.dim, configuration.dim)
    kLin = layers.linear(configuration.dim, configuration.dim)
    vLin = layers.linear(configuration.dim, configuration.dim)
    outLin = layers.linear(configuration.dim, configuration.dim)
    heads = configuration.nHeads
    dropout = configuration.attentionDropout
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    outLin(
      qLin(hidden).splitIntoHeads(heads).scaledDotProductAttention(
        kLin(hidden).splitIntoHeads(heads), vLin(hidden).splitIntoHeads(heads), mask: mask,
        dropout: isTraining ? dropout : 0
      ).joinedHeads())
  }
}

private final class DistilBertFeedForward: Module {
  private let dropout: Dropout
  private let lin1: Linear
  private let lin2: Linear
  private let activation: FeedForwardActivation

  init(_ configuration: DistilBertModel.Configuration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    dropout = Dropout(configuration.dropout)
    lin1 = layers.linear(configuration.dim, configuration.hiddenDim)
    lin2 = layers.linear(configuration.hiddenDim, configuration.dim)
    activation = configuration.activation
  }

  override func forward(_ input: Tensor) -> Tensor { dropout(lin2(activation(lin1(input)))) }
}

extension DistilBertModel {
  /// Files of classes with a head that lack it, and those of sentence-transformers.
  public var namings: [KeyNaming] {
    KeyNaming.stripping("distilbert.") + KeyNaming.stripping("0.auto_model.")
  }
}
