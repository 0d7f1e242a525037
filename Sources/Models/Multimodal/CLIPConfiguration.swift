import States

/// The options of ``CLIPModel``, with the names of `config.json` in camelCase. The defaults are those
/// of `clip-vit-base-patch32`.
public struct CLIPConfiguration: Sendable {
  /// The options of a tower of layers.
  public struct Tower: Sendable {
    /// The number of features of a token or patch.
    public var hiddenSize: Int
    /// The number of features within the feed-forward part.
    public var intermediateSize: Int
    /// The number of layers.
    public var numHiddenLayers = 12
    /// The number of heads, a divisor of `hiddenSize`.
    public var numAttentionHeads: Int
    /// The activation within the feed-forward part.
    public var hiddenAct = FeedForwardActivation.quickGELU
    /// Added to the variance in normalizations.
    public var layerNormEps = 1e-5
    /// The probability of dropping an attention weight, in training.
    public var attentionDropout = 0.0
    /// The standard deviation of the initial weights.
    public var initializerRange = 0.02

    /// What contradicts what, as a clause; nil if all fits.
    var problem: String? {
      hiddenSize.isMultiple(of: numAttentionHeads)
        ? nil
        : "hidden_size is \(hiddenSize), which does not divide into \(numAttentionHeads) heads "
          + "(num_attention_heads)"
    }

    fileprivate mutating func read(_ arguments: inout LayerArguments) throws(ModelError) {
      hiddenSize = try arguments.extent("hidden_size", default: hiddenSize)
      intermediateSize = try arguments.extent("intermediate_size", default: intermediateSize)
      numHiddenLayers = try arguments.depth("num_hidden_layers", default: numHiddenLayers)
      numAttentionHeads = try arguments.extent("num_attention_heads", default: numAttentionHeads)
      hiddenAct = try arguments.activation("hidden_act", default: hiddenAct)
      layerNormEps = try arguments.small("layer_norm_eps", default: layerNormEps)
      attentionDropout = try arguments.dropout("attention_dropout", default: attentionDropout)
      initializerRange = try arguments.small("initializer_range", default: initializerRange)
      if let problem { throw ModelError(reason: problem) }
    }

    fileprivate static let options = [
      "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
      "hidden_act", "layer_norm_eps", "attention_dropout", "initializer_range",
    ]
  }

  /// The tower for texts.
  public var text = Tower(hiddenSize: 512, intermediateSize: 2048, numAttentionHeads: 8)
  /// The number of tokens that there are.
  public var vocabSize = 49408
  /// The maximum number of tokens of a text.
  public var maxPositionEmbeddings = 77
  /// The token at the end of a text, whose features stand for the text; with 2 it is the token of the
  /// highest number, as in the first version of the reference.
  public var eosTokenID = 49407
  /// The tower for images.
  public var vision = Tower(hiddenSize: 768, intermediateSize: 3072, numAttentionHeads: 12)
  /// The number of channels of an image.
  public var numChannels = 3
  /// The height and width of an image.
  public var imageSize = 224
  /// The height and width of a patch.
  public var patchSize = 32
  /// The number of features in which texts and images are compared.
  public var projectionDim = 512
  /// The logarithm of the factor of the scores, at first.
  public var logitScaleInitValue = 2.6592

  /// The options of `clip-vit-base-patch32`.
  public init() {}

  init(_ arguments: inout LayerArguments) throws(ModelError) {
    projectionDim = try arguments.extent("projection_dim", default: projectionDim)
    logitScaleInitValue = try arguments.number(
      "logit_scale_init_value", default: logitScaleInitValue)
    if let given = try arguments.object("text_config") {
      var members = LayerArguments(given, path: "text_config")
      do throws(ModelError) {
        try text.read(&members)
        vocabSize = try members.extent("vocab_size", default: vocabSize)
        maxPositionEmbeddings = try members.extent(
          "max_position_embeddings", default: maxPositionEmbeddings)
        eosTokenID = try members.integer("eos_token_id", default: eosTokenID)
        try members.finish("text_config")
      } catch {
        throw ModelError(path: "text_config", reason: error.reason)
      }
    }
    if let given = try arguments.object("vision_config") {
      var members = LayerArguments(given, path: "vision_config")
      do throws(ModelError) {
        try vision.read(&members)
        numChannels = try members.extent("num_channels", default: numChannels)
        imageSize = try members.extent("image_size", default: imageSize)
        patchSize = try members.extent("patch_size", default: patchSize)
        try members.finish("vision_config")
      } catch {
        throw ModelError(path: "vision_config", reason: error.reason)
      }
    }
    if let problem { throw ModelError(reason: problem) }
  }

  /// What contradicts what, as a clause; nil if all fits.
  var problem: String? {
    text.problem ?? vision.problem
      ?? (patchSize > imageSize
        ? "patch_size is \(patchSize), more than image_size, \(imageSize)" : nil)
      ?? (isTooLarge
        ? "num_channels, image_size, patch_size and hidden_size are more than memory holds" : nil)
  }

  /// Whether the weight of the patches or the table of their positions has too many elements to be
  /// counted.
  private var isTooLarge: Bool {
    let features = Double(vision.hiddenSize)
    let side = Double(imageSize / patchSize)
    let area = Double(patchSize) * Double(patchSize)
    return max(side * side, Double(numChannels) * area) * features > 0x1p40
  }

  /// The options of the tower for texts as a description gives them.
  static let textOptions =
    Tower.options + ["vocab_size", "max_position_embeddings", "eos_token_id"]
  /// The options of the tower for images as a description gives them.
  static let visionOptions = Tower.options + ["num_channels", "image_size", "patch_size"]
}

extension LayerArguments {
  /// An object, or null; nil if absent.
  mutating func object(_ name: String) throws(ModelError) -> Value? {
    guard isGiven(name), let value = value(name) else { return nil }
    guard value.dictionary != nil else { throw ModelError(reason: "\(name) is no object") }
    return value
  }
}
