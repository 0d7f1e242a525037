import Platform

/// What is done to folders.
package enum Folder {
  /// Makes a folder and those above it, as far as they are missing.
  package static func make(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try make(String(path[..<slash]))
      if mkdir(path, 0o777) == 0 { return }
    }
    let number = errno
    guard number == EEXIST, FileStatus(path)?.isFolder == true else {
      throw FileError("create", path: path, errno: number)
    }
  }

  /// The names of what is in a folder, in no order. A name that is not UTF-8 leads nowhere.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard let directory = unsafe path.withCString({ unsafe opendir($0) }) else {
      throw FileError("open", path: path, errno: errno)
    }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while true {
      // Without a look at the error, a folder that cannot be read on ends like any other.
      errno = 0
      guard let entry = unsafe readdir(directory) else {
        guard errno == 0 else { throw FileError("read", path: path, errno: errno) }
        return names
      }
      // In its place: an entry ends with its name, before the end of the field, which a copy of the
      // field would read beyond. The system ends the name with NUL, and keeps the entry until the
      // next call.
      names.append(
        unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
        })
    }
  }

  /// The bytes of files, together.
  ///
  /// - Throws: ``FileError`` if one of them is not there.
  package static func byteCount(of paths: some Sequence<String>) throws(FileError) -> Int {
    var total = 0
    for path in paths {
      guard let status = FileStatus(path) else {
        throw FileError("read", path: path, errno: errno)
      }
      total += status.byteCount
    }
    return total
  }

  /// Six characters that distinguish one temporary name from others.
  static func randomSuffix() -> String {
    let characters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return String((0..<6).map { _ in characters[.random(in: characters.indices)] })
  }

  /// Removes a file. One that no longer exists is no error.
  package static func remove(_ path: String) throws(FileError) {
    if unlink(path) != 0 && errno != ENOENT { throw FileError("remove", path: path, errno: errno) }
  }
}
