/// An error thrown when a model cannot be built from its description, or run on its inputs.
///
/// Thrown by ``ModelDescription/build()``, ``ModelSpec/init(_:)`` and ``NamedInputs/run(_:)``.
public struct ModelError: Error, Hashable, Sendable {
  /// The path of the offending module in the description, such as `features.0`, or the name of the
  /// offending input; empty for the root.
  public let path: String
  /// What is wrong, as a clause without a full stop.
  public let reason: String
  /// Whether an input is wrong rather than the description.
  public let isOfInput: Bool

  /// An error of a description.
  ///
  /// - Parameters:
  ///   - path: The path of the offending module; empty for the root.
  ///   - reason: What is wrong, as a clause without a full stop.
  public init(path: String = "", reason: String) {
    self.path = path
    self.reason = reason
    isOfInput = false
  }

  /// An error of an input.
  ///
  /// - Parameters:
  ///   - input: The name of the input.
  ///   - reason: What is wrong, as a clause without a full stop.
  public init(input: String, reason: String) {
    path = input
    self.reason = reason
    isOfInput = true
  }
}

extension ModelError: CustomStringConvertible {
  /// One sentence with the path and the reason.
  public var description: String {
    if isOfInput { return "the model cannot be run: input \"\(path)\": \(reason)" }
    return "the model cannot be built: " + (path.isEmpty ? reason : "\(path): \(reason)")
  }
}
