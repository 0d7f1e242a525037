import Arrays
import Autograd
import NN
import OrderedCollections
import States

/// A ``DistilBertModel`` under the prefix `distilbert.`, with a head that predicts masked tokens.
/// Equivalent to `DistilBertForMaskedLM` of Hugging Face transformers.
///
/// State dict: that of ``DistilBertModel``, and `vocab_transform`, `vocab_layer_norm` and
/// `vocab_projector`, whose `weight` is tied to that of the word embeddings unless
/// `tieWordEmbeddings` is false. A file need not have what is tied.
public final class DistilBertForMaskedLM: Module, NamedInputs, NamedBySources {
  private let distilbert: DistilBertModel
  private let vocabTransform: Linear
  private let vocabLayerNorm: LayerNorm
  private let vocabProjector: Linear
  private let isTied: Bool

  /// A model with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options.
  ///   - tieWordEmbeddings: Whether the weight of the last layer is that of the word embeddings.
  public init(
    _ configuration: DistilBertModel.Configuration = .init(), tieWordEmbeddings: Bool = true
  ) {
    let layers = NormalLayers(std: configuration.initializerRange)
    distilbert = DistilBertModel(configuration)
    vocabTransform = layers.linear(configuration.dim, configuration.dim)
    vocabLayerNorm = LayerNorm(configuration.dim, eps: 1e-12)
    vocabProjector =
      tieWordEmbeddings
      ? Linear(
        weight: distilbert.embeddings.wordEmbeddings.weight,
        bias: Parameter(Tensor.zeros([configuration.vocabSize])))
      : layers.linear(configuration.dim, configuration.vocabSize)
    isTied = tieWordEmbeddings
  }

  /// The scores of the tokens at each place.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, tokens, vocabulary).
  public func callAsFunction(_ inputIDs: Tensor, attentionMask: Tensor?) -> Tensor {
    withHooks(given: [inputIDs, attentionMask]) { inputs in
      let hidden = distilbert(inputs[0] ?? inputIDs, attentionMask: inputs[1])
      let activation = distilbert.configuration.activation
      return [vocabProjector(vocabLayerNorm(activation(vocabTransform(hidden))))]
    }[0]
  }

  /// The scores of the tokens, of texts without padding: (batch, tokens, vocabulary).
  public override func forward(_ input: Tensor) -> Tensor { self(input, attentionMask: nil) }

  /// Those of ``DistilBertModel``.
  public var inputs: [ModelInput] { distilbert.inputs }

  /// `logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    ["logits": self(inputs["input_ids"], attentionMask: inputs.optional("attention_mask"))]
  }

  /// Takes files without the tied tensor.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    guard isTied else { return }
    state.fillTie(
      prefix + "vocab_projector.weight",
      from: prefix + "distilbert.embeddings.word_embeddings.weight")
  }
}

/// A ``DistilBertModel`` under the prefix `distilbert.`, with a classifier of the first token.
/// Equivalent to `DistilBertForSequenceClassification` of Hugging Face transformers.
///
/// State dict: that of ``DistilBertModel``, and `pre_classifier` and `classifier`.
public final class DistilBertForSequenceClassification: Module, NamedInputs, NamedBySources {
  private let distilbert: DistilBertModel
  private let preClassifier: Linear
  private let classifier: Linear
  private let dropout: Dropout

  /// A model with normally distributed weights.
  ///
  /// - Parameters:
  ///   - configuration: The options.
  ///   - numLabels: The number of classes.
  ///   - classifierDropout: The probability of dropping an element before the classifier, in
  ///     training.
  public init(
    _ configuration: DistilBertModel.Configuration = .init(), numLabels: Int = 2,
    classifierDropout: Double = 0.2
  ) {
    let layers = NormalLayers(std: configuration.initializerRange)
    distilbert = DistilBertModel(configuration)
    preClassifier = layers.linear(configuration.dim, configuration.dim)
    classifier = layers.linear(configuration.dim, numLabels)
    dropout = Dropout(classifierDropout)
  }

  /// The scores of the classes.
  ///
  /// - Parameters:
  ///   - inputIDs: (batch, tokens).
  ///   - attentionMask: (batch, tokens): zero where a token is padding; nil if none is.
  /// - Returns: (batch, labels).
  public func callAsFunction(_ inputIDs: Tensor, attentionMask: Tensor?) -> Tensor {
    withHooks(given: [inputIDs, attentionMask]) { inputs in
      let hidden = distilbert(inputs[0] ?? inputIDs, attentionMask: inputs[1])
      return [classifier(dropout(preClassifier(hidden.select(1, 0)).relu()))]
    }[0]
  }

  /// The scores of the classes, of texts without padding: (batch, labels).
  public override func forward(_ input: Tensor) -> Tensor { self(input, attentionMask: nil) }

  /// Those of ``DistilBertModel``.
  public var inputs: [ModelInput] { distilbert.inputs }

  /// `logits`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    ["logits": self(inputs["input_ids"], attentionMask: inputs.optional("attention_mask"))]
  }
}

extension DistilBertForMaskedLM {
  /// Files whose encoder has no prefix.
  public var namings: [KeyNaming] {
    KeyNaming.adding("distilbert.", to: ["embeddings", "transformer"])
  }
}

extension DistilBertForSequenceClassification {
  /// Files whose encoder has no prefix.
  public var namings: [KeyNaming] {
    KeyNaming.adding("distilbert.", to: ["embeddings", "transformer"])
  }
}

extension Architecture {
  /// `DistilBertModel` with its heads, and its size that has a name.
  static let distilBerts: [Architecture] = {
    let encoder = Architecture(
      "DistilBertModel", source: "transformers.DistilBertModel",
      options: DistilBertModel.Configuration.options
    ) { arguments throws(ModelError) in DistilBertModel(try .init(&arguments)) }
    let masked = Architecture(
      "DistilBertForMaskedLM", source: "transformers.DistilBertForMaskedLM",
      options: DistilBertModel.Configuration.options + ["tie_word_embeddings=true"]
    ) { arguments throws(ModelError) in
      DistilBertForMaskedLM(
        try .init(&arguments),
        tieWordEmbeddings: try arguments.flag("tie_word_embeddings", default: true))
    }
    let classifier = Architecture(
      "DistilBertForSequenceClassification",
      source: "transformers.DistilBertForSequenceClassification",
      options: DistilBertModel.Configuration.options
        + ["num_labels=2", "seq_classif_dropout=0.2"]
    ) { arguments throws(ModelError) in
      DistilBertForSequenceClassification(
        try .init(&arguments), numLabels: try arguments.extent("num_labels", default: 2),
        classifierDropout: try arguments.dropout("seq_classif_dropout", default: 0.2))
    }
    return [encoder, masked, classifier, masked.preset("distilbert-base-uncased", [:])]
  }()
}
