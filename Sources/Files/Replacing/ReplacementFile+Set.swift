import Platform
import Synchronization

extension ReplacementFile {
  /// Gives files that belong together their paths, in order, and takes those away that they
  /// replace.
  ///
  /// Several files cannot take their places in one step, so what can fail is done before the first
  /// does: all bytes are made durable. Then all that is replaced is taken away, and the new files
  /// come; the last one is that by which the others are found. A process that is killed meanwhile
  /// leaves a set that lacks something, and cannot be found, rather than one of old and new parts.
  ///
  /// What is taken away has another name until all is done. If a step fails, it comes back, and the
  /// new files go. A killed process leaves it under a name that the next replacement of the path
  /// removes.
  ///
  /// - Parameter old: The files that are replaced as a whole, in the order in which they are taken
  ///   away; existing ones at the paths of new files are added behind, the last one's first. One
  ///   that no longer exists is no error.
  /// - Throws: ``FileError``, as ``commit()``.
  package static func commit(
    _ files: [ReplacementFile], replacing old: [String] = []
  ) throws(FileError) {
    let paths = files.map(\.path)
    // A symbolic link keeps its place if a file is written to where it leads; another one goes
    // itself.
    var replaced: [String] = []
    for path in old {
      let target = try Self.target(of: path)
      replaced.append(paths.first { $0 == target } ?? path)
    }
    if files.count == 1, replaced.allSatisfy(paths.contains) {
      // One file takes its place in one step.
      try files[0].commit()
      return
    }
    for file in files where file.isDurable { try file.synchronize() }
    // Whoever interrupts the process waits for the end of this.
    try taking.withLock { (_) throws(FileError) in
      try place(files, replaced + paths.reversed().filter { !replaced.contains($0) })
    }
  }

  /// Where a path leads that may be one of the new files'; nil if to none that could be.
  private static func target(of path: String) throws(FileError) -> String? {
    do throws(FileError) {
      return try resolved(path).path
    } catch {
      // A folder, or a link that leads nowhere.
      guard error.errno == nil || error.errno == EISDIR else { throw error }
      return nil
    }
  }

  /// Held while files are neither at their old places nor at their new ones.
  static let taking = Mutex(())

  private static func place(
    _ files: [ReplacementFile], _ old: [String]
  ) throws(FileError) {
    var taken: [TakenFile] = []
    var placed: [ReplacementFile] = []
    do throws(FileError) {
      for path in old {
        let isRefused = files.contains { $0.path == path && $0.overwrite == .refuse }
        // What someone made meanwhile is not replaced, and the file says so.
        if !isRefused, let file = try TakenFile(path) { taken.append(file) }
      }
      if let durable = files.first(where: \.isDurable) { try durable.syncFolder() }
      for file in files {
        try file.takePlace()
        // From here on it has to go again if something fails, be it that the folder cannot be
        // synchronized.
        placed.append(file)
        if file.isDurable { try file.syncFolder() }
      }
    } catch {
      for file in placed { unlink(file.path) }
      for file in taken.reversed() { file.bringBack() }
      throw error
    }
    for file in taken { file.forget() }
  }
}

/// A file that was taken away from its path, and can come back.
private struct TakenFile {
  let path: String
  private let backup: String
  /// Holds a lock, by which a sweep knows that it is wanted still; negative if there is none.
  private let descriptor: Int32

  /// Gives the file at a path another name; nil if there is none.
  init?(_ path: String) throws(FileError) {
    self.path = path
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    // The name is one that the next replacement of the path would sweep.
    backup =
      folder + ReplacementFile.prefix(of: name) + Folder.randomSuffix()
      + ReplacementFile.backupSuffix
    guard let status = FileStatus(ofLink: path) else {
      if errno == ENOENT { return nil }
      throw FileError("replace", path: path, errno: errno)
    }
    // A folder is nothing that a file replaces.
    if status.isFolder {
      throw FileError("replace", path: path, errno: EISDIR)
    }
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor >= 0 { flock(descriptor, LOCK_EX | LOCK_NB) }
    guard rename(path, backup) == 0 else {
      let number = errno
      if descriptor >= 0 { close(descriptor) }
      throw FileError("replace", path: path, errno: number)
    }
  }

  func bringBack() {
    rename(backup, path)
    if descriptor >= 0 { close(descriptor) }
  }

  func forget() {
    unlink(backup)
    if descriptor >= 0 { close(descriptor) }
  }
}
