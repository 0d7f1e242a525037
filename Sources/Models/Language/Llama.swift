import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A decoder of text. Equivalent to `LlamaModel` of Hugging Face transformers, and, with another
/// ``LlamaConfiguration``, to `MistralModel` and `Qwen2Model`.
///
/// Touvron et al., "LLaMA: Open and efficient foundation language models" (2023); Jiang et al.,
/// "Mistral 7B" (2023); Yang et al., "Qwen2 technical report" (2024). Several heads of queries share
/// one of keys and values: Ainslie et al., "GQA: Training generalized multi-query transformer models
/// from multi-head checkpoints" (2023).
///
/// State dict, with the keys of the reference: `embed_tokens.weight`; for each layer
/// `layers.N.self_attn.q_proj.weight` (`k_proj`, `v_proj`, `o_proj`), `mlp.gate_proj.weight`
/// (`up_proj`, `down_proj`), `input_layernorm.weight` and `post_attention_layernorm.weight`; `norm`.
/// The projections have a `bias` where the configuration says so.
///
/// Positions that start again do not separate texts: without a mask each token looks at all before it.
/// transformers separates such texts if it is to keep no cache (`use_cache: false` in `config.json`,
/// which changes nothing here).
public final class LlamaModel: Module, NamedInputs, NamedBySources {
  /// The options.
  public let configuration: LlamaConfiguration
  let embedTokens: Embedding
  private let layers: ModuleList<LlamaLayer>
  private let norm: RoundedRMSNorm
  private let rotary: RotaryEmbedding

  /// A decoder with normally distributed weights.
  ///
  /// - Parameter configuration: The options. Those that contradict each other trap.
  public init(_ configuration: LlamaConfiguration = LlamaConfiguration()) {
    if let problem = configuration.problem { trap("LlamaModel: \(problem)") }
    self.configuration = configuration
    embedTokens = NormalLayers(std: configuration.initializerRange).embedding(
      configuration.vocabSize, configuration.hiddenSize, paddingIndex: configuration.padTokenID)
    layers = ModuleList(
      (0..<configuration.numHiddenLayers).map { _ in LlamaLayer(configuration) })
    norm = RoundedRMSNorm(configuration.hiddenSize, eps: configuration.rmsNormEps)
    rotary = RotaryEmbedding(
      configuration.headFeatures, theta: configuration.ropeTheta,
      scaling: configuration.ropeScaling)
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
    require(
      inputIDs.rank == 2, "LlamaModel: tokens of shape \(inputIDs.shape), not (batch, tokens)")
    let (tokens, past) = (inputIDs.shape[1], cache?.count ?? 0)
    let positions = positionIDs ?? (Tensor.arange(tokens) + past).unsqueezed(0)
    let full = AttentionMask.causal(tokens, past: past, padding: attentionMask)
    let sliding = configuration.slidingWindow.map {
      AttentionMask.causal(tokens, past: past, window: $0, padding: attentionMask)
    }
    var context = DecoderContext(cache: cache, rotation: rotary.rotation(at: positions))
    var hidden = embedTokens(inputIDs)
    for (index, layer) in layers.enumerated() {
      context.layer = index
      context.mask = configuration.isSliding(index) ? sliding ?? full : full
      hidden = layer(hidden, context)
    }
    return norm(hidden)
  }

  /// The hidden states after the last layer, of texts without padding: (batch, tokens, features).
  public override func forward(_ input: Tensor) -> Tensor { self(input, cache: nil) }

  /// `input_ids`, `attention_mask` and `position_ids`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = ["batch", "tokens"]
    return [
      ModelInput("input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput("attention_mask", .mask, shape, isOptional: true),
      ModelInput(
        "position_ids", .integers(below: LayerArguments.maximumLength), shape, isOptional: true),
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

  /// Takes files of earlier versions, which have the frequencies of the rotary embeddings.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    dropFrequencies(&state, prefix)
  }
}

extension LlamaModel {
  /// Drops the frequencies of the rotary embeddings that earlier versions saved in each layer. Any
  /// other frequencies stay, and are refused as unexpected.
  private func dropFrequencies(_ state: inout StateDict, _ prefix: String) {
    let plain = RotaryEmbedding(
      configuration.headFeatures, theta: configuration.ropeTheta, scaling: .none)
    for layer in layers.indices {
      let key = "\(prefix)layers.\(layer).self_attn.rotary_emb.inv_freq"
      if let saved = state[key], plain.hasFrequencies(saved) || rotary.hasFrequencies(saved) {
        state[key] = nil
      }
    }
  }
}

/// Attention and a feed-forward part, each normalized before and beside a shortcut.
private final class LlamaLayer: DecoderModule {
  private let selfAttn: LlamaAttention
  private let mlp: LlamaFeedForward
  private let inputLayernorm: RoundedRMSNorm
  private let postAttentionLayernorm: RoundedRMSNorm

  init(_ configuration: LlamaConfiguration) {
    selfAttn = LlamaAttention(configuration)
    mlp = LlamaFeedForward(configuration)
    inputLayernorm = RoundedRMSNorm(configuration.hiddenSize, eps: configuration.rmsNormEps)
    postAttentionLayernorm = RoundedRMSNorm(configuration.hiddenSize, eps: configuration.rmsNormEps)
  }

  override func compute(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    let attended = hidden + selfAttn(inputLayernorm(hidden), context)
    return attended + mlp(postAttentionLayernorm(attended))
  }
}

private final class LlamaAttention: DecoderModule {
  private let qProj: Linear
  private let kProj: Linear
  private let vProj: Linear
  private let oProj: Linear
  private let heads: Int
  private let keyHeads: Int
  private let dropout: Double

  init(_ configuration: LlamaConfiguration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    heads = configuration.numAttentionHeads
    keyHeads = configuration.keyHeads
    let (features, hidden) = (configuration.headFeatures, configuration.hiddenSize)
    let bias = configuration.inputBias
    qProj = layers.linear(hidden, heads * features, bias: bias)
    kProj = layers.linear(hidden, keyHeads * features, bias: bias)
    vProj = layers.linear(hidden, keyHeads * features, bias: bias)
    oProj = layers.linear(heads * features, hidden, bias: configuration.outputBias)
    dropout = configuration.attentionDropout
  }

  override func compute(_ hidden: Tensor, _ context: DecoderContext) -> Tensor {
    let turn = { (x: Tensor) in context.rotation?(x) ?? x }
    let queries = turn(qProj(hidden).splitIntoHeads(heads))
    let (keys, values) = context.extended(
      turn(kProj(hidden).splitIntoHeads(keyHeads)), vProj(hidden).splitIntoHeads(keyHeads))
    let mixed = queries.scaledDotProductAttention(
      shared(keys), shared(values), mask: context.mask, dropout: isTraining ? dropout : 0)
    return oProj(mixed.joinedHeads())
  }

  /// The heads of keys or values, each as often as heads of queries share it.
  private func shared(_ x: Tensor) -> Tensor {
    let count = heads / keyHeads
    guard count > 1 else { return x }
    let (batch, tokens, features) = (x.shape[0], x.shape[2], x.shape[3])
    return x.unsqueezed(2).expanded([batch, keyHeads, count, tokens, features])
      .reshaped([batch, heads, tokens, features])
  }
}

/// down(act(gate(x)) · up(x)): Shazeer, "GLU variants improve transformer" (2020).
private final class LlamaFeedForward: Module {
  private let gateProj: Linear
  private let upProj: Linear
  private let downProj: Linear
  private let activation: FeedForwardActivation

  init(_ configuration: LlamaConfiguration) {
    let layers = NormalLayers(std: configuration.initializerRange)
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    gateProj = layers.linear(hidden, inner, bias: configuration.mlpBias)
    upProj = layers.linear(hidden, inner, bias: configuration.mlpBias)
    downProj = layers.linear(inner, hidden, bias: configuration.mlpBias)
    activation = configuration.hiddenAct
  }

  override func forward(_ input: Tensor) -> Tensor {
    downProj(activation(gateProj(input)) * upProj(input))
  }
}

/// A ``LlamaModel`` under the prefix `model.`, with a head that predicts the next token. Equivalent
/// to `LlamaForCausalLM` of Hugging Face transformers, and, with another configuration, to
/// `MistralForCausalLM` and `Qwen2ForCausalLM`.
///
/// State dict: that of ``LlamaModel``, and `lm_head.weight` (vocabulary, features), which is tied to
/// that of the embeddings if the configuration says so; a file need not have what is tied.
///
/// ```swift
/// let model = LlamaForCausalLM(configuration)
/// let text = try model.eval().generate(prompt, maxNewTokens: 20)
/// ```
public final class LlamaForCausalLM: Module, NamedInputs, CausalLanguageModel, NamedBySources {
  private let model: LlamaModel
  private let lmHead: Linear

  /// A model with normally distributed weights.
  ///
  /// - Parameter configuration: The options. Those that contradict each other trap.
  public init(_ configuration: LlamaConfiguration = LlamaConfiguration()) {
    model = LlamaModel(configuration)
    lmHead =
      configuration.tieWordEmbeddings
      ? Linear(weight: model.embedTokens.weight)
      : NormalLayers(std: configuration.initializerRange)
        .linear(configuration.hiddenSize, configuration.vocabSize, bias: false)
  }

  /// The scores of the token after each.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens, including those of the cache): zero where a token is
  ///     padding; nil if none is.
  ///   - positionIDs: (batch, tokens): the positions; those that follow the cache if nil.
  ///   - cache: The tokens before, to which these are added.
  /// - Returns: (batch, tokens, vocabulary).
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor? = nil, positionIDs: Tensor? = nil,
    cache: KeyValueCache?
  ) -> Tensor {
    withHooks(given: [inputIDs, attentionMask, positionIDs]) { inputs in
      [
        lmHead(
          model(
            inputs[0] ?? inputIDs, attentionMask: inputs[1], positionIDs: inputs[2], cache: cache))
      ]
    }[0]
  }

  /// The scores of the token after each, of texts without padding: (batch, tokens, vocabulary).
  public override func forward(_ input: Tensor) -> Tensor { self(input, cache: nil) }

  /// Nil: positions have no table.
  public var maximumLength: Int? { nil }

  /// Those of ``LlamaModel``.
  public var inputs: [ModelInput] { model.inputs }

  /// `logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    [
      "logits": self(
        inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
        positionIDs: inputs.optional("position_ids"), cache: nil)
    ]
  }

  /// Takes files without the tied tensor.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    guard model.configuration.tieWordEmbeddings else { return }
    state.fillTie(prefix + "lm_head.weight", from: prefix + "model.embed_tokens.weight")
  }
}

extension LlamaModel {
  /// Files of ``LlamaForCausalLM`` whose head is that of the embeddings.
  public var namings: [KeyNaming] {
    KeyNaming.stripping("model.", copies: ["lm_head.weight": "embed_tokens.weight"])
  }
}

extension LlamaForCausalLM {
  /// Files of ``LlamaModel``, if the head is that of the embeddings.
  public var namings: [KeyNaming] {
    KeyNaming.adding("model.", to: ["embed_tokens", "layers", "norm"])
  }
}
