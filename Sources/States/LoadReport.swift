import Arrays

/// What became of each key when a state dict was matched with a model.
///
/// Made in full before anything is written, so that all problems are told at once and a refused
/// load leaves the model as it was.
public struct LoadReport: Sendable {
  /// A key whose tensor has another shape than the model's.
  public struct ShapeMismatch: Hashable, Sendable {
    /// The key that both have.
    public let key: String
    /// The shape in the checkpoint.
    public let checkpointShape: Shape
    /// The shape in the model.
    public let modelShape: Shape

    /// A mismatch of these shapes.
    public init(key: String, checkpointShape: Shape, modelShape: Shape) {
      self.key = key
      self.checkpointShape = checkpointShape
      self.modelShape = modelShape
    }
  }

  /// A key whose values were converted to the model's type, which cannot hold them all.
  public struct Narrowing: Hashable, Sendable {
    /// The key.
    public let key: String
    /// The type in the checkpoint.
    public let checkpointType: DType
    /// The type in the model.
    public let modelType: DType

    /// A conversion between these types.
    public init(key: String, checkpointType: DType, modelType: DType) {
      self.key = key
      self.checkpointType = checkpointType
      self.modelType = modelType
    }
  }

  /// Keys of both, in the model's order.
  public var matched: [String] = []
  /// Keys that the model has and the checkpoint lacks, in the model's order.
  public var missing: [String] = []
  /// Keys that the checkpoint has and the model lacks, in the checkpoint's order.
  public var unexpected: [String] = []
  /// Keys of both whose shapes differ.
  public var shapeMismatches: [ShapeMismatch] = []
  /// Keys of one tensor under several names for which the checkpoint has different values.
  public var tieConflicts: [String] = []
  /// Keys that were converted to a type that cannot hold all their values.
  public var narrowings: [Narrowing] = []
  /// Keys whose values cannot be converted to the model's type at all.
  public var unconvertible: [Narrowing] = []
  /// For a missing key, the unexpected key that it most resembles.
  public var suggestions: [String: String] = [:]

  /// An empty report.
  public init() {}

  /// Whether a load may go on: nothing is in conflict, and if `strict`, nothing is left over.
  public func isAcceptable(strict: Bool) -> Bool {
    shapeMismatches.isEmpty && tieConflicts.isEmpty && unconvertible.isEmpty
      && (!strict || (missing.isEmpty && unexpected.isEmpty))
  }
}
