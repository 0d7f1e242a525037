import HDF5

/// An entry of a group: a name, and what it leads to.
public struct HDF5Link: Hashable, Sendable {
  /// What a link leads to.
  public enum Target: Hashable, Sendable {
    /// An object of the same file.
    case hard(HDF5ObjectInfo)
    /// A path in the same file, where something may be or not; from the group that holds the link,
    /// unless it begins with a slash.
    case soft(path: String)
    /// A path in another file.
    case external(file: String, path: String)
    /// Whatever the program that registered the class with libhdf5 makes of it. Never followed but
    /// with ``HDF5LinkPolicy/all``.
    case userDefined(linkClass: Int)
  }

  /// The name, without slashes.
  public var name: String
  /// What it leads to.
  public var target: Target
  /// When it was made, counted from 0 within the group; `nil` if the group does not keep that
  /// order.
  public var creationOrder: Int?
}

/// An order in which links or attributes are listed.
public enum HDF5Order: Hashable, Sendable {
  /// By the bytes of the names.
  case name
  /// As they were made, if the group or object keeps that order, else by name.
  case creation
}
