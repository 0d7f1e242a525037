/// An error thrown when a model cannot be built from its description.
///
/// Thrown by ``ModelDescription/build()`` and ``ModelSpec/init(_:)``.
public struct ModelError: Error, Hashable, Sendable {
  /// The path of the offending module in the description, such as `features.0`; empty for the root.
  public let path: String
  /// What is wrong, as a clause without a full stop.
  public let reason: String

  /// An error.
  ///
  /// - Parameters:
  ///   - path: The path of the offending module; empty for the root.
  ///   - reason: What is wrong, as a clause without a full stop.
  public init(path: String = "", reason: String) {
    self.path = path
    self.reason = reason
  }
}

extension ModelError: CustomStringConvertible {
  /// One sentence with the path and the reason.
  public var description: String {
    "the model cannot be built: " + (path.isEmpty ? reason : "\(path): \(reason)")
  }
}
