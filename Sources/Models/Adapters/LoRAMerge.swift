import Arrays
import Checkpoints
import States

/// What came of merging an adapter into a model's state.
public struct LoRAMerge: Sendable {
  /// The state of the model with the adapter in it, with the keys, types and order of the model's own.
  public internal(set) var state: StateDict
  /// The model's `config.json`, if it was given; `tie_word_embeddings` is false in it if the adapter has
  /// untied what it says to be tied.
  public internal(set) var configuration: Value?
  /// The keys of the weights that something was added to, in the adapter's order.
  public internal(set) var changed: [String] = []
  /// The keys of the tensors that the adapter's took the place of, in the adapter's order.
  public internal(set) var replaced: [String] = []
  /// What is not as it was in the adapter or the model: values that were rounded to the type of the
  /// model's, or are too large for it, and ties that are none any more.
  public internal(set) var losses: [ConversionLoss] = []
  /// What else is worth knowing, a sentence each.
  public internal(set) var notes: [String] = []
}
