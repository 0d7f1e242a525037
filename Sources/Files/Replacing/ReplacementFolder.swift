import Platform
import Synchronization

/// A folder of files that is made beside its place and takes it when it is whole.
///
/// It never takes the place of a folder that holds something: nobody can tell whether all of that
/// is to go. A folder that is given up, or goes away without ``commit()``, is removed; what a
/// process that was killed left behind is removed when the same folder is made the next time.
package final class ReplacementFolder: Sendable {
  /// The path that the folder will have.
  package let path: String
  /// The path at which it is made.
  package let temporaryPath: String

  private let isDurable: Bool
  private let made = Mutex(Made())
  /// Holds a lock on the temporary folder, by which others know that its maker lives.
  private let descriptor: Int32

  private let isCancelled: @Sendable () -> Bool

  /// The temporary folders of this process that have not taken their places yet.
  private static let unfinished = Mutex<Set<String>>([])

  /// What has to be removed if the folder is given up.
  private struct Made {
    var isOpen = true
    var files: [String] = []
    var folders: [String] = []
  }

  /// Makes the temporary folder.
  ///
  /// - Parameters:
  ///   - path: The path that the folder will have.
  ///   - overwrite: Whether an empty folder at the path may be replaced.
  ///   - durable: Whether to wait until its files, and its name, are on the disk.
  ///   - isCancelled: As `ReplacementFile` has it, for each of its files.
  /// - Throws: ``FileError`` if the path leads to a file, or to a folder that is not empty.
  package init(
    _ path: String, overwrite: ReplacementFile.Overwrite = .replace, durable: Bool = true,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(FileError) {
    self.isCancelled = isCancelled
    isDurable = durable
    var target = path[...]
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    self.path = String(target)
    try Self.checkPlace(self.path, overwrite)
    let slash = target.lastIndex(of: "/")
    let parent = slash.map { target[...$0] } ?? ""
    let name = slash.map { target[target.index(after: $0)...] } ?? target
    let prefix = "\(parent).\(name.prefix(60)).partial-"
    Self.sweep(String(parent.isEmpty ? "." : parent), ".\(name.prefix(60)).partial-")
    (descriptor, temporaryPath) = try Self.makeTemporaryFolder(prefix, for: path)
    let temporary = temporaryPath
    Self.unfinished.withLock { _ = $0.insert(temporary) }
  }

  deinit { abandon() }

  private static func checkPlace(
    _ path: String, _ overwrite: ReplacementFile.Overwrite
  ) throws(FileError) {
    guard let status = FileStatus(ofLink: path) else {
      guard errno == ENOENT else { throw FileError("create", path: path, errno: errno) }
      return
    }
    guard status.isFolder else {
      throw FileError("create", path: path, errno: EEXIST)
    }
    guard overwrite == .replace else { throw FileError("create", path: path, errno: EEXIST) }
    guard try Folder.names(in: path).allSatisfy([".", ".."].contains) else {
      throw FileError("create", path: path, errno: ENOTEMPTY)
    }
  }

  /// A new file in the folder.
  ///
  /// - Parameter name: Its path within the folder; folders on the way are made.
  package func file(_ name: String) throws(FileError) -> ReplacementFile {
    var folder = temporaryPath
    for part in name.split(separator: "/").dropLast() {
      folder += "/" + part
      let next = folder
      // In one step: another thread may make folders in it, which have to be noted after it.
      try made.withLock { (made) throws(FileError) in
        if mkdir(next, 0o777) == 0 {
          made.folders.append(next)
        } else if errno != EEXIST {
          throw FileError("create", path: self.path, errno: errno)
        }
      }
    }
    let path = temporaryPath + "/" + name
    made.withLock { $0.files.append(path) }
    return try ReplacementFile(
      path, overwrite: .refuse, durable: isDurable, isCancelled: isCancelled)
  }

  /// Gives the folder its path. All its files have been committed.
  ///
  /// - Throws: ``FileError``; nothing is left then.
  package func commit() throws(FileError) {
    guard rename(temporaryPath, path) == 0 else {
      let number = errno
      abandon()
      throw FileError("create", path: path, errno: number)
    }
    made.withLock { $0.isOpen = false }
    finish()
    guard isDurable else { return }
    let parent = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    let parentDescriptor = uninterrupted { open(String(parent), O_RDONLY | O_CLOEXEC) }
    guard parentDescriptor >= 0 else { throw FileError("open", path: path, errno: errno) }
    defer { close(parentDescriptor) }
    // Some file systems do not sync folders; the files themselves are safe.
    if uninterrupted({ fsync(parentDescriptor) }) != 0 && errno != EINVAL && errno != EROFS {
      throw FileError("write", path: path, errno: errno)
    }
  }

  /// Removes the temporary folder. Does nothing after ``commit()``.
  package func abandon() {
    let made = made.withLock { made in
      defer { made.isOpen = false }
      return made
    }
    guard made.isOpen else { return }
    for file in made.files { unlink(file) }
    for folder in made.folders.reversed() { rmdir(folder) }
    rmdir(temporaryPath)
    finish()
  }

  /// Removes the temporary folders of all replacements in this process that are under way, with
  /// what is in them, as ``ReplacementFile/abandonAll()`` does for files.
  package static func abandonAll() {
    unfinished.withLock { paths in
      for path in paths { remove(path, depth: 0) }
    }
  }

  private func finish() {
    close(descriptor)
    Self.unfinished.withLock { _ = $0.remove(temporaryPath) }
  }
}

// MARK: - Temporary folders

extension ReplacementFolder {
  private static func makeTemporaryFolder(
    _ prefix: String, for path: String
  ) throws(FileError) -> (descriptor: Int32, path: String) {
    while true {
      let made = prefix + Folder.randomSuffix()
      guard mkdir(made, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw FileError("create", path: path, errno: errno)
      }
      let descriptor = uninterrupted { open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      // Another writer's sweep may take the folder in the moment before it is locked.
      if descriptor < 0, errno == ENOENT { continue }
      guard descriptor >= 0 else {
        let number = errno
        rmdir(made)
        throw FileError("create", path: path, errno: number)
      }
      _ = uninterrupted { flock(descriptor, LOCK_EX) }
      if FileStatus(made) != nil || errno != ENOENT { return (descriptor, made) }
      close(descriptor)
    }
  }

  /// Removes temporary folders whose makers are gone. What cannot be removed is left.
  private static func sweep(_ parent: String, _ prefix: String) {
    for name in names(in: parent)
    where name.hasPrefix(prefix) && name.utf8.count == prefix.utf8.count + 6 {
      let path = "\(parent)/\(name)"
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { remove(path, depth: 0) }
      close(descriptor)
    }
  }

  /// Removes a folder with the files in it. Links are removed and not followed.
  private static func remove(_ folder: String, depth: Int) {
    for name in names(in: folder) where depth < 64 {
      let path = "\(folder)/\(name)"
      guard let status = FileStatus(ofLink: path) else { continue }
      if status.isFolder {
        remove(path, depth: depth + 1)
      } else {
        unlink(path)
      }
    }
    rmdir(folder)
  }

  /// The names in a folder but those of itself and its parent.
  private static func names(in folder: String) -> [String] {
    ((try? Folder.names(in: folder)) ?? []).filter { $0 != "." && $0 != ".." }
  }
}
