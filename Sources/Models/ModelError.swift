/// Why a model could not be built from its description.
public struct ModelError: Error, Hashable, Sendable {
  /// Where in the description: the path of a module, empty for the whole.
  public let path: String
  /// What is wrong, as a clause without a full stop.
  public let reason: String

  /// An error at a place of a description.
  public init(path: String = "", reason: String) {
    self.path = path
    self.reason = reason
  }
}

extension ModelError: CustomStringConvertible {
  /// One sentence: the place and the reason.
  public var description: String {
    "the model cannot be built: " + (path.isEmpty ? reason : "\(path): \(reason)")
  }
}
