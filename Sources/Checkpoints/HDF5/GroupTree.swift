import HDF5

/// The groups of a file, each made when it is first needed.
package struct GroupTree {
  /// What the groups are added to.
  package var blueprint = HDF5Blueprint()
  /// By the bytes of their paths: names that only Unicode takes for the same are two in HDF5.
  private var groups: [[UInt8]: HDF5Blueprint.GroupID] = [[]: .root]

  /// A file with nothing in it.
  package init() {}

  /// The group at a path from the root, made with those above it if need be.
  package mutating func group(
    _ path: some StringProtocol
  ) throws(HDF5Error) -> HDF5Blueprint.GroupID {
    let bytes = Array(path.utf8)
    if let group = groups[bytes] { return group }
    let (parent, name) = Self.split(Substring(path))
    let group = try blueprint.addGroup(String(name), in: self.group(parent))
    groups[bytes] = group
    return group
  }

  /// The group that holds what is at `path`, and its name there.
  package mutating func parent(
    of path: String
  ) throws(HDF5Error) -> (group: HDF5Blueprint.GroupID, name: String) {
    let (parent, name) = Self.split(path[...])
    return (try group(parent), String(name))
  }

  private static func split(_ path: Substring) -> (parent: Substring, name: Substring) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    return (path[..<slash], path[path.utf8.index(after: slash)...])
  }
}
