import Arrays
import States

/// What a mapping did to a checkpoint.
public struct MappingReport: Sendable {
  /// A tensor that was converted to another type.
  public struct Cast: Hashable, Sendable {
    /// Its key.
    public let key: String
    /// Its type before.
    public let from: DType
    /// Its type now.
    public let to: DType
    /// What became of values that its type now cannot hold; empty if it holds all that its type
    /// before could.
    public let losses: [ConversionLoss]
  }

  /// How many tensors each rule changed or made, in the order of the rules.
  public internal(set) var matchCounts: [Int] = []
  /// The key that each tensor had before; of tensors that were joined, that of the first.
  public internal(set) var origins: [String: String] = [:]
  /// The tensors that were converted to another type.
  public internal(set) var casts: [Cast] = []
  /// Whether the optimizer's state was left out: it is by position, and could not follow.
  public internal(set) var droppedOptimizer = false
  /// What is worth knowing, a sentence each: rules that changed nothing, rules that cannot be
  /// undone on these keys.
  public internal(set) var notes: [String] = []
}
