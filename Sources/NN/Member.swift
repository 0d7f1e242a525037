import Autograd

/// A parameter, buffer or submodule of a module, under its name in the state dict.
public struct Member {
  /// What the member is. Nil where the name is reserved and nothing is there.
  public enum Content {
    /// A tensor that is learned.
    case parameter(Parameter?)
    /// A tensor that is kept but not learned.
    case buffer(Buffer?)
    /// A module with members of its own.
    case module(Module?)
  }

  /// The name, as in the state dict.
  public let name: String
  /// What the member is.
  public let content: Content

  /// A member of this name.
  public init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }
}
