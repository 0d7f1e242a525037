import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A recurrent language model. Equivalent to the `RNNModel` of PyTorch's example
/// `word_language_model`, with `LSTM`.
///
/// Zaremba et al., "Recurrent neural network regularization" (2014); Press and Wolf, "Using the
/// output embedding to improve language models" (2017), for the tie. The initial values are those of
/// the example too.
///
/// State dict, with the keys of the reference: `encoder.weight` (tokens, features);
/// `rnn.weight_ih_lN`, `rnn.weight_hh_lN`, `rnn.bias_ih_lN` and `rnn.bias_hh_lN`; `decoder.weight`
/// (tokens, hidden), which is that of the encoder if tied, and `decoder.bias`.
///
/// ```swift
/// let model = LSTMLanguageModel(tokens: 33278, features: 200, hidden: 200, layers: 2)
/// let (scores, state) = model(ids, nil)        // ids: (time, batch)
/// ```
public final class LSTMLanguageModel: Module, NamedInputs, NamedBySources {
  private let drop: Dropout
  private let encoder: Embedding
  private let rnn: LSTM
  private let decoder: Linear

  /// A model with the example's initial values.
  ///
  /// - Parameters:
  ///   - tokens: The number of tokens that there are.
  ///   - features: The number of features of a token.
  ///   - hidden: The number of features of the state.
  ///   - layers: The number of layers.
  ///   - dropout: The probability of zeros before, between and after the layers, in training.
  ///   - tied: Whether the weight of the decoder is that of the encoder. `features` and `hidden` are
  ///     equal then, or it traps.
  public init(
    tokens: Int, features: Int = 200, hidden: Int = 200, layers: Int = 2, dropout: Double = 0.5,
    tied: Bool = false
  ) {
    require(
      !tied || features == hidden,
      "LSTMLanguageModel: \(features) features of a token and \(hidden) of the state cannot be tied"
    )
    drop = Dropout(dropout)
    encoder = Embedding(tokens, features)
    rnn = LSTM(features, hidden, numLayers: layers, dropout: dropout)
    let head = Linear(hidden, tokens)
    if tied { head.weight = encoder.weight }
    decoder = head
    super.init()
    Initialization.uniform(encoder.weight, from: -0.1, to: 0.1)
    if let bias = decoder.bias { Initialization.constant(bias, 0) }
    Initialization.uniform(decoder.weight, from: -0.1, to: 0.1)
  }

  /// The logarithms of the probabilities of the token after each, and the state after the last.
  ///
  /// - Parameters:
  ///   - input: (time, batch): integers below the number of tokens.
  ///   - state: The state before, both (layers, batch, hidden); zeros if nil.
  /// - Returns: (time · batch, tokens), and the state.
  public func callAsFunction(
    _ input: Tensor, _ state: (hidden: Tensor, cells: Tensor)?
  ) -> (output: Tensor, state: (hidden: Tensor, cells: Tensor)) {
    let outputs = withHooks(given: [input, state?.hidden, state?.cells]) { inputs in
      let ids = inputs[0] ?? input
      require(ids.rank == 2, "LSTMLanguageModel: tokens of shape \(ids.shape), not (time, batch)")
      var before: (hidden: Tensor, cells: Tensor)?
      if let hidden = inputs[1], let cells = inputs[2] { before = (hidden, cells) }
      let (hidden, after) = rnn(drop(encoder(ids)), before)
      let scores = decoder(drop(hidden))
      let rows = scores.reshaped([ids.elementCount, scores.shape[2]]).logSoftmax(1)
      return [rows, after.hidden, after.cells]
    }
    return (outputs[0], (outputs[1], outputs[2]))
  }

  /// The logarithms of the probabilities of the token after each, from a state of zeros:
  /// (time · batch, tokens).
  public override func forward(_ input: Tensor) -> Tensor { self(input, nil).output }

  /// `input`, and the state before: `hidden` and `cells`, both or neither.
  public var inputs: [ModelInput] {
    let state: [ModelInput.Length] = [
      .exactly(rnn.numLayers), "batch", .exactly(rnn.hiddenSize),
    ]
    return [
      ModelInput("input", .integers(below: encoder.weight.shape[0]), ["time", "batch"]),
      ModelInput("hidden", .numbers, state, isOptional: true),
      ModelInput("cells", .numbers, state, isOptional: true),
    ]
  }

  /// Refuses a state of which half is missing.
  public func check(_ inputs: CheckedInputs) throws(ModelError) {
    let (hidden, cells) = (inputs.optional("hidden"), inputs.optional("cells"))
    guard (hidden == nil) == (cells == nil) else {
      throw ModelError(
        input: hidden == nil ? "hidden" : "cells", reason: "it is missing, while the other is there"
      )
    }
  }

  /// `output`, and the state after: `hidden` and `cells`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    var before: (hidden: Tensor, cells: Tensor)?
    if let hidden = inputs.optional("hidden"), let cells = inputs.optional("cells") {
      before = (hidden, cells)
    }
    let (output, state) = self(inputs["input"], before)
    return ["output": output, "hidden": state.hidden, "cells": state.cells]
  }
}

extension Architecture {
  /// `RNNModel` of PyTorch's example.
  static let lstmLanguageModel = Architecture(
    "lstm-language-model", source: "pytorch/examples word_language_model RNNModel (LSTM)",
    options: ["ntoken", "ninp=200", "nhid=200", "nlayers=2", "dropout=0.5", "tie_weights=false"]
  ) { arguments throws(ModelError) in
    let features = try arguments.extent("ninp", default: 200)
    let hidden = try arguments.extent("nhid", default: 200)
    let isTied = try arguments.flag("tie_weights", default: false)
    guard !isTied || features == hidden else {
      throw ModelError(
        reason: "ninp is \(features) and nhid is \(hidden): with tie_weights they should be equal")
    }
    return LSTMLanguageModel(
      tokens: try arguments.extent("ntoken"), features: features, hidden: hidden,
      layers: try arguments.depth("nlayers", default: 2),
      dropout: try arguments.dropout("dropout", default: 0.5), tied: isTied)
  }
}
