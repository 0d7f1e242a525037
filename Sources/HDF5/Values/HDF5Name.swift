/// What names and paths in a file may be, and how they are joined.
///
/// A link's name is any text but the empty one, `.` and one with `/` or NUL in it. `..` is a name
/// like any other in HDF5.
package enum HDF5Name {
  /// Refuses what C would read as another text: NUL ends a C string.
  package static func checkText(
    _ text: String, _ operation: StaticString, at place: @autoclosure () -> HDF5Place
  ) throws(HDF5Error) {
    guard !text.isEmpty else {
      throw place().error(.invalidArgument, operation, "the name is empty")
    }
    guard !text.utf8.contains(0) else {
      throw place().error(.invalidArgument, operation, "the name contains a NUL character")
    }
  }

  /// The names on a path, as libhdf5 reads it: repeated slashes and `.` count for nothing.
  package static func components(of path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).lazy
      .map { String(decoding: $0, as: UTF8.self) }
      .filter { $0 != "." }
  }

  /// Whether a path starts at the root of the file.
  package static func isAbsolute(_ path: String) -> Bool {
    path.utf8.first == UInt8(ascii: "/")
  }

  /// The full path of a name or path below a group.
  package static func join(_ group: String, _ path: String) -> String {
    if isAbsolute(path) { return path }
    return group.utf8.last == UInt8(ascii: "/") ? group + path : group + "/" + path
  }

  /// Whether a name needs the flag that says it is UTF-8. Only then is it set, for it changes the
  /// bytes of a file and old readers do not know it.
  package static func needsUTF8Flag(_ name: String) -> Bool {
    !name.utf8.allSatisfy { $0 < 0x80 }
  }
}
