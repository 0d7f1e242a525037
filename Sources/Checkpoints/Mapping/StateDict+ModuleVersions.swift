import OrderedCollections
import States

extension StateDict {
  /// The versions of the modules after their keys got other names.
  ///
  /// A module is where its tensors are. One that has none goes where a tensor of it would. The
  /// root stays the root.
  ///
  /// - Parameter name: The new name of a key.
  func moduleVersions(
    renamedBy name: (String) -> String
  ) -> OrderedDictionary<String, Int> {
    guard !moduleVersions.isEmpty else { return [:] }
    var members: [Substring: String] = [:]
    for key in keys where members[key.modulePath] == nil { members[key.modulePath] = key }
    var result: OrderedDictionary<String, Int> = [:]
    for (path, version) in moduleVersions {
      let member = members[path[...]] ?? path + ".weight"
      let newPath = path.isEmpty ? "" : String(name(member).modulePath)
      // Where a wrapper's prefix is removed, what was in it takes its place.
      if result[newPath] == nil || newPath.isEmpty { result[newPath] = version }
    }
    return result
  }
}

extension String {
  /// The path of the module that a key belongs to: all but the last part.
  fileprivate var modulePath: Substring {
    lastIndex(of: ".").map { self[..<$0] } ?? ""
  }
}
