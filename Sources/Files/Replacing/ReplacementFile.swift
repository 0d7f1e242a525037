import CSupport
import Platform
import Synchronization

/// A file that is written under a temporary name and takes its path only when it is complete.
///
/// At every moment the path leads to the old file or to the new one, never to part of one. The
/// bytes go to a temporary file in the same folder, which ``commit()`` makes durable with `fsync`,
/// unless `durable` is false, and then moves to the path. If the process is killed, the old file
/// stays, and the next replacement of the same path removes what was left behind. A replacement
/// that is abandoned, or released without ``commit()``, removes its temporary file.
///
/// ```swift
/// let file = try ReplacementFile("model.bin")
/// try file.write(bytes, at: 0)
/// try file.commit()
/// ```
public final class ReplacementFile: Sendable {
  /// What to do if something is at the path already.
  public enum Overwrite: Sendable {
    /// Replace it, if it is a regular file.
    case replace
    /// Throw before anything is written, and also if something appears at the path before the
    /// commit.
    case refuse
  }

  /// The path that the file will have. If a file is there already, its absolute path with all
  /// symbolic links resolved.
  public let path: String
  /// The path under which it is written until ``commit()``.
  public let temporaryPath: String

  private let descriptor: Int32
  private let folder: String
  let overwrite: Overwrite
  let isDurable: Bool
  private let isCancelled: @Sendable () -> Bool
  private let state = Mutex(State.open)

  private enum State {
    case open
    case finished
  }

  /// The temporary files of this process that have not taken their places yet.
  private static let unfinished = Mutex<Set<String>>([])

  /// Creates the temporary file, with the permissions of the file that it is going to replace.
  ///
  /// The temporary files that killed writers of the same path left behind are removed first.
  ///
  /// - Parameters:
  ///   - path: The path that the file will have. If it is a symbolic link, the link stays and the
  ///     file that it leads to is replaced.
  ///   - overwrite: What to do if something is there already.
  ///   - durable: Whether ``commit()`` waits until the bytes are on the disk. Without that it is
  ///     faster, but a power failure may leave a damaged file; the end of the process never does.
  ///   - isCancelled: Asked before each write, in whatever thread, and before the bytes are made durable:
  ///     if it says so, an error of the number `ECANCELED` is thrown, and the path keeps its file.
  /// - Throws: ``FileError`` if the folder is missing or may not be written to, or if at the path
  ///   is a folder, a device, a symbolic link that leads nowhere, or, with ``Overwrite/refuse``,
  ///   anything.
  public init(
    _ path: String, overwrite: Overwrite = .replace, durable: Bool = true,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(FileError) {
    // A symbolic link keeps its place: the file that it leads to is replaced.
    let (target, permissions) = try Self.resolved(path)
    let slash = target.lastIndex(of: "/")
    folder = slash.map { target[...$0] == "/" ? "/" : String(target[..<$0]) } ?? "."
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard !name.isEmpty else {
      throw FileError("create", path: path, reason: "it names no file")
    }
    self.path = target
    self.overwrite = overwrite
    isDurable = durable
    self.isCancelled = isCancelled
    // Also if the path is taken: a writer that was killed in its last step may have left its
    // temporary file beside the finished one.
    Self.sweep(folder, name)
    guard permissions == nil || overwrite == .replace else {
      throw FileError("create", path: path, errno: EEXIST)
    }

    (descriptor, temporaryPath) = try Self.makeTemporaryFile(
      in: folder, for: name, path, permissions: permissions ?? 0o666)
    let made = temporaryPath
    Self.unfinished.withLock { _ = $0.insert(made) }
    // What the file to be replaced allows, the umask may have taken off.
    if let permissions { fchmod(descriptor, permissions) }
  }

  deinit { abandon() }

  /// The size from which on a write begins to go to the disk at once, so that ``commit()`` has less
  /// to wait for. For smaller ones the call costs more than it gains.
  private static let writebackByteCount = 1 << 18

  /// Writes all of `bytes` at a position. May be called from several threads, in any order.
  ///
  /// - Parameters:
  ///   - bytes: What is written.
  ///   - offset: Where, in bytes from the beginning of the file. A gap that is left before it reads
  ///     as zeros.
  /// - Throws: ``FileError`` if the system refuses, as when the disk is full, or the work is cancelled.
  public func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
    try checkCancellation()
    var written = 0
    while written < bytes.byteCount {
      // The system reads at most the bytes that remain.
      let count = unsafe bytes.withUnsafeBytes { source in
        uninterrupted {
          unsafe pwrite(
            descriptor, source.baseAddress?.advanced(by: written), source.count - written,
            off_t(offset + written))
        }
      }
      if count < 0 { throw FileError("write", path: path, errno: errno) }
      written += count
    }
    if isDurable && bytes.byteCount >= Self.writebackByteCount {
      cs_begin_writeback(descriptor, Int64(offset), Int64(bytes.byteCount))
    }
  }

  /// Writes all of an array of bytes at a position, as ``write(_:at:)-(RawSpan,_)``.
  public func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try bytes.withBytes { (bytes) throws(FileError) in try write(bytes, at: offset) }
  }

  /// Reserves space on the disk for the first `byteCount` bytes; the file is then at least that
  /// long.
  ///
  /// A disk that is too full is noticed before anything is written, and writing becomes faster.
  /// Where the file system has no such call, the C library may write to every block instead, or
  /// this does nothing; on systems other than Linux it does nothing.
  ///
  /// - Throws: ``FileError`` if there is not enough space.
  public func reserve(_ byteCount: Int) throws(FileError) {
    #if os(Linux)
      var status: Int32
      repeat { status = posix_fallocate(descriptor, 0, off_t(byteCount)) } while status == EINTR
      if status != 0 && status != EOPNOTSUPP && status != EINVAL {
        throw FileError("write", path: path, errno: status)
      }
    #endif
  }

  /// Makes the bytes durable, if the file is to be durable, and gives it its path.
  ///
  /// - Precondition: Neither this nor ``abandon()`` was called before.
  /// - Throws: ``FileError``. If the file could not be synchronized or renamed, the temporary file
  ///   is removed and the old file is still at the path. If only the folder could not be
  ///   synchronized, the new file is at the path, and may not be there after a power failure.
  public func commit() throws(FileError) {
    require(state.withLock { $0 == .open }, Self.committedTwice)
    if isDurable {
      do throws(FileError) {
        // An error of fsync is final: the system may have dropped the pages that it could not
        // write, and a second fsync would report success.
        try synchronize()
      } catch {
        abandon()
        throw error
      }
    }
    try takePlace()
    if isDurable { try syncFolder() }
  }

  private static let committedTwice = "a replacement is committed once"

  /// Gives the file its path; its bytes, if need be, are durable.
  ///
  /// - Throws: ``FileError``; the temporary file is removed then.
  func takePlace() throws(FileError) {
    let wasOpen = state.withLock { state in
      defer { state = .finished }
      return state == .open
    }
    require(wasOpen, Self.committedTwice)
    do throws(FileError) {
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
  }

  /// Makes the bytes durable under the name that the file has now.
  func synchronize() throws(FileError) {
    try checkCancellation()
    let status = uninterrupted { fsync(descriptor) }
    if status != 0 { throw FileError("write", path: path, errno: errno) }
  }

  private func checkCancellation() throws(FileError) {
    if isCancelled() { throw FileError("write", path: path, errno: ECANCELED) }
  }

  /// Removes the temporary file and leaves the path as it is. Does nothing after ``commit()``.
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
  /// committed afterwards. The next replacement of the same path would remove them too, but this
  /// gives the space back at once.
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
    let descriptor = uninterrupted { open(folder, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError("open", path: folder, errno: errno) }
    defer { close(descriptor) }
    // Some file systems do not sync folders; the file itself is safe.
    if uninterrupted({ fsync(descriptor) }) != 0 && errno != EINVAL && errno != EROFS {
      throw FileError("write", path: folder, errno: errno)
    }
  }
}
