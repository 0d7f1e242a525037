import Platform

extension ReplacementFile {
  /// Gives files that belong together their paths, in order.
  ///
  /// Several files cannot take their places in one step, so what can fail is done before the first
  /// does: all bytes are made durable, and the files that are to be replaced are kept under other
  /// names. If a step fails, the old files come back and the new ones go. The last file is the one by
  /// which the others are found; what it replaces goes first, so that a process that is killed
  /// meanwhile leaves a set that cannot be found rather than one of old and new parts.
  ///
  /// On a file system without hard links, a file that was replaced cannot be brought back.
  ///
  /// - Throws: ``FileError``, as ``commit()``.
  package static func commit(_ files: [ReplacementFile]) throws(FileError) {
    guard files.count > 1 else {
      // One file takes its place in one step.
      try files.first?.commit()
      return
    }
    for file in files where file.isDurable { try file.synchronize() }
    var replaced: [Replaced] = []
    var placedCount = 0
    do throws(FileError) {
      for file in files { replaced.append(Replaced(file)) }
      if let last = replaced.last, last.backup != nil { unlink(last.path) }
      for file in files {
        try file.commit()
        placedCount += 1
      }
    } catch {
      for (number, old) in replaced.enumerated() { old.restore(wasReplaced: number < placedCount) }
      throw error
    }
    for old in replaced { old.forget() }
  }
}

/// What was at the path of a file before.
private struct Replaced {
  let path: String
  /// Another name of the old file; nil if there is none.
  let backup: String?
  private let existed: Bool

  init(_ file: ReplacementFile) {
    path = file.path
    var status = stat()
    existed = lstat(path, &status) == 0
    // The name is one that the next replacement of the path would sweep.
    let name = file.temporaryPath + ReplacementFile.backupSuffix
    backup = existed && link(path, name) == 0 ? name : nil
  }

  /// Undoes the replacement, as far as that is possible.
  func restore(wasReplaced: Bool) {
    if let backup {
      rename(backup, path)
      // Two names of one file stay, by the rules of POSIX, if nothing was replaced.
      unlink(backup)
    } else if wasReplaced, !existed {
      unlink(path)
    }
  }

  func forget() {
    if let backup { unlink(backup) }
  }
}
