import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of files that is made beside its place and takes it when it is whole.
///
/// It never takes the place of a folder that holds something: nobody can tell whether all of that
/// is to go. A folder that is given up, or goes away without ``commit(durable:)``, is removed.
public final class ReplacementFolder: Sendable {
  /// The path that the folder will have.
  public let path: String
  /// The path at which it is made.
  public let temporaryPath: String

  private let made = Mutex(Made())

  /// What has to be removed if the folder is given up.
  private struct Made {
    var isOpen = true
    var files: [String] = []
    var folders: [String] = []
  }

  /// Makes the temporary folder.
  ///
  /// - Parameter overwrite: Whether an empty folder at the path may be replaced.
  /// - Throws: ``FileError`` if the path leads to a file, or to a folder that is not empty.
  public init(
    _ path: String, overwrite: ReplacementFile.Overwrite = .replace
  ) throws(FileError) {
    var target = path[...]
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    self.path = String(target)
    try Self.checkPlace(self.path, overwrite)
    let slash = target.lastIndex(of: "/")
    let parent = slash.map { target[...$0] } ?? ""
    let name = slash.map { target[target.index(after: $0)...] } ?? target
    var template = Array("\(parent).\(name.prefix(60)).partial-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError("create", path: path, errno: errno) }
    temporaryPath = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let mask = umask(0)
    umask(mask)
    chmod(temporaryPath, 0o777 & ~mask)
  }

  deinit { abandon() }

  private static func checkPlace(
    _ path: String, _ overwrite: ReplacementFile.Overwrite
  ) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw FileError("create", path: path, errno: errno) }
      return
    }
    guard mode_t(status.st_mode) & S_IFMT == S_IFDIR else {
      throw FileError("create", path: path, errno: EEXIST)
    }
    guard overwrite == .replace else { throw FileError("create", path: path, errno: EEXIST) }
    guard let directory = opendir(path) else {
      throw FileError("create", path: path, errno: errno)
    }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Each folder lists itself and its parent.
    guard count <= 2 else { throw FileError("create", path: path, errno: ENOTEMPTY) }
  }

  /// A new file in the folder.
  ///
  /// - Parameter name: Its path within the folder; folders on the way are made.
  public func file(_ name: String) throws(FileError) -> ReplacementFile {
    var folder = temporaryPath
    for part in name.split(separator: "/").dropLast() {
      folder += "/" + part
      if mkdir(folder, 0o777) == 0 {
        let madeFolder = folder
        made.withLock { $0.folders.append(madeFolder) }
      } else if errno != EEXIST {
        throw FileError("create", path: path, errno: errno)
      }
    }
    let path = temporaryPath + "/" + name
    made.withLock { $0.files.append(path) }
    return try ReplacementFile(path, overwrite: .refuse)
  }

  /// Gives the folder its path. All its files have been committed.
  ///
  /// - Parameter durable: Whether to wait until the new name is on the disk.
  /// - Throws: ``FileError``; nothing is left then.
  public func commit(durable: Bool = true) throws(FileError) {
    guard rename(temporaryPath, path) == 0 else {
      let number = errno
      abandon()
      throw FileError("create", path: path, errno: number)
    }
    made.withLock { $0.isOpen = false }
    guard durable else { return }
    let parent = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    let descriptor = open(String(parent), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path: path, errno: errno) }
    defer { close(descriptor) }
    // Some file systems do not sync folders; the files themselves are safe.
    if fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS {
      throw FileError("write", path: path, errno: errno)
    }
  }

  /// Removes the temporary folder. Does nothing after ``commit(durable:)``.
  public func abandon() {
    let made = made.withLock { made in
      defer { made.isOpen = false }
      return made
    }
    guard made.isOpen else { return }
    for file in made.files { unlink(file) }
    for folder in made.folders.reversed() { rmdir(folder) }
    rmdir(temporaryPath)
  }
}
