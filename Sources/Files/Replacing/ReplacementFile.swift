import CSupport
import Platform
import Synchronization

/// A file that is written beside another and takes its place when it is whole.
///
/// At every moment the path leads to the old file or to the new one, never to a part: the bytes
/// go to a temporary file in the same folder, which is made durable and then renamed. A process
/// that is killed leaves the old file; the next replacement of the same path removes what was
/// left behind. A replacement that is given up, or goes away without ``commit()``, removes its
/// temporary file.
public final class ReplacementFile: Sendable {
  /// What to do if something is at the path already.
  public enum Overwrite: Sendable {
    /// Take its place, if it is a regular file.
    case replace
    /// Throw, before anything is written.
    case refuse
  }

  /// The path that the file will have.
  public let path: String
  /// The path at which it is written.
  public let temporaryPath: String

  private let descriptor: Int32
  private let folder: String
  let overwrite: Overwrite
  let isDurable: Bool
  private let state = Mutex(State.open)

  private enum State {
    case open
    case finished
  }

  /// The temporary files of this process that have not taken their places yet.
  private static let unfinished = Mutex<Set<String>>([])

  /// Makes the temporary file.
  ///
  /// - Parameters:
  ///   - path: The path that the file will have.
  ///   - overwrite: What to do if something is there already.
  ///   - durable: False leaves it to the system when the bytes reach the disk: faster, but after a
  ///     power cut the file may be damaged. It never is after the process is killed.
  /// - Throws: ``FileError`` if the folder is missing or may not be written, or if the path leads
  ///   to a folder, a device, or, with ``Overwrite/refuse``, to anything.
  public init(
    _ path: String, overwrite: Overwrite = .replace, durable: Bool = true
  ) throws(FileError) {
    // A symbolic link keeps its place: the file that it leads to is replaced.
    let (target, exists) = try Self.resolved(path)
    let slash = target.lastIndex(of: "/")
    folder = slash.map { target[...$0] == "/" ? "/" : String(target[..<$0]) } ?? "."
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard !name.isEmpty else {
      throw FileError("create", path: path, reason: "it names no file")
    }
    self.path = target
    self.overwrite = overwrite
    isDurable = durable
    // Also if the path is taken: a writer that was killed in its last step may have left its
    // temporary file beside the finished one.
    Self.sweep(folder, name)
    if exists && overwrite == .refuse { throw FileError("create", path: path, errno: EEXIST) }

    let permissions = Self.permissions(of: target)
    (descriptor, temporaryPath) = try Self.makeTemporaryFile(
      in: folder, for: name, path, permissions: permissions ?? 0o666)
    let made = temporaryPath
    Self.unfinished.withLock { _ = $0.insert(made) }
    // What the file to be replaced allows, the umask may have taken off.
    if let permissions { fchmod(descriptor, permissions) }
  }

  deinit { abandon() }

  /// Writes from this size on begin to go to the disk at once, so that the end of the writing does
  /// not wait for all of them. Less is not worth a call.
  private static let writebackByteCount = 1 << 18

  /// Writes bytes at a position, all of them.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    guard var position = bytes.baseAddress else { return }
    var remaining = bytes.count
    var place = offset
    while remaining > 0 {
      let count = pwrite(descriptor, position, remaining, off_t(place))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path: path, errno: errno)
      }
      position += count
      place += count
      remaining -= count
    }
    if isDurable && bytes.count >= Self.writebackByteCount {
      cs_begin_writeback(descriptor, Int64(offset), Int64(bytes.count))
    }
  }

  /// Reserves space on the disk for the first `byteCount` bytes.
  ///
  /// Finds out that the disk is full before anything is written, and makes the writing faster.
  ///
  /// - Throws: ``FileError`` if there is not so much space. A file system that cannot reserve is
  ///   no error.
  public func reserve(_ byteCount: Int) throws(FileError) {
    #if os(Linux)
      var status: Int32
      repeat { status = posix_fallocate(descriptor, 0, off_t(byteCount)) } while status == EINTR
      if status != 0 && status != EOPNOTSUPP && status != EINVAL {
        throw FileError("write", path: path, errno: status)
      }
    #endif
  }

  /// Makes the bytes durable, if they are to be, and gives the file its path.
  ///
  /// - Throws: ``FileError``; the old file is still there then.
  public func commit() throws(FileError) {
    let wasOpen = state.withLock { state in
      defer { state = .finished }
      return state == .open
    }
    require(wasOpen, "a replacement is committed once")
    do throws(FileError) {
      // An error of fsync is final: the system may have dropped the pages that it could not
      // write, and a second fsync would report success.
      if isDurable { try synchronize() }
      switch overwrite {
      case .replace:
        if rename(temporaryPath, path) != 0 { throw FileError("replace", path: path, errno: errno) }
      case .refuse: try Self.moveWithoutReplacing(temporaryPath, to: path)
      }
      finish()
    } catch {
      unlink(temporaryPath)
      finish()
      throw error
    }
    if isDurable { try syncFolder() }
  }

  /// Makes the bytes durable, under the name that the file has now.
  func synchronize() throws(FileError) {
    if fsync(descriptor) != 0 { throw FileError("write", path: path, errno: errno) }
  }

  /// Removes the temporary file. Does nothing after ``commit()``.
  public func abandon() {
    let wasOpen = state.withLock { state in
      defer { state = .finished }
      return state == .open
    }
    guard wasOpen else { return }
    unlink(temporaryPath)
    finish()
  }

  /// Removes the temporary files of all replacements in this process that are under way.
  ///
  /// For a process that is about to end, as when the user interrupts it: none of them can be
  /// committed afterwards. Those that are gone by themselves are left to the next replacement of
  /// the same path, but the user has the space back at once.
  package static func abandonAll() {
    // Files that are just taking their places do so first, or else the old ones would be gone too.
    taking.withLock { _ in
      unfinished.withLock { paths in
        for path in paths { unlink(path) }
      }
    }
  }

  private func finish() {
    close(descriptor)
    Self.unfinished.withLock { _ = $0.remove(temporaryPath) }
  }

  /// Makes the new name durable.
  func syncFolder() throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path: folder, errno: errno) }
    defer { close(descriptor) }
    // Some file systems do not sync folders; the file itself is safe.
    if fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS {
      throw FileError("write", path: folder, errno: errno)
    }
  }
}
