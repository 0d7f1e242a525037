import Arrays
import Files
import Platform
import Synchronization

/// A folder for files that are thrown away, which nobody else may read.
///
/// It is removed with everything in it when it is no longer needed, and when a signal ends the
/// tool.
public final class ScratchFolder: Sendable {
  /// The folder.
  public let path: String

  private static let existing = Mutex<Set<String>>([])

  /// A folder where temporary files belong.
  ///
  /// - Throws: `FileError` if it cannot be made.
  public init() throws(FileError) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/.ballast-scratch-XXXXXX".utf8CString)
    guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap(mkdtemp) })
    else { throw FileError("create", path: parent + "/", errno: errno) }
    path = String(cString: made)
    let path = path
    Self.existing.withLock { _ = $0.insert(path) }
  }

  deinit { remove() }

  /// Removes the folder and all that is in it.
  ///
  /// What cannot be removed is tried again when this is called again, as it is at the end at the latest:
  /// nobody else would ever remove it.
  public func remove() {
    let path = path
    Self.existing.withLock { paths in
      if paths.contains(path), Self.removeTree(path) { paths.remove(path) }
    }
  }

  /// Removes all such folders of this process, which is about to end.
  static func removeAll() {
    existing.withLock { paths in
      for path in paths { _ = removeTree(path) }
    }
  }

  /// - Returns: Whether nothing is at the path now.
  private static func removeTree(_ path: String) -> Bool {
    // A folder opens; anything else is removed by its name. Links are not followed.
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return unlink(path) == 0 || errno == ENOENT }
    guard let folder = fdopendir(descriptor) else {
      close(descriptor)
      return false
    }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    closedir(folder)
    for name in names { _ = removeTree("\(path)/\(name)") }
    return rmdir(path) == 0 || errno == ENOENT
  }
}
