import Platform

extension ReplacementFile {
  /// What the names of the temporary files of `name` begin with.
  static func prefix(of name: String) -> String {
    // File systems allow names of 255 bytes.
    ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self)).partial-"
  }

  /// Makes and locks a temporary file for `name`.
  ///
  /// The lock is held until the file is closed, also by a process that is killed. By it
  /// the sweep knows that the writer is alive.
  ///
  /// - Parameter permissions: Less what the umask forbids. Reading the umask means changing it, for
  ///   all threads, so mkstemp does not serve, whose files only their owner may read.
  static func makeTemporaryFile(
    in folder: String, for name: String, _ path: String, permissions: mode_t
  ) throws(FileError) -> (descriptor: Int32, path: String) {
    while true {
      let made = "\(folder)/\(prefix(of: name))\(Folder.randomSuffix())"
      let descriptor = uninterrupted {
        open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
      }
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        throw FileError("create", path: path, errno: errno)
      }
      _ = uninterrupted { flock(descriptor, LOCK_EX) }
      // Another writer's sweep may have taken the file in the moment before it was locked.
      if let status = FileStatus(descriptor), status.linkCount == 0 {
        close(descriptor)
        continue
      }
      return (descriptor, made)
    }
  }

  /// The path to replace: `path`, or where it leads as a symbolic link; and the permissions of the
  /// file that is there already, nil if there is none.
  static func resolved(
    _ path: String
  ) throws(FileError) -> (path: String, permissions: mode_t?) {
    guard let status = FileStatus(path) else {
      guard errno == ENOENT else { throw FileError("create", path: path, errno: errno) }
      // Nobody knows whether what the link should lead to, or the link, is to be replaced.
      guard FileStatus(ofLink: path) == nil else {
        throw FileError(
          "create", path: path, reason: "it is a symbolic link that leads nowhere")
      }
      return (path, nil)
    }
    if status.isFolder { throw FileError("create", path: path, errno: EISDIR) }
    guard status.isRegularFile else {
      throw FileError("create", path: path, reason: "it is not a regular file")
    }
    guard let real = realpath(path) else {
      throw FileError("create", path: path, errno: errno)
    }
    return (real, status.permissions)
  }

  /// Gives a file its path, unless there is something already.
  static func moveWithoutReplacing(_ source: String, to path: String) throws(FileError) {
    // Unlike rename, link fails if someone has made the path meanwhile.
    if link(source, path) == 0 {
      unlink(source)
      return
    }
    guard errno == EPERM || errno == ENOTSUP || errno == ENOSYS else {
      throw FileError("create", path: path, errno: errno)
    }
    // The file system, such as that of a memory stick, has no hard links. What someone makes
    // between these two steps is lost; there is nothing better.
    if FileStatus(ofLink: path) != nil {
      throw FileError("create", path: path, errno: EEXIST)
    }
    if rename(source, path) != 0 { throw FileError("create", path: path, errno: errno) }
  }

  /// What the second name of a file that is about to be replaced ends in, behind the name of the
  /// temporary file.
  static let backupSuffix = "-old"

  /// Removes temporary files for `name` whose writers are gone.
  static func sweep(_ folder: String, _ name: String) {
    let prefix = prefix(of: name)
    sweep(folder) { entryName in
      let isBackup = entryName.hasSuffix(backupSuffix)
      let count = entryName.utf8.count - (isBackup ? backupSuffix.utf8.count : 0)
      return entryName.hasPrefix(prefix) && count == prefix.utf8.count + 6
    }
  }

  /// Removes what killed writers of files in a folder left behind.
  ///
  /// Replacing a file sweeps for that file. This is for whoever writes files of new names all the
  /// time, which nobody would sweep for again.
  ///
  /// - Parameter isOurs: Whether a file of this name would be the caller's. Names above 200 bytes
  ///   are given cut off.
  package static func sweepLeftovers(in folder: String, of isOurs: (String) -> Bool) {
    let marker = ".partial-"
    sweep(folder) { entryName in
      let isBackup = entryName.hasSuffix(backupSuffix)
      let entryName = isBackup ? entryName.dropLast(backupSuffix.count) : entryName[...]
      guard entryName.hasPrefix("."), entryName.utf8.count > marker.utf8.count + 7 else {
        return false
      }
      let name = entryName.dropFirst().dropLast(6)
      return name.hasSuffix(marker) && isOurs(String(name.dropLast(marker.count)))
    }
  }

  /// Removes the temporary files among those whose names match, if their writers are gone.
  ///
  /// A living writer holds a lock on its file. What cannot be opened or removed is left: the
  /// sweep is a courtesy, not a condition.
  private static func sweep(_ folder: String, _ matches: (String) -> Bool) {
    guard let names = try? Folder.names(in: folder) else { return }
    for entryName in names where matches(entryName) {
      let path = "\(folder)/\(entryName)"
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}
