import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A model that hears speech and writes it down. Equivalent to `WhisperModel` of Hugging Face
/// transformers.
///
/// Radford et al., "Robust speech recognition via large-scale weak supervision" (2022).
///
/// State dict, with the keys of the reference: `encoder.conv1`, `encoder.conv2`,
/// `encoder.embed_positions.weight`, `encoder.layers.N.self_attn.k_proj.weight` (without a bias;
/// `v_proj`, `q_proj`, `out_proj` have one), `self_attn_layer_norm`, `fc1`, `fc2`,
/// `final_layer_norm`; `encoder.layer_norm`; the same under `decoder`, without convolutions, with
/// `decoder.embed_tokens.weight`, and in each layer `encoder_attn` and `encoder_attn_layer_norm`.
public final class WhisperModel: Module, NamedInputs, NamedBySources {
  /// The options, with the names of `config.json` in camelCase. The defaults are those of
  /// `whisper-tiny`, except for `padTokenID`.
  public struct Configuration: Sendable {
    /// The number of tokens that there are.
    public var vocabSize = 51865
    /// The number of bands of the spectrogram.
    public var numMelBins = 80
    /// The number of features of a token.
    public var dModel = 384
    /// The number of layers of the encoder.
    public var encoderLayers = 4
    /// The number of heads of the encoder, a divisor of `dModel`.
    public var encoderAttentionHeads = 6
    /// The number of features within the feed-forward part of the encoder.
    public var encoderFfnDim = 1536
    /// The number of layers of the decoder.
    public var decoderLayers = 4
    /// The number of heads of the decoder, a divisor of `dModel`.
    public var decoderAttentionHeads = 6
    /// The number of features within the feed-forward part of the decoder.
    public var decoderFfnDim = 1536
    /// The activation within the feed-forward parts.
    public var activationFunction = FeedForwardActivation.gelu
    /// The probability of dropping an element of a hidden state, in training.
    public var dropout = 0.0
    /// The probability of dropping an attention weight, in training.
    public var attentionDropout = 0.0
    /// The probability of dropping an element within the feed-forward part, in training.
    public var activationDropout = 0.0
    /// The standard deviation of the initial weights.
    public var initStd = 0.02
    /// Half the number of frames of a spectrogram.
    public var maxSourcePositions = 1500
    /// The maximum number of tokens of a text.
    public var maxTargetPositions = 448
    /// The token whose embedding is not trained; nil for none. That of the class; the published
    /// models of several languages have 50257.
    public var padTokenID: Int? = 50256

    /// The options of `whisper-tiny`, except for `padTokenID`.
    public init() {}

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      vocabSize = try arguments.extent("vocab_size", default: vocabSize)
      numMelBins = try arguments.extent("num_mel_bins", default: numMelBins)
      dModel = try arguments.extent("d_model", default: dModel)
      encoderLayers = try arguments.depth("encoder_layers", default: encoderLayers)
      encoderAttentionHeads = try arguments.extent(
        "encoder_attention_heads", default: encoderAttentionHeads)
      encoderFfnDim = try arguments.extent("encoder_ffn_dim", default: encoderFfnDim)
      decoderLayers = try arguments.depth("decoder_layers", default: decoderLayers)
      decoderAttentionHeads = try arguments.extent(
        "decoder_attention_heads", default: decoderAttentionHeads)
      decoderFfnDim = try arguments.extent("decoder_ffn_dim", default: decoderFfnDim)
      activationFunction = try arguments.activation(
        "activation_function", default: activationFunction)
      dropout = try arguments.dropout("dropout", default: dropout)
      attentionDropout = try arguments.dropout("attention_dropout", default: attentionDropout)
      activationDropout = try arguments.dropout("activation_dropout", default: activationDropout)
      initStd = try arguments.small("init_std", default: initStd)
      maxSourcePositions = try arguments.extent(
        "max_source_positions", default: maxSourcePositions)
      maxTargetPositions = try arguments.extent(
        "max_target_positions", default: maxTargetPositions)
      padTokenID = try arguments.paddingToken(default: padTokenID, of: vocabSize)
      if let problem { throw ModelError(reason: problem) }
    }

    /// What contradicts what, as a clause; nil if all fits.
    var problem: String? {
      for (name, heads) in [
        ("encoder_attention_heads", encoderAttentionHeads),
        ("decoder_attention_heads", decoderAttentionHeads),
      ] where !dModel.isMultiple(of: heads) {
        return "d_model is \(dModel), which does not divide into \(heads) heads (\(name))"
      }
      guard dModel >= 4, dModel.isMultiple(of: 2) else {
        return "d_model is \(dModel), and should be even and at least 4"
      }
      // The table of the encoder's positions is computed.
      guard Double(maxSourcePositions) * Double(dModel) <= 0x1p26 else {
        return "max_source_positions is \(maxSourcePositions), too many for a d_model of \(dModel)"
      }
      return nil
    }

    /// The options as a description gives them.
    static let options = [
      "vocab_size=51865", "num_mel_bins=80", "d_model=384", "encoder_layers=4",
      "encoder_attention_heads=6", "encoder_ffn_dim=1536", "decoder_layers=4",
      "decoder_attention_heads=6", "decoder_ffn_dim=1536", "activation_function=\"gelu\"",
      "dropout=0.0", "attention_dropout=0.0", "activation_dropout=0.0", "init_std=0.02",
      "max_source_positions=1500", "max_target_positions=448", "pad_token_id=50256",
    ]
  }

  /// The options.
  public let configuration: Configuration
  private let encoder: WhisperEncoder
  fileprivate let decoder: WhisperDecoder

  /// A model with normally distributed weights, but for those and the biases of the convolutions,
  /// which are uniform, as PyTorch's.
  ///
  /// - Parameter configuration: The options. Those that contradict each other trap.
  public init(_ configuration: Configuration = Configuration()) {
    if let problem = configuration.problem { trap("WhisperModel: \(problem)") }
    self.configuration = configuration
    encoder = WhisperEncoder(configuration)
    decoder = WhisperDecoder(configuration)
  }

  /// The hidden states after the last layers of the decoder and of the encoder.
  ///
  /// - Parameters:
  ///   - inputFeatures: (batch, bands, frames): a logarithmic mel spectrogram of exactly twice
  ///     `maxSourcePositions` frames.
  ///   - decoderInputIDs: (batch, tokens): the text so far.
  ///   - decoderAttentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, tokens, features), and (batch, frames / 2, features).
  public func callAsFunction(
    _ inputFeatures: Tensor, decoderInputIDs: Tensor, decoderAttentionMask: Tensor? = nil
  ) -> (lastHiddenState: Tensor, encoderLastHiddenState: Tensor) {
    let outputs = withHooks(given: [inputFeatures, decoderInputIDs, decoderAttentionMask]) {
      inputs in
      let heard = encoder(inputs[0] ?? inputFeatures)
      return [decoder(inputs[1] ?? decoderInputIDs, mask: inputs[2], heard: heard), heard]
    }
    return (outputs[0], outputs[1])
  }

  /// `input_features`, `decoder_input_ids` and `decoder_attention_mask`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = [
      "batch", .any("tokens", atMost: configuration.maxTargetPositions),
    ]
    return [
      ModelInput(
        "input_features", .numbers,
        [
          "batch", .exactly(configuration.numMelBins),
          .exactly(2 * configuration.maxSourcePositions),
        ]),
      ModelInput("decoder_input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput("decoder_attention_mask", .mask, shape, isOptional: true),
    ]
  }

  /// `last_hidden_state` and `encoder_last_hidden_state`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    let output = self(
      inputs["input_features"], decoderInputIDs: inputs["decoder_input_ids"],
      decoderAttentionMask: inputs.optional("decoder_attention_mask"))
    return [
      "last_hidden_state": output.lastHiddenState,
      "encoder_last_hidden_state": output.encoderLastHiddenState,
    ]
  }
}

/// A ``WhisperModel`` under the prefix `model.`, with a head that predicts the next token. Equivalent
/// to `WhisperForConditionalGeneration` of Hugging Face transformers.
///
/// State dict: that of ``WhisperModel``, and `proj_out.weight` (vocabulary, features), which is tied
/// to that of the embeddings unless `tieWordEmbeddings` is false; a file need not have what is tied.
public final class WhisperForConditionalGeneration: Module, NamedInputs, NamedBySources {
  private let model: WhisperModel
  private let projOut: Linear
  private let isTied: Bool

  /// A model with normally distributed weights, but for those and the biases of the convolutions,
  /// which are uniform, as PyTorch's.
  ///
  /// - Parameters:
  ///   - configuration: The options. Those that contradict each other trap.
  ///   - tieWordEmbeddings: Whether the weight of the last layer is that of the embeddings.
  public init(
    _ configuration: WhisperModel.Configuration = .init(), tieWordEmbeddings: Bool = true
  ) {
    model = WhisperModel(configuration)
    projOut =
      tieWordEmbeddings
      ? Linear(weight: model.decoder.embedTokens.weight)
      : NormalLayers(std: configuration.initStd)
        .linear(configuration.dModel, configuration.vocabSize, bias: false)
    isTied = tieWordEmbeddings
  }

  /// The scores of the token after each, and the hidden states of the encoder.
  ///
  /// - Parameters:
  ///   - inputFeatures: (batch, bands, frames): a logarithmic mel spectrogram of exactly twice
  ///     `maxSourcePositions` frames.
  ///   - decoderInputIDs: (batch, tokens): the text so far.
  ///   - decoderAttentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, tokens, vocabulary), and (batch, frames / 2, features).
  public func callAsFunction(
    _ inputFeatures: Tensor, decoderInputIDs: Tensor, decoderAttentionMask: Tensor? = nil
  ) -> (logits: Tensor, encoderLastHiddenState: Tensor) {
    let outputs = withHooks(given: [inputFeatures, decoderInputIDs, decoderAttentionMask]) {
      inputs in
      let output = model(
        inputs[0] ?? inputFeatures, decoderInputIDs: inputs[1] ?? decoderInputIDs,
        decoderAttentionMask: inputs[2])
      return [projOut(output.lastHiddenState), output.encoderLastHiddenState]
    }
    return (outputs[0], outputs[1])
  }

  /// Those of ``WhisperModel``.
  public var inputs: [ModelInput] { model.inputs }

  /// `logits` and `encoder_last_hidden_state`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    let output = self(
      inputs["input_features"], decoderInputIDs: inputs["decoder_input_ids"],
      decoderAttentionMask: inputs.optional("decoder_attention_mask"))
    return [
      "logits": output.logits, "encoder_last_hidden_state": output.encoderLastHiddenState,
    ]
  }

  /// Takes files without the tied tensor.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    guard isTied else { return }
    state.fillTie(prefix + "proj_out.weight", from: prefix + "model.decoder.embed_tokens.weight")
  }
}

extension WhisperModel {
  /// Files of ``WhisperForConditionalGeneration`` whose head is that of the embeddings.
  public var namings: [KeyNaming] {
    KeyNaming.stripping("model.", copies: ["proj_out.weight": "decoder.embed_tokens.weight"])
  }
}

extension WhisperForConditionalGeneration {
  /// Files of ``WhisperModel``, if the head is that of the embeddings.
  public var namings: [KeyNaming] {
    KeyNaming.adding("model.", to: ["encoder", "decoder"])
  }
}

extension Architecture {
  /// `WhisperModel` and its head, and the sizes that have names.
  static let whispers: [Architecture] = {
    let model = Architecture(
      "WhisperModel", source: "transformers.WhisperModel",
      options: WhisperModel.Configuration.options
    ) { arguments throws(ModelError) in WhisperModel(try .init(&arguments)) }
    let head = Architecture(
      "WhisperForConditionalGeneration", source: "transformers.WhisperForConditionalGeneration",
      options: WhisperModel.Configuration.options + ["tie_word_embeddings=true"]
    ) { arguments throws(ModelError) in
      WhisperForConditionalGeneration(
        try .init(&arguments),
        tieWordEmbeddings: try arguments.flag("tie_word_embeddings", default: true))
    }
    func size(_ name: String, _ layers: Int, _ features: Int, _ heads: Int) -> Architecture {
      head.preset(
        name,
        [
          "d_model": .int(features), "encoder_layers": .int(layers),
          "decoder_layers": .int(layers), "encoder_attention_heads": .int(heads),
          "decoder_attention_heads": .int(heads), "encoder_ffn_dim": .int(4 * features),
          "decoder_ffn_dim": .int(4 * features), "pad_token_id": 50257,
        ])
    }
    return [
      model, head, head.preset("whisper-tiny", ["pad_token_id": 50257]),
      size("whisper-base", 6, 512, 8),
      size("whisper-small", 12, 768, 12), size("whisper-medium", 24, 1024, 16),
    ]
  }()
}
