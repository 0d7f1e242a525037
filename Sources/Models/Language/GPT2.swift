import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A decoder of text. Equivalent to `GPT2Model` of Hugging Face transformers.
///
/// Radford et al., "Language models are unsupervised multitask learners" (2019).
///
/// State dict, with the keys of the reference: `wte.weight`, `wpe.weight`; for each layer `h.N.ln_1`,
/// `h.N.attn.c_attn`, `h.N.attn.c_proj`, `h.N.ln_2`, `h.N.mlp.c_fc` and `h.N.mlp.c_proj`, each with
/// `weight` and `bias`; `ln_f`. The weights of `c_attn`, `c_proj` and `c_fc` are (in, out), unlike
/// those of a linear layer. The causal masks that earlier versions saved, `h.N.attn.bias`, are
/// accepted.
///
/// Positions that start again do not separate texts: without a mask each token looks at all before it.
/// transformers separates such texts if it is to keep no cache (`use_cache: false` in `config.json`,
/// which changes nothing here).
///
/// ```swift
/// let hidden = GPT2Model().eval()(ids)         // (batch, tokens, 768)
/// ```
public final class GPT2Model: Module, NamedInputs, NamedBySources {
  /// The options, with the names of `config.json` in camelCase. The defaults are those of `gpt2`.
  public struct Configuration: Sendable {
    /// The number of tokens that there are.
    public var vocabSize = 50257
    /// The maximum number of tokens of a text.
    public var nPositions = 1024
    /// The number of features of a token.
    public var nEmbd = 768
    /// The number of layers.
    public var nLayer = 12
    /// The number of heads, a divisor of `nEmbd`.
    public var nHead = 12
    /// The number of features within the feed-forward part; four times `nEmbd` if nil.
    public var nInner: Int?
    /// The activation within the feed-forward part.
    public var activationFunction = FeedForwardActivation.geluNew
    /// The probability of dropping an element before it is added to a shortcut, in training.
    public var residualDropout = 0.1
    /// The probability of dropping an element of the embeddings, in training.
    public var embeddingDropout = 0.1
    /// The probability of dropping an attention weight, in training.
    public var attentionDropout = 0.1
    /// Added to the variance in normalizations.
    public var layerNormEpsilon = 1e-5
    /// The standard deviation of the initial weights.
    public var initializerRange = 0.02
    /// Whether scores are divided by the square root of the number of features of a head.
    public var scaleAttentionWeights = true
    /// Whether scores are also divided by the number of the layer, counted from 1.
    public var scaleAttentionByInverseLayerIndex = false

    /// The options of `gpt2`.
    public init() {}

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      vocabSize = try arguments.extent("vocab_size", default: vocabSize)
      nPositions = try arguments.extent("n_positions", default: nPositions)
      nEmbd = try arguments.extent("n_embd", default: nEmbd)
      nLayer = try arguments.depth("n_layer", default: nLayer)
      nHead = try arguments.extent("n_head", default: nHead)
      nInner = try arguments.optionalExtent("n_inner")
      activationFunction = try arguments.activation(
        "activation_function", default: activationFunction)
      residualDropout = try arguments.dropout("resid_pdrop", default: residualDropout)
      embeddingDropout = try arguments.dropout("embd_pdrop", default: embeddingDropout)
      attentionDropout = try arguments.dropout("attn_pdrop", default: attentionDropout)
      layerNormEpsilon = try arguments.small("layer_norm_epsilon", default: layerNormEpsilon)
      initializerRange = try arguments.small("initializer_range", default: initializerRange)
      scaleAttentionWeights = try arguments.flag("scale_attn_weights", default: true)
      scaleAttentionByInverseLayerIndex = try arguments.flag(
        "scale_attn_by_inverse_layer_idx", default: false)
      try LayerArguments.checkHeads(("n_embd", nEmbd), ("n_head", nHead))
    }

    /// The options as a description gives them.
    static let options = [
      "vocab_size=50257", "n_positions=1024", "n_embd=768", "n_layer=12", "n_head=12",
      "n_inner=null", "activation_function=\"gelu_new\"", "resid_pdrop=0.1", "embd_pdrop=0.1",
      "attn_pdrop=0.1", "layer_norm_epsilon=1e-05", "initializer_range=0.02",
      "scale_attn_weights=true", "scale_attn_by_inverse_layer_idx=false",
    ]
  }

  /// The options.
  public let configuration: Configuration
  let wte: Embedding
  private let wpe: Embedding
  private let drop: Dropout
  private let h: ModuleList<GPT2Block>
  private let lnF: LayerNorm

  /// A decoder with normally distributed weights.
  ///
  /// - Parameter configuration: The options. Features that do not divide into the heads trap.
  public init(_ configuration: Configuration = Configuration()) {
    require(
      configuration.nEmbd.isMultiple(of: configuration.nHead),
      "GPT2Model: \(configuration.nEmbd) features do not divide into \(configuration.nHead) heads")
    let layers = NormalLayers(std: configuration.initializerRange)
    self.configuration = configuration
    wte = layers.embedding(configuration.vocabSize, configuration.nEmbd)
    wpe = layers.embedding(configuration.nPositions, configuration.nEmbd)
    drop = Dropout(configuration.embeddingDropout)
    h = ModuleList((0..<configuration.nLayer).map { GPT2Block(configuration, layer: $0) })
    lnF = LayerNorm(configuration.nEmbd, eps: configuration.layerNormEpsilon)
  }

  /// The hidden states after the last layer.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens): integers below the size of the vocabulary.
  ///   - attentionMask: (batch, tokens, including those of the cache): zero where a token is
  ///     padding; nil if none is.
  ///   - positionIDs: (batch, tokens): the positions; those that follow the cache if nil.
  ///   - cache: The tokens before, to which these are added.
  /// - Returns: (batch, tokens, features).
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor? = nil, positionIDs: Tensor? = nil,
    cache: KeyValueCache?
  ) -> Tensor {
    withHooks(given: [inputIDs, attentionMask, positionIDs]) { inputs in
      [decode(inputs[0] ?? inputIDs, inputs[1], inputs[2], cache)]
    }[0]
  }

  private func decode(
    _ inputIDs: Tensor, _ attentionMask: Tensor?, _ positionIDs: Tensor?, _ cache: KeyValueCache?
  ) -> Tensor {
    require(inputIDs.rank == 2, "GPT2Model: tokens of shape \(inputIDs.shape), not (batch, tokens)")
    let (tokens, past) = (inputIDs.shape[1], cache?.count ?? 0)
    let positions = positionIDs ?? (Tensor.arange(tokens) + past).unsqueezed(0)
    var context = DecoderContext(
      mask: AttentionMask.causal(tokens, past: past, padding: attentionMask), cache: cache)
    var hidden = drop(wte(inputIDs) + wpe(positions))
    for (index, block) in h.enumerated() {
      context.layer = index
      hidden = block(hidden, context)
    }
    return lnF(hidden)
  }

  /// The hidden states after the last layer, of texts without padding: (batch, tokens, features).
  public override func forward(_ input: Tensor) -> Tensor { self(input, cache: nil) }

  /// `input_ids`, `attention_mask` and `position_ids`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = ["batch", .any("tokens", atMost: configuration.nPositions)]
    return [
      ModelInput("input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput("attention_mask", .mask, shape, isOptional: true),
      ModelInput(
        "position_ids", .integers(below: configuration.nPositions), shape, isOptional: true),
    ]
  }

  /// `last_hidden_state`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    [
      "last_hidden_state": self(
        inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
        positionIDs: inputs.optional("position_ids"), cache: nil)
    ]
  }
}

/// Attention and a feed-forward part, each normalized before and beside a shortcut.
private final class GPT2Block: DecoderModule {
  private let ln1: LayerNorm
  private let attn: GPT2Attention
  private let ln2: LayerNorm
  private let mlp: GPT2FeedForward

  override class var stateKeyOverrides: [String: String] { ["ln1": "ln_1", "ln2": "ln_2"] }

  init(_ configuration: GPT2Model.Configuration, layer: Int) {
    ln1 = LayerNorm(configuration.nEmbd, eps: configuration.layerNormEpsilon)
    attn = GPT2Attention(configuration, layer: layer)
    ln2 = LayerNorm(configuration.nEmbd, eps: configuration.layerNormEpsilon)
    mlp = GPT2FeedForward(configuration)
  }

  override func compute(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    let attended = attn(ln1(hidden), context) + hidden
    return attended + mlp(ln2(attended))
  }
}

private final class GPT2Attention: DecoderModule {
  private let cAttn: Conv1D
  private let cProj: Conv1D
  private let residDropout: Dropout
  private let dropout: Double
  private let heads: Int
  private let scale: Double

  init(_ configuration: GPT2Model.Configuration, layer: Int) {
    let features = configuration.nEmbd
    cAttn = Conv1D(features, 3 * features, std: configuration.initializerRange)
    cProj = Conv1D(features, features, std: configuration.residualStd)
    residDropout = Dropout(configuration.residualDropout)
    dropout = configuration.attentionDropout
    heads = configuration.nHead
    var scale = 1.0
    if configuration.scaleAttentionWeights { scale /= Double(features / heads).squareRoot() }
    if configuration.scaleAttentionByInverseLayerIndex { scale /= Double(layer + 1) }
    self.scale = scale
  }

  override func compute(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    let parts = cAttn(hidden).chunked(3, axis: 2).map { $0.splitIntoHeads(heads) }
    let (keys, values) = context.extended(parts[1], parts[2])
    let mixed = parts[0].scaledDotProductAttention(
      keys, values, mask: context.mask, dropout: isTraining ? dropout : 0, scale: scale)
    return residDropout(cProj(mixed.joinedHeads()))
  }

  /// Drops the causal mask that earlier versions saved. Any other mask stays, and is refused as
  /// unexpected.
  override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    if let mask = state[prefix + "bias"], mask.shape.rank == 4,
      mask.shape[2] == mask.shape[3], mask.elementCount == mask.shape[2] * mask.shape[3]
    {
      let length = mask.shape[2]
      let isCausal = mask.cast(to: .float32).elements(as: Float.self).enumerated().allSatisfy {
        $0.element == ($0.offset % length <= $0.offset / length ? 1 : 0)
      }
      if isCausal { state[prefix + "bias"] = nil }
    }
    if let fill = state[prefix + "masked_bias"], fill.elementCount == 1,
      fill.cast(to: .float32).elements(as: Float.self) == [-1e4]
    {
      state[prefix + "masked_bias"] = nil
    }
  }
}

private final class GPT2FeedForward: Module {
  private let cFc: Conv1D
  private let cProj: Conv1D
  private let dropout: Dropout
  private let activation: FeedForwardActivation

  init(_ configuration: GPT2Model.Configuration) {
    let inner = configuration.nInner ?? 4 * configuration.nEmbd
    cFc = Conv1D(configuration.nEmbd, inner, std: configuration.initializerRange)
    cProj = Conv1D(inner, configuration.nEmbd, std: configuration.residualStd)
    dropout = Dropout(configuration.residualDropout)
    activation = configuration.activationFunction
  }

  override func forward(_ input: Tensor) -> Tensor { dropout(cProj(activation(cFc(input)))) }
}

extension GPT2Model.Configuration {
  /// The spread of what is added to a shortcut, which is less the more layers there are.
  fileprivate var residualStd: Double { initializerRange / Double(2 * nLayer).squareRoot() }
}

/// x · weight + bias, with a weight of (in, out): a linear layer as OpenAI saved it. Equivalent to
/// `Conv1D` of transformers.
final class Conv1D: Module {
  /// (in, out).
  let weight: Parameter
  private let bias: Parameter

  init(_ inFeatures: Int, _ outFeatures: Int, std: Double) {
    weight = NormalLayers(std: std).weight([inFeatures, outFeatures])
    bias = Parameter(Tensor.zeros([outFeatures]))
  }

  override func forward(_ input: Tensor) -> Tensor { input.matmul(weight) + bias }

  override var extraDescription: String { "nf=\(weight.shape[1]), nx=\(weight.shape[0])" }
}

extension GPT2Model {
  /// Files of ``GPT2LMHeadModel`` whose head is that of the embeddings.
  public var namings: [KeyNaming] {
    KeyNaming.stripping("transformer.", copies: ["lm_head.weight": "wte.weight"])
  }
}
