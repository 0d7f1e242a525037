import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// An encoder of text. Equivalent to `BertModel` of Hugging Face transformers in evaluation mode and
/// in training.
///
/// Devlin et al., "BERT: Pre-training of deep bidirectional transformers for language understanding"
/// (2019). The MiniLM models of sentence-transformers are of this class with another
/// ``Configuration``: Wang et al., "MiniLM: Deep self-attention distillation for task-agnostic
/// compression of pre-trained transformers" (2020).
///
/// State dict, with the keys of the reference: `embeddings.word_embeddings.weight`,
/// `embeddings.position_embeddings.weight`, `embeddings.token_type_embeddings.weight` and
/// `embeddings.LayerNorm`; for each layer `encoder.layer.N.attention.self.query` (`key`, `value`),
/// `attention.output.dense`, `attention.output.LayerNorm`, `intermediate.dense`, `output.dense` and
/// `output.LayerNorm`, each with `weight` and `bias`; `pooler.dense`. Files of earlier versions, which
/// call the parameters of a normalization `gamma` and `beta` and have `embeddings.position_ids`, load
/// as well.
///
/// ```swift
/// let model = BertModel().eval()
/// let output = model(ids, attentionMask: mask)
/// output.lastHiddenState                       // (batch, tokens, 768)
/// ```
public final class BertModel: Module, NamedInputs, NamedBySources {
  /// The options, with the names of `config.json` in camelCase. The defaults are those of
  /// `bert-base-uncased`.
  public struct Configuration: Sendable {
    /// The number of tokens that there are.
    public var vocabSize = 30522
    /// The number of features of a token.
    public var hiddenSize = 768
    /// The number of layers.
    public var numHiddenLayers = 12
    /// The number of heads, a divisor of `hiddenSize`.
    public var numAttentionHeads = 12
    /// The number of features within the feed-forward part.
    public var intermediateSize = 3072
    /// The activation within the feed-forward part.
    public var hiddenAct = FeedForwardActivation.gelu
    /// The probability of dropping an element of a hidden state, in training.
    public var hiddenDropout = 0.1
    /// The probability of dropping an attention weight, in training.
    public var attentionDropout = 0.1
    /// The maximum number of tokens of a text.
    public var maxPositionEmbeddings = 512
    /// The number of types of tokens.
    public var typeVocabSize = 2
    /// The standard deviation of the initial weights.
    public var initializerRange = 0.02
    /// Added to the variance in normalizations.
    public var layerNormEps = 1e-12
    /// The token whose embedding is not trained; nil for none.
    public var padTokenID: Int? = 0

    /// The options of `bert-base-uncased`.
    public init() {}

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      vocabSize = try arguments.extent("vocab_size", default: vocabSize)
      hiddenSize = try arguments.extent("hidden_size", default: hiddenSize)
      numHiddenLayers = try arguments.depth("num_hidden_layers", default: numHiddenLayers)
      numAttentionHeads = try arguments.extent("num_attention_heads", default: numAttentionHeads)
      intermediateSize = try arguments.extent("intermediate_size", default: intermediateSize)
      hiddenAct = try arguments.activation("hidden_act", default: hiddenAct)
      hiddenDropout = try arguments.dropout("hidden_dropout_prob", default: hiddenDropout)
      attentionDropout = try arguments.dropout(
        "attention_probs_dropout_prob", default: attentionDropout)
      maxPositionEmbeddings = try arguments.extent(
        "max_position_embeddings", default: maxPositionEmbeddings)
      typeVocabSize = try arguments.extent("type_vocab_size", default: typeVocabSize)
      initializerRange = try arguments.small("initializer_range", default: initializerRange)
      layerNormEps = try arguments.small("layer_norm_eps", default: layerNormEps)
      padTokenID = try arguments.paddingToken(default: 0, of: vocabSize)
      try LayerArguments.checkHeads(
        ("hidden_size", hiddenSize), ("num_attention_heads", numAttentionHeads))
    }

    /// The options as a description gives them.
    static let options = [
      "vocab_size=30522", "hidden_size=768", "num_hidden_layers=12", "num_attention_heads=12",
      "intermediate_size=3072", "hidden_act=\"gelu\"", "hidden_dropout_prob=0.1",
      "attention_probs_dropout_prob=0.1", "max_position_embeddings=512", "type_vocab_size=2",
      "initializer_range=0.02", "layer_norm_eps=1e-12", "pad_token_id=0",
    ]
  }

  /// The options.
  public let configuration: Configuration
  let embeddings: BertEmbeddings
  private let encoder: BertEncoder
  private let pooler: BertPooler?

  /// An encoder with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options. Features that do not divide into the heads trap.
  ///   - addPoolingLayer: Whether the first token is pooled.
  public init(_ configuration: Configuration = Configuration(), addPoolingLayer: Bool = true) {
    require(
      configuration.hiddenSize.isMultiple(of: configuration.numAttentionHeads),
      "BertModel: \(configuration.hiddenSize) features do not divide into "
        + "\(configuration.numAttentionHeads) heads")
    self.configuration = configuration
    embeddings = BertEmbeddings(configuration)
    encoder = BertEncoder(configuration)
    pooler = addPoolingLayer ? BertPooler(configuration) : nil
  }

  /// The hidden states of the last layer, and the pooled first token.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): integers below the size of the vocabulary.
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  ///   - tokenTypeIDs: (batch, tokens): the sentence to which a token belongs; zeros if nil.
  /// - Returns: (batch, tokens, features), and (batch, features) if there is a pooling layer.
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor?, tokenTypeIDs: Tensor? = nil
  ) -> (lastHiddenState: Tensor, poolerOutput: Tensor?) {
    let outputs = withHooks(given: [inputIDs, attentionMask, tokenTypeIDs]) { inputs in
      let embedded = embeddings(inputs[0] ?? inputIDs, inputs[2])
      let hidden = encoder(embedded, mask: inputs[1].map(AttentionMask.padding))
      return pooler.map { [hidden, $0(hidden)] } ?? [hidden]
    }
    return (outputs[0], outputs.count > 1 ? outputs[1] : nil)
  }

  /// The hidden states of the last layer, of texts without padding.
  ///
  /// - Parameter input: (batch, tokens): integers below the size of the vocabulary.
  /// - Returns: (batch, tokens, features).
  public override func forward(_ input: Tensor) -> Tensor {
    encoder(embeddings(input, nil), mask: nil)
  }

  /// `input_ids`, `attention_mask` and `token_type_ids`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = [
      "batch", .any("tokens", atMost: configuration.maxPositionEmbeddings),
    ]
    return [
      ModelInput("input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput("attention_mask", .mask, shape, isOptional: true),
      ModelInput(
        "token_type_ids", .integers(below: configuration.typeVocabSize), shape, isOptional: true),
    ]
  }

  /// `last_hidden_state`, and `pooler_output` if there is a pooling layer.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    let output = self(
      inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
      tokenTypeIDs: inputs.optional("token_type_ids"))
    var outputs: OrderedDictionary = ["last_hidden_state": output.lastHiddenState]
    outputs["pooler_output"] = output.poolerOutput
    return outputs
  }

  /// Takes files of earlier versions: `gamma` and `beta`, and saved positions.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    state.dropPositions(prefix + "embeddings.position_ids")
    state.renameNormalizations()
  }
}

extension StateDict {
  /// Calls the parameters of normalizations `weight` and `bias`, which the first BERT called `gamma`
  /// and `beta`.
  mutating func renameNormalizations() {
    let (gamma, beta) = ("LayerNorm.gamma", "LayerNorm.beta")
    guard keys.contains(where: { $0.hasSuffix(gamma) || $0.hasSuffix(beta) }) else { return }
    let all = keys
    renameKeys { key in
      let name: String
      if key.hasSuffix(gamma) {
        name = key.dropLast(gamma.count) + "LayerNorm.weight"
      } else if key.hasSuffix(beta) {
        name = key.dropLast(beta.count) + "LayerNorm.bias"
      } else {
        return key
      }
      // Where both are, the old one stays, and is refused as unexpected.
      return all.contains(name) ? key : name
    }
  }
}

extension LayerArguments {
  /// `pad_token_id`: a token of the vocabulary, or null.
  mutating func paddingToken(
    default value: Int?, of vocabSize: Int
  ) throws(ModelError) -> Int? {
    guard self.value("pad_token_id") != nil else {
      return value.flatMap { $0 < vocabSize ? $0 : nil }
    }
    return try optionalInteger("pad_token_id", in: 0..<vocabSize)
  }
}

extension BertModel {
  /// Files of classes with a head that lack it, and those of sentence-transformers.
  public var namings: [KeyNaming] {
    KeyNaming.stripping("bert.") + KeyNaming.stripping("0.auto_model.")
  }
}
