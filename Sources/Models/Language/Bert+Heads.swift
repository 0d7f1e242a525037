import Arrays
import Autograd
import NN
import OrderedCollections
import States

/// A ``BertModel`` under the prefix `bert.`, with a head that predicts masked tokens. Equivalent to
/// `BertForMaskedLM` of Hugging Face transformers, or with `predictsNextSentence` to
/// `BertForPreTraining`.
///
/// State dict: that of ``BertModel`` without the pooler; `cls.predictions.bias`,
/// `cls.predictions.transform.dense`, `cls.predictions.transform.LayerNorm`, and
/// `cls.predictions.decoder`, whose `weight` is tied to that of the word embeddings unless
/// `tieWordEmbeddings` is false, and whose `bias` is the first one; with `predictsNextSentence` also
/// the pooler and `cls.seq_relationship`. A file need not have what is tied.
public final class BertForMaskedLM: Module, NamedInputs, NamedBySources {
  private let bert: BertModel
  private let cls: BertPretrainingHeads
  private let isTied: Bool

  /// A model with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options.
  ///   - tieWordEmbeddings: Whether the weight of the last layer is that of the word embeddings.
  ///   - predictsNextSentence: Whether there is a second head, which says whether the second sentence
  ///     follows the first.
  public init(
    _ configuration: BertModel.Configuration = .init(), tieWordEmbeddings: Bool = true,
    predictsNextSentence: Bool = false
  ) {
    bert = BertModel(configuration, addPoolingLayer: predictsNextSentence)
    cls = BertPretrainingHeads(
      configuration, tied: tieWordEmbeddings ? bert.embeddings.wordEmbeddings.weight : nil,
      predictsNextSentence: predictsNextSentence)
    isTied = tieWordEmbeddings
  }

  /// The scores of the tokens at each place, and of the relation of the sentences.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  ///   - tokenTypeIDs: (batch, tokens): the sentence to which a token belongs; zeros if nil.
  /// - Returns: (batch, tokens, vocabulary), and (batch, 2) with `predictsNextSentence`.
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor?, tokenTypeIDs: Tensor? = nil
  ) -> (logits: Tensor, relationship: Tensor?) {
    let outputs = withHooks(given: [inputIDs, attentionMask, tokenTypeIDs]) { inputs in
      let output = bert(
        inputs[0] ?? inputIDs, attentionMask: inputs[1], tokenTypeIDs: inputs[2])
      return cls(output.lastHiddenState, output.poolerOutput)
    }
    return (outputs[0], outputs.count > 1 ? outputs[1] : nil)
  }

  /// The scores of the tokens at each place, of texts without padding: (batch, tokens, vocabulary).
  public override func forward(_ input: Tensor) -> Tensor {
    self(input, attentionMask: nil).logits
  }

  /// Those of ``BertModel``.
  public var inputs: [ModelInput] { bert.inputs }

  /// `logits`; with `predictsNextSentence` `prediction_logits` and `seq_relationship_logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    let output = self(
      inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
      tokenTypeIDs: inputs.optional("token_type_ids"))
    guard let relationship = output.relationship else { return ["logits": output.logits] }
    return ["prediction_logits": output.logits, "seq_relationship_logits": relationship]
  }

  /// Takes files without the tied tensors, and those of earlier versions.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    state.renameNormalizations()
    if isTied {
      state.fillTie(
        prefix + "cls.predictions.decoder.weight",
        from: prefix + "bert.embeddings.word_embeddings.weight")
    }
    state.fillTie(
      prefix + "cls.predictions.decoder.bias", from: prefix + "cls.predictions.bias")
  }
}

private final class BertPretrainingHeads: Module {
  private let predictions: BertPredictions
  private let seqRelationship: Linear?

  init(
    _ configuration: BertModel.Configuration, tied weight: Parameter?, predictsNextSentence: Bool
  ) {
    predictions = BertPredictions(configuration, tied: weight)
    seqRelationship =
      predictsNextSentence
      ? NormalLayers(std: configuration.initializerRange).linear(configuration.hiddenSize, 2) : nil
  }

  func callAsFunction(_ hidden: Tensor, _ pooled: Tensor?) -> [Tensor] {
    withHooks(given: [hidden, pooled]) { inputs in
      let logits = predictions(inputs[0] ?? hidden)
      guard let seqRelationship, let pooled = inputs[1] else { return [logits] }
      return [logits, seqRelationship(pooled)]
    }
  }
}

private final class BertPredictions: Module {
  private let bias: Parameter
  private let transform: BertPredictionTransform
  private let decoder: Linear

  init(_ configuration: BertModel.Configuration, tied weight: Parameter?) {
    let layers = NormalLayers(std: configuration.initializerRange)
    bias = Parameter(Tensor.zeros([configuration.vocabSize]))
    transform = BertPredictionTransform(configuration)
    decoder = Linear(
      weight: weight ?? layers.weight([configuration.vocabSize, configuration.hiddenSize]),
      bias: bias)
  }

  override func forward(_ input: Tensor) -> Tensor { decoder(transform(input)) }
}

private final class BertPredictionTransform: Module {
  private let dense: Linear
  private let layerNorm: LayerNorm
  private let activation: FeedForwardActivation

  override class var stateKeyOverrides: [String: String] { ["layerNorm": "LayerNorm"] }

  init(_ configuration: BertModel.Configuration) {
    let features = configuration.hiddenSize
    dense = NormalLayers(std: configuration.initializerRange).linear(features, features)
    layerNorm = LayerNorm(features, eps: configuration.layerNormEps)
    activation = configuration.hiddenAct
  }

  override func forward(_ input: Tensor) -> Tensor { layerNorm(activation(dense(input))) }
}

/// A ``BertModel`` under the prefix `bert.`, with a linear classifier of the pooled first token.
/// Equivalent to `BertForSequenceClassification` of Hugging Face transformers.
///
/// State dict: that of ``BertModel``, and `classifier.weight` (labels, features), `classifier.bias`.
public final class BertForSequenceClassification: Module, NamedInputs, NamedBySources {
  private let bert: BertModel
  private let dropout: Dropout
  private let classifier: Linear

  /// A model with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options.
  ///   - numLabels: The number of classes.
  ///   - classifierDropout: The probability of dropping an element before the classifier, in
  ///     training; that of hidden states if nil.
  public init(
    _ configuration: BertModel.Configuration = .init(), numLabels: Int = 2,
    classifierDropout: Double? = nil
  ) {
    bert = BertModel(configuration)
    dropout = Dropout(classifierDropout ?? configuration.hiddenDropout)
    classifier = NormalLayers(std: configuration.initializerRange)
      .linear(configuration.hiddenSize, numLabels)
  }

  /// The scores of the classes.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  ///   - tokenTypeIDs: (batch, tokens): the sentence to which a token belongs; zeros if nil.
  /// - Returns: (batch, labels).
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor?, tokenTypeIDs: Tensor? = nil
  ) -> Tensor {
    withHooks(given: [inputIDs, attentionMask, tokenTypeIDs]) { inputs in
      let output = bert(
        inputs[0] ?? inputIDs, attentionMask: inputs[1], tokenTypeIDs: inputs[2])
      return [classifier(dropout(output.poolerOutput ?? output.lastHiddenState))]
    }[0]
  }

  /// The scores of the classes, of texts without padding: (batch, labels).
  public override func forward(_ input: Tensor) -> Tensor { self(input, attentionMask: nil) }

  /// Those of ``BertModel``.
  public var inputs: [ModelInput] { bert.inputs }

  /// `logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    [
      "logits": self(
        inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
        tokenTypeIDs: inputs.optional("token_type_ids"))
    ]
  }
}

extension BertForMaskedLM {
  /// Files whose encoder has no prefix.
  public var namings: [KeyNaming] {
    KeyNaming.adding("bert.", to: ["embeddings", "encoder", "pooler"])
  }
}

extension BertForSequenceClassification {
  /// Files whose encoder has no prefix.
  public var namings: [KeyNaming] {
    KeyNaming.adding("bert.", to: ["embeddings", "encoder", "pooler"])
  }
}

extension Architecture {
  /// `BertModel` with its heads, and the sizes of it that have names.
  static let berts: [Architecture] = {
    let encoder = Architecture(
      "BertModel", source: "transformers.BertModel",
      options: BertModel.Configuration.options + ["add_pooling_layer=true"]
    ) { arguments throws(ModelError) in
      BertModel(
        try .init(&arguments),
        addPoolingLayer: try arguments.flag("add_pooling_layer", default: true))
    }
    func pretraining(_ name: String, predictsNextSentence: Bool) -> Architecture {
      Architecture(
        name, source: "transformers.\(name)",
        options: BertModel.Configuration.options + ["tie_word_embeddings=true"]
      ) { arguments throws(ModelError) in
        BertForMaskedLM(
          try .init(&arguments),
          tieWordEmbeddings: try arguments.flag("tie_word_embeddings", default: true),
          predictsNextSentence: predictsNextSentence)
      }
    }
    let classifier = Architecture(
      "BertForSequenceClassification", source: "transformers.BertForSequenceClassification",
      options: BertModel.Configuration.options + ["num_labels=2", "classifier_dropout=null"]
    ) { arguments throws(ModelError) in
      BertForSequenceClassification(
        try .init(&arguments), numLabels: try arguments.extent("num_labels", default: 2),
        classifierDropout: try arguments.isGiven("classifier_dropout")
          ? arguments.dropout("classifier_dropout", default: 0) : nil)
    }
    let pretrained = pretraining("BertForPreTraining", predictsNextSentence: true)
    // Each size is of the class whose keys the file has that people download.
    return [
      encoder, pretraining("BertForMaskedLM", predictsNextSentence: false), pretrained, classifier,
      pretrained.preset("bert-base-uncased", [:]),
      pretrained.preset("bert-base-cased", ["vocab_size": 28996]),
      pretrained.preset(
        "bert-large-uncased",
        [
          "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
          "intermediate_size": 4096,
        ]),
      encoder.preset(
        "all-MiniLM-L6-v2",
        ["hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536]),
      encoder.preset(
        "all-MiniLM-L12-v2", ["hidden_size": 384, "intermediate_size": 1536]),
    ]
  }()
}
