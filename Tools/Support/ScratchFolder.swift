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
  public func remove() {
    let path = path
    guard Self.existing.withLock({ $0.remove(path) }) != nil else { return }
    Self.removeTree(path)
  }

  /// Removes all such folders of this process, which is about to end.
  static func removeAll() {
    existing.withLock { paths in
      for path in paths { removeTree(path) }
    }
  }

  private static func removeTree(_ path: String) {
    // A folder opens; anything else is removed by its name. Links are not followed.
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      unlink(path)
      return
    }
    guard let folder = fdopendir(descriptor) else {
      close(descriptor)
      return
    }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    closedir(folder)
    for name in names { removeTree("\(path)/\(name)") }
    rmdir(path)
  }
}
