import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// The encoder of T5. Equivalent to `T5EncoderModel` of Hugging Face transformers.
///
/// Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer"
/// (2020). Scores of attention are not scaled; a learned bias for the distance of two tokens is added
/// to them, by buckets that grow with the distance.
///
/// State dict, with the keys of the reference: `shared.weight`, and the same tensor as
/// `encoder.embed_tokens.weight`; for each block
/// `encoder.block.N.layer.0.SelfAttention.q.weight` (`k`, `v`, `o`), in the first also
/// `relative_attention_bias.weight`; `encoder.block.N.layer.0.layer_norm.weight`;
/// `encoder.block.N.layer.1.DenseReluDense.wi.weight`, or, with a gate, `wi_0` and `wi_1`; `wo`;
/// `encoder.block.N.layer.1.layer_norm.weight`; `encoder.final_layer_norm.weight`. A file need not
/// have the second name of the embeddings.
///
/// ```swift
/// let hidden = T5EncoderModel().eval()(ids, attentionMask: mask)      // (batch, tokens, 512)
/// ```
public final class T5EncoderModel: Module, NamedInputs, NamedBySources {
  /// The options, with the names of `config.json` in camelCase. The defaults are those of `t5-small`.
  public struct Configuration: Sendable {
    /// The number of tokens that there are.
    public var vocabSize = 32128
    /// The number of features of a token.
    public var dModel = 512
    /// The number of features of a head.
    public var dKv = 64
    /// The number of features within the feed-forward part.
    public var dFf = 2048
    /// The number of blocks.
    public var numLayers = 6
    /// The number of heads.
    public var numHeads = 8
    /// The number of buckets of distances, half of them for tokens after; even, and at least 4.
    public var relativeAttentionNumBuckets = 32
    /// The distance from which on all are in one bucket; more than a quarter of the buckets.
    public var relativeAttentionMaxDistance = 128
    /// The probability of dropping an element, in training.
    public var dropoutRate = 0.1
    /// Added to the mean square in normalizations.
    public var layerNormEpsilon = 1e-6
    /// A factor for the spread of the initial weights.
    public var initializerFactor = 1.0
    /// The activation within the feed-forward part.
    public var activation = FeedForwardActivation.relu
    /// Whether the feed-forward part has a gate, as in T5 1.1.
    public var isGated = false

    /// The options of `t5-small`.
    public init() {}

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      vocabSize = try arguments.extent("vocab_size", default: vocabSize)
      dModel = try arguments.extent("d_model", default: dModel)
      dKv = try arguments.extent("d_kv", default: dKv)
      dFf = try arguments.extent("d_ff", default: dFf)
      numLayers = try arguments.depth("num_layers", default: numLayers)
      numHeads = try arguments.extent("num_heads", default: numHeads)
      relativeAttentionNumBuckets = try arguments.extent(
        "relative_attention_num_buckets", default: relativeAttentionNumBuckets)
      relativeAttentionMaxDistance = try arguments.length(
        "relative_attention_max_distance", default: relativeAttentionMaxDistance)
      dropoutRate = try arguments.dropout("dropout_rate", default: dropoutRate)
      layerNormEpsilon = try arguments.small("layer_norm_epsilon", default: layerNormEpsilon)
      initializerFactor = try arguments.small("initializer_factor", default: initializerFactor)
      switch try arguments.text("feed_forward_proj", default: "relu") {
      case "relu": activation = .relu
      case "gated-gelu": (activation, isGated) = (.geluNew, true)
      case "gated-silu": (activation, isGated) = (.silu, true)
      case let other:
        throw ModelError(
          reason: "feed_forward_proj is \"\(other)\", and should be relu, gated-gelu or gated-silu")
      }
      if let problem { throw ModelError(reason: problem) }
    }

    /// What contradicts what, as a clause; nil if all fits.
    var problem: String? {
      let buckets = relativeAttentionNumBuckets
      if !buckets.isMultiple(of: 2) || buckets < 4 {
        return "relative_attention_num_buckets is \(buckets), and should be even and at least 4"
      }
      if relativeAttentionMaxDistance <= buckets / 4 {
        return "relative_attention_max_distance is \(relativeAttentionMaxDistance), and should be "
          + "more than a quarter of \(buckets) buckets"
      }
      return nil
    }

    /// The options as a description gives them.
    static let options = [
      "vocab_size=32128", "d_model=512", "d_kv=64", "d_ff=2048", "num_layers=6", "num_heads=8",
      "relative_attention_num_buckets=32", "relative_attention_max_distance=128",
      "dropout_rate=0.1", "layer_norm_epsilon=1e-06", "initializer_factor=1.0",
      "feed_forward_proj=\"relu\"",
    ]
  }

  /// The options.
  public let configuration: Configuration
  private let shared: Embedding
  private let encoder: T5Stack

  /// An encoder with the initial values of the reference's distributions.
  ///
  /// - Parameter configuration: The options. Those that contradict each other trap.
  public init(_ configuration: Configuration = Configuration()) {
    if let problem = configuration.problem { trap("T5EncoderModel: \(problem)") }
    self.configuration = configuration
    shared = NormalLayers(std: configuration.initializerFactor)
      .embedding(configuration.vocabSize, configuration.dModel)
    encoder = T5Stack(configuration, embedTokens: Embedding(weight: shared.weight))
  }

  /// The hidden states after the last block.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): integers below the size of the vocabulary.
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, tokens, features).
  public func callAsFunction(_ inputIDs: Tensor, attentionMask: Tensor?) -> Tensor {
    withHooks(given: [inputIDs, attentionMask]) { inputs in
      [encoder(inputs[0] ?? inputIDs, mask: inputs[1])]
    }[0]
  }

  /// The hidden states after the last block, of texts without padding: (batch, tokens, features).
  public override func forward(_ input: Tensor) -> Tensor { self(input, attentionMask: nil) }

  /// `input_ids` and `attention_mask`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = ["batch", "tokens"]
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

  /// Takes files that have the embeddings under one of their two names.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    let (shared, embedTokens) = (prefix + "shared.weight", prefix + "encoder.embed_tokens.weight")
    state.fillTie(embedTokens, from: shared)
    state.fillTie(shared, from: embedTokens)
  }
}

extension Architecture {
  /// `T5EncoderModel`, and the sizes that have names.
  static let t5Encoders: [Architecture] = {
    let encoder = Architecture(
      "T5EncoderModel", source: "transformers.T5EncoderModel",
      options: T5EncoderModel.Configuration.options
    ) { arguments throws(ModelError) in T5EncoderModel(try .init(&arguments)) }
    return [
      encoder, encoder.preset("t5-small-encoder", [:]),
      encoder.preset(
        "t5-base-encoder", ["d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12]),
      encoder.preset(
        "t5-v1_1-base-encoder",
        [
          "d_model": 768, "d_ff": 2048, "num_layers": 12, "num_heads": 12,
          "feed_forward_proj": "gated-gelu",
        ]),
    ]
  }()
}
