import Arrays

/// What happened to each key when a state dict was matched with a model.
///
/// The report is complete before anything is written. All problems are therefore reported at once,
/// and a refused load leaves the model unchanged. A key may appear in several lists: one in
/// ``matched`` can also be in ``narrowings`` or ``tieConflicts``.
///
/// ```swift
/// let report = try model.loadStateDict(state, strict: false)
/// for key in report.missing { print("left at its initial value: \(key)") }
/// ```
public struct LoadReport: Sendable {
  /// A key whose tensor in the checkpoint differs in shape from the model's.
  public struct ShapeMismatch: Hashable, Sendable {
    /// The key, which both have.
    public let key: String
    /// The shape in the checkpoint.
    public let checkpointShape: Shape
    /// The shape in the model.
    public let modelShape: Shape

    /// A mismatch.
    ///
    /// - Parameters:
    ///   - key: The key, which both have.
    ///   - checkpointShape: The shape in the checkpoint.
    ///   - modelShape: The shape in the model.
    public init(key: String, checkpointShape: Shape, modelShape: Shape) {
      self.key = key
      self.checkpointShape = checkpointShape
      self.modelShape = modelShape
    }
  }

  /// A key whose type in the checkpoint cannot be converted to the model's without loss.
  public struct Narrowing: Hashable, Sendable {
    /// The key, which both have.
    public let key: String
    /// The type in the checkpoint.
    public let checkpointType: DType
    /// The type in the model.
    public let modelType: DType

    /// A conversion.
    ///
    /// - Parameters:
    ///   - key: The key, which both have.
    ///   - checkpointType: The type in the checkpoint.
    ///   - modelType: The type in the model.
    public init(key: String, checkpointType: DType, modelType: DType) {
      self.key = key
      self.checkpointType = checkpointType
      self.modelType = modelType
    }
  }

  /// Keys whose values can be loaded, in the model's order.
  public var matched: [String] = []
  /// Keys that the model has and the checkpoint lacks, in the model's order.
  public var missing: [String] = []
  /// Keys that the checkpoint has and the model lacks, in the checkpoint's order.
  public var unexpected: [String] = []
  /// Keys that both have, with different shapes. These prevent a load even if it is not strict.
  public var shapeMismatches: [ShapeMismatch] = []
  /// Keys that both have with different shapes, and whose tensors keep the model's values since whoever
  /// loads asked for that. These do not prevent a load.
  public var skipped: [ShapeMismatch] = []
  /// Keys of one tensor with several names for which the checkpoint has different values. These
  /// prevent a load.
  public var tieConflicts: [String] = []
  /// Keys whose values may be rounded or truncated to the model's type. These do not prevent a load.
  public var narrowings: [Narrowing] = []
  /// Keys whose values cannot be converted to the model's type, or would lose a part: complex numbers
  /// for real ones, and integers that would be parameters. These prevent a load.
  public var unconvertible: [Narrowing] = []
  /// For a missing key, the unexpected key that was probably meant.
  public var suggestions: [String: String] = [:]
  /// What the model made of keys before they were matched, as of a file of an older version.
  public var changes: [KeyChange] = []
  /// The mappings from the names of another source with which the file was brought under the
  /// model's, in order; empty if it has them.
  public var mappings: [String] = []
  /// What the file holds that did not come over, if the state dict was read from one. Tensors that
  /// were left out are to a strict load as ``unexpected`` keys are; the rest prevents no load.
  public var losses: [ConversionLoss] = []
  /// What else is worth knowing about how the file was read, a sentence each.
  public var notes: [String] = []

  /// An empty report, which is acceptable.
  public init() {}

  /// Whether a load may proceed.
  ///
  /// - Parameter strict: Whether missing and unexpected keys are refused.
  /// - Returns: False if there are ``shapeMismatches``, ``tieConflicts`` or ``unconvertible`` keys,
  ///   or, if `strict`, ``missing`` or ``unexpected`` ones, or tensors of the file that were left out.
  public func isAcceptable(strict: Bool) -> Bool {
    shapeMismatches.isEmpty && tieConflicts.isEmpty && unconvertible.isEmpty
      && (!strict || (missing.isEmpty && unexpected.isEmpty && droppedTensors.isEmpty))
  }

  /// The tensors of the file that were left out.
  var droppedTensors: [ConversionLoss] { losses.filter { $0.kind == .tensorDropped } }
}
