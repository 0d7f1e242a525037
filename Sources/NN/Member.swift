import Autograd

/// A parameter, buffer or submodule of a module, with its name in the state dict.
public struct Member {
  /// The kinds of member. Nil reserves a name without a value.
  public enum Content {
    /// A tensor that is learned.
    case parameter(Parameter?)
    /// A tensor that is saved but not learned.
    case buffer(Buffer?)
    /// A module with its own members.
    case module(Module?)
  }

  /// The name, as in the state dict.
  public let name: String
  /// The parameter, buffer or module.
  public let content: Content

  /// A member of this name.
  public init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }
}
