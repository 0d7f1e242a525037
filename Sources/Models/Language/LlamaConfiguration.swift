import States

/// The options of ``LlamaModel`` and its siblings, with the names of `config.json` in camelCase. The
/// defaults are those of the first Llama of seven billion parameters.
public struct LlamaConfiguration: Sendable {
  /// The number of tokens that there are.
  public var vocabSize = 32000
  /// The number of features of a token.
  public var hiddenSize = 4096
  /// The number of features within the feed-forward part.
  public var intermediateSize = 11008
  /// The number of layers.
  public var numHiddenLayers = 32
  /// The number of heads of queries.
  public var numAttentionHeads = 32
  /// The number of heads of keys and values, a divisor of `numAttentionHeads`, which it is if nil.
  public var numKeyValueHeads: Int?
  /// The number of features of a head, which is even; `hiddenSize / numAttentionHeads` if nil.
  public var headDim: Int?
  /// The activation within the feed-forward part.
  public var hiddenAct = FeedForwardActivation.silu
  /// The standard deviation of the initial weights.
  public var initializerRange = 0.02
  /// Added to the mean square in normalizations.
  public var rmsNormEps = 1e-6
  /// The token whose embedding is not trained; nil for none.
  public var padTokenID: Int?
  /// Whether the weight of the head is that of the embeddings.
  public var tieWordEmbeddings = false
  /// The base of the frequencies of the rotary embeddings.
  public var ropeTheta = 10000.0
  /// How the frequencies are changed for longer texts.
  public var ropeScaling = RotaryEmbedding.Scaling.none
  /// Whether the projections of queries, keys and values have biases.
  public var inputBias = false
  /// Whether the projection of the output of an attention has a bias.
  public var outputBias = false
  /// Whether the feed-forward part has biases.
  public var mlpBias = false
  /// The probability of dropping an attention weight, in training.
  public var attentionDropout = 0.0
  /// How many tokens a token may look at in a layer that is so limited, itself included; nil for no
  /// limit.
  public var slidingWindow: Int?
  /// Which layers are limited; all if nil.
  public var slidingLayers: [Bool]?

  /// The options of the first Llama of seven billion parameters.
  public init() {}

  /// The number of heads of keys and values.
  var keyHeads: Int { numKeyValueHeads ?? numAttentionHeads }

  /// The number of features of a head.
  var headFeatures: Int { headDim ?? hiddenSize / numAttentionHeads }

  /// Whether a layer is limited.
  func isSliding(_ layer: Int) -> Bool {
    slidingWindow != nil && slidingLayers.map { $0[layer] } ?? true
  }

  /// What contradicts what, as a clause; nil if all fits.
  var problem: String? {
    if headDim == nil, !hiddenSize.isMultiple(of: numAttentionHeads) {
      return "hidden_size is \(hiddenSize), which does not divide into \(numAttentionHeads) heads "
        + "(num_attention_heads)"
    }
    if !numAttentionHeads.isMultiple(of: keyHeads) {
      return "num_attention_heads is \(numAttentionHeads), which does not divide into \(keyHeads) "
        + "heads of keys (num_key_value_heads)"
    }
    if !headFeatures.isMultiple(of: 2) {
      return "a head has \(headFeatures) features, which cannot be paired"
    }
    if let slidingLayers, slidingLayers.count != numHiddenLayers {
      return "there are \(slidingLayers.count) types of layers (layer_types) for "
        + "\(numHiddenLayers) layers"
    }
    return nil
  }
}

extension LlamaConfiguration {
  /// The siblings, which differ in their options.
  enum Kind: String, CaseIterable {
    case llama = "Llama"
    case mistral = "Mistral"
    case qwen2 = "Qwen2"

    /// The options of the class in transformers that has this configuration.
    var standard: LlamaConfiguration {
      var standard = LlamaConfiguration()
      switch self {
      case .llama: break
      case .mistral:
        standard.intermediateSize = 14336
        standard.numKeyValueHeads = 8
        standard.slidingWindow = 4096
      case .qwen2:
        standard.vocabSize = 151_936
        standard.intermediateSize = 22016
        standard.numKeyValueHeads = 32
        standard.inputBias = true
      }
      return standard
    }

    /// The options as a description gives them.
    var options: [String] {
      let standard = standard
      let common = [
        "vocab_size=\(standard.vocabSize)", "hidden_size=4096",
        "intermediate_size=\(standard.intermediateSize)", "num_hidden_layers=32",
        "num_attention_heads=32",
        "num_key_value_heads=\(standard.numKeyValueHeads.map(String.init) ?? "null")",
        "head_dim=null", "hidden_act=\"silu\"", "initializer_range=0.02", "rms_norm_eps=1e-06",
        "pad_token_id=null", "tie_word_embeddings=false", "rope_theta=10000.0",
        "rope_scaling=null", "rope_parameters=null", "attention_dropout=0.0",
      ]
      switch self {
      case .llama: return common + ["attention_bias=false", "mlp_bias=false"]
      case .mistral: return common + ["sliding_window=4096"]
      case .qwen2:
        return common + [
          "use_sliding_window=false", "sliding_window=4096", "max_window_layers=28",
          "layer_types=null",
        ]
      }
    }
  }

  /// The options of a description.
  init(_ kind: Kind, _ arguments: inout LayerArguments) throws(ModelError) {
    self = kind.standard
    vocabSize = try arguments.extent("vocab_size", default: vocabSize)
    hiddenSize = try arguments.extent("hidden_size", default: hiddenSize)
    intermediateSize = try arguments.extent("intermediate_size", default: intermediateSize)
    numHiddenLayers = try arguments.depth("num_hidden_layers", default: numHiddenLayers)
    numAttentionHeads = try arguments.extent("num_attention_heads", default: numAttentionHeads)
    // Where it is null, there are as many as of queries; where it is absent, the class decides.
    if arguments.value("num_key_value_heads") != nil {
      numKeyValueHeads = try arguments.optionalExtent("num_key_value_heads")
    }
    headDim = try arguments.optionalExtent("head_dim")
    hiddenAct = try arguments.activation("hidden_act", default: hiddenAct)
    initializerRange = try arguments.small("initializer_range", default: initializerRange)
    rmsNormEps = try arguments.small("rms_norm_eps", default: rmsNormEps)
    padTokenID = try arguments.paddingToken(default: nil, of: vocabSize)
    tieWordEmbeddings = try arguments.flag("tie_word_embeddings", default: false)
    (ropeTheta, ropeScaling) = try arguments.rotaryEmbedding(theta: ropeTheta)
    attentionDropout = try arguments.dropout("attention_dropout", default: 0)
    switch kind {
    case .llama:
      inputBias = try arguments.flag("attention_bias", default: false)
      outputBias = inputBias
      mlpBias = try arguments.flag("mlp_bias", default: false)
    case .mistral:
      if arguments.value("sliding_window") != nil {
        slidingWindow = try arguments.optionalLength("sliding_window")
      }
    case .qwen2: try readWindows(&arguments)
    }
    if let problem { throw ModelError(reason: problem) }
  }

  /// The windows of Qwen2, which are off unless `use_sliding_window`, and begin at a layer.
  private mutating func readWindows(_ arguments: inout LayerArguments) throws(ModelError) {
    let isUsed = try arguments.flag("use_sliding_window", default: false)
    let isGiven = arguments.value("sliding_window") != nil
    let window = try isGiven ? arguments.optionalLength("sliding_window") : 4096
    let first = try arguments.integer("max_window_layers", default: 28)
    guard !isUsed || window != nil else {
      throw ModelError(reason: "use_sliding_window is true, while sliding_window is null")
    }
    slidingWindow = isUsed ? window : nil
    slidingLayers = (0..<numHiddenLayers).map { $0 >= first }
    if arguments.isGiven("layer_types") {
      let types = arguments.value("layer_types")?.elements?.map(\.stringValue) ?? []
      slidingLayers = try types.map { type throws(ModelError) in
        switch type {
        case "full_attention": return false
        case "sliding_attention": return true
        default:
          throw ModelError(
            reason: "layer_types has \(type ?? "no text"); full_attention and sliding_attention "
              + "are supported")
        }
      }
      guard isUsed || !types.contains("sliding_attention") else {
        throw ModelError(
          reason: "layer_types has sliding_attention, while use_sliding_window is false")
      }
    }
  }
}

extension Architecture {
  /// `LlamaModel`, `LlamaForCausalLM` and their siblings.
  static let llamas: [Architecture] = LlamaConfiguration.Kind.allCases.flatMap { kind in
    [
      Architecture(
        "\(kind.rawValue)Model", source: "transformers.\(kind.rawValue)Model",
        options: kind.options
      ) { arguments throws(ModelError) in LlamaModel(try .init(kind, &arguments)) },
      Architecture(
        "\(kind.rawValue)ForCausalLM", source: "transformers.\(kind.rawValue)ForCausalLM",
        options: kind.options
      ) { arguments throws(ModelError) in LlamaForCausalLM(try .init(kind, &arguments)) },
    ]
  }
}
