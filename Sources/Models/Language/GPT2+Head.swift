import Arrays
import Autograd
import NN
import OrderedCollections
import States

/// A ``GPT2Model`` under the prefix `transformer.`, with a head that predicts the next token.
/// Equivalent to `GPT2LMHeadModel` of Hugging Face transformers.
///
/// State dict: that of ``GPT2Model``, and `lm_head.weight` (vocabulary, features), which is tied to
/// that of the embeddings unless `tieWordEmbeddings` is false. A file need not have what is tied; one
/// without the prefix, as the hub has for `gpt2`, loads as well.
public final class GPT2LMHeadModel: Module, NamedInputs, CausalLanguageModel, NamedBySources {
  private let transformer: GPT2Model
  private let lmHead: Linear
  private let isTied: Bool

  /// A model with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options.
  ///   - tieWordEmbeddings: Whether the weight of the last layer is that of the embeddings.
  public init(_ configuration: GPT2Model.Configuration = .init(), tieWordEmbeddings: Bool = true) {
    transformer = GPT2Model(configuration)
    lmHead =
      tieWordEmbeddings
      ? Linear(weight: transformer.wte.weight)
      : NormalLayers(std: configuration.initializerRange)
        .linear(configuration.nEmbd, configuration.vocabSize, bias: false)
    isTied = tieWordEmbeddings
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
          transformer(
            inputs[0] ?? inputIDs, attentionMask: inputs[1], positionIDs: inputs[2], cache: cache))
      ]
    }[0]
  }

  /// The scores of the token after each, of texts without padding: (batch, tokens, vocabulary).
  public override func forward(_ input: Tensor) -> Tensor { self(input, cache: nil) }

  /// The maximum number of tokens of a text.
  public var maximumLength: Int? { transformer.configuration.nPositions }

  /// Those of ``GPT2Model``.
  public var inputs: [ModelInput] { transformer.inputs }

  /// `logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    [
      "logits": self(
        inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
        positionIDs: inputs.optional("position_ids"), cache: nil)
    ]
  }

  /// Takes files without the prefix `transformer.`, and without the tied tensor.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    let start = prefix + "transformer."
    if state[prefix + "wte.weight"] != nil, !state.keys.contains(where: { $0.hasPrefix(start) }) {
      state.renameKeys {
        $0.hasPrefix(prefix) && !$0.hasPrefix(prefix + "lm_head.")
          ? start + $0.dropFirst(prefix.count) : $0
      }
    }
    if isTied { state.fillTie(prefix + "lm_head.weight", from: start + "wte.weight") }
  }
}

extension Architecture {
  /// `GPT2Model` and `GPT2LMHeadModel`, and the sizes that have names.
  static let gpt2s: [Architecture] = {
    let decoder = Architecture(
      "GPT2Model", source: "transformers.GPT2Model", options: GPT2Model.Configuration.options
    ) { arguments throws(ModelError) in GPT2Model(try .init(&arguments)) }
    let head = Architecture(
      "GPT2LMHeadModel", source: "transformers.GPT2LMHeadModel",
      options: GPT2Model.Configuration.options + ["tie_word_embeddings=true"]
    ) { arguments throws(ModelError) in
      GPT2LMHeadModel(
        try .init(&arguments),
        tieWordEmbeddings: try arguments.flag("tie_word_embeddings", default: true))
    }
    return [
      decoder, head, head.preset("gpt2", [:]),
      head.preset("gpt2-medium", ["n_embd": 1024, "n_layer": 24, "n_head": 16]),
      head.preset("gpt2-large", ["n_embd": 1280, "n_layer": 36, "n_head": 20]),
      head.preset("gpt2-xl", ["n_embd": 1600, "n_layer": 48, "n_head": 25]),
    ]
  }()
}
