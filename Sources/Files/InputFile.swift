import Platform
import Synchronization

/// A regular file that is open for reading for as long as this object lives.
///
/// Every read names its own position (`pread`), so many threads can read at once. The size is that
/// at opening: a file that is cut short later makes a read throw.
public final class InputFile: Sendable {
  /// The path by which the file was opened, as the caller gave it.
  public let path: String
  /// The size of the file in bytes when it was opened.
  public let byteCount: Int
  /// Identifies the file itself, whichever path led to it: equal for a file and a link to it.
  public let identity: Identity

  private let descriptor: Int32
  private let modified: (seconds: Int, nanoseconds: Int)
  private let mapping = FileMapping()
  private let beginning = Mutex<[UInt8]>([])
  /// What it was opened for, if somebody watches that.
  private let work = WatchedWork.current
  /// The file that this is a part of, and where it begins there; nil for a file that was opened.
  private let whole: (file: InputFile, start: Int)?

  /// The device and inode number of a file, equal for two paths to the same file.
  public struct Identity: Hashable, Sendable {
    /// The number of the device that holds the file (`st_dev`).
    let device: UInt64
    let number: UInt64
    /// Where in the file the bytes begin, for a part that is taken for a file.
    var start = 0
  }

  /// Opens a file for reading. Nothing is read yet.
  ///
  /// Symbolic links are followed. Opening never waits, not even for a pipe without a writer, which
  /// is refused.
  ///
  /// - Parameter path: The path of the file, relative to the working directory or absolute.
  /// - Throws: ``FileError`` if nothing is at the path, the file may not be read, or it is not a
  ///   regular file: a folder, or a pipe or device, which has no size and might never end.
  public convenience init(_ path: String) throws(FileError) {
    // Without O_NONBLOCK, opening a pipe would wait for someone to write to it.
    try self.init(
      path, opened: uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
  }

  /// Opens a file in a folder, or in folders in it, without following a symbolic link there.
  ///
  /// Each part is opened in the folder that was opened before it, so that nobody who changes the folders meanwhile
  /// leads to another place.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder, in which links are followed; the working directory if it is empty.
  ///   - parts: The names on the way from there, at least one, none of them `..`.
  /// - Throws: ``FileError`` as for a path, and if a part is a symbolic link.
  package convenience init(in folder: String, _ parts: [String]) throws(FileError) {
    let path =
      (folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/")
      + parts.joined(separator: "/")
    let isFolder = O_RDONLY | O_CLOEXEC | O_DIRECTORY
    var descriptor = uninterrupted { open(folder.isEmpty ? "." : folder, isFolder) }
    for (number, part) in parts.enumerated() where descriptor >= 0 {
      let outer = descriptor
      let flags = number + 1 == parts.count ? O_RDONLY | O_CLOEXEC | O_NONBLOCK : isFolder
      descriptor = uninterrupted { unsafe openat(outer, part, flags | O_NOFOLLOW) }
      let failure = errno
      close(outer)
      errno = failure
    }
    try self.init(path, opened: descriptor)
  }

  /// Takes a file that was opened: negative, with `errno` set, if that failed.
  private init(_ path: String, opened descriptor: Int32) throws(FileError) {
    guard descriptor >= 0 else { throw FileError("open", path: path, errno: errno) }
    guard let status = FileStatus(descriptor) else {
      let number = errno
      close(descriptor)
      throw FileError("open", path: path, errno: number)
    }
    guard status.isRegularFile else {
      close(descriptor)
      let reason = status.isFolder ? "it is a folder" : "it is not a regular file"
      throw FileError("open", path: path, reason: reason)
    }
    self.path = path
    self.descriptor = descriptor
    whole = nil
    byteCount = status.byteCount
    identity = status.identity
    modified = status.modified
    work?.expect(byteCount: byteCount)
  }

  /// A part of an open file, taken for a file of its own: an archive within a file of several.
  ///
  /// It reads, and maps, what the whole does, and keeps that open.
  ///
  /// - Parameter region: The part.
  package init(_ region: FileRegion) {
    let file = region.file
    path = file.path
    byteCount = region.range.count
    descriptor = -1
    modified = file.modified
    var identity = file.identity
    identity.start += region.range.lowerBound
    self.identity = identity
    if let whole = file.whole {
      self.whole = (whole.file, whole.start + region.range.lowerBound)
    } else {
      whole = (file, region.range.lowerBound)
    }
  }

  /// Where the first byte is in the file that is open; 0 but for a part of one.
  package var start: Int { whole?.start ?? 0 }
  /// Whether it is a part of a file that is taken for a file of its own.
  package var isPart: Bool { whole != nil }

  deinit { if whole == nil { close(descriptor) } }

  /// Fills `bytes` with those that start at `offset`. May be called from several threads.
  ///
  /// - Parameters:
  ///   - bytes: Where the bytes go. Its size says how many are read.
  ///   - offset: The position in the file of the first of them.
  /// - Throws: ``FileError`` if the system cannot read them, as at a negative position, or the file
  ///   ends before `bytes` are full; part of them may have been written then.
  public func read(
    into bytes: inout MutableRawSpan, at offset: Int
  ) throws(FileError) {
    if (0..<Self.beginningByteCount).contains(offset), copyBeginning(into: &bytes, at: offset) {
      return
    }
    if let whole {
      guard offset >= 0, offset <= byteCount, bytes.byteCount <= byteCount - offset else {
        throw FileError(
          "read", path: path,
          reason:
            "\(bytes.byteCount) bytes from \(offset) on are not within a part of \(byteCount)")
      }
      return try whole.file.read(into: &bytes, at: whole.start + offset)
    }
    var read = 0
    while read < bytes.byteCount {
      try work?.check(path)
      let (remaining, place) = (bytes.byteCount - read, offset + read)
      let wanted = min(remaining, Self.maximumReadByteCount)
      // The system writes at most the bytes that remain, behind those that it has written.
      let count = unsafe bytes.withUnsafeMutableBytes { target in
        uninterrupted {
          unsafe pread(descriptor, target.baseAddress?.advanced(by: read), wanted, off_t(place))
        }
      }
      if count < 0 { throw FileError("read", path: path, errno: errno) }
      guard count > 0 else {
        throw FileError(
          "read", path: path,
          reason: "it ends at byte \(place), and \(remaining) more bytes were to follow")
      }
      read += count
      work?.complete(byteCount: count)
    }
  }

  /// As much as is asked of the system at once, so that work that is cancelled ends soon.
  private static let maximumReadByteCount = 64 << 20

  /// Reads a range of the file into an array.
  ///
  /// - Parameter range: The range, in bytes from the beginning of the file.
  /// - Throws: ``FileError`` if the range is not within the ``byteCount`` bytes of the file, or
  ///   cannot be read.
  public func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= byteCount else {
      throw FileError(
        "read", path: path,
        reason: "bytes \(range.lowerBound) to \(range.upperBound) are not within its \(byteCount)")
    }
    return try [UInt8](count: range.count) { (bytes) throws(FileError) in
      try read(into: &bytes, at: range.lowerBound)
    }
  }

  /// Looks whether the file is as it was when it was opened: as long, and not written to since.
  ///
  /// A mapping of a file that was cut short reads as zeros to the end of its last page; only pages behind
  /// that raise a signal. One that is written to in place is read in part before and in part after. So
  /// whoever has read a mapping asks this before relying on it.
  ///
  /// - Throws: ``FileError`` if it is another, or the system does not say.
  public func checkIsUnchanged() throws(FileError) {
    if let whole { return try whole.file.checkIsUnchanged() }
    guard let status = FileStatus(descriptor) else {
      throw FileError("read", path: path, errno: errno)
    }
    guard status.byteCount >= byteCount else {
      throw FileError(
        "read", path: path,
        reason: "it was cut short to \(status.byteCount) bytes while it was being read")
    }
    guard status.modified == modified else {
      throw FileError("read", path: path, reason: "it was changed while it was being read")
    }
  }

  /// How many bytes ``head()`` keeps.
  private static let beginningByteCount = 1024

  /// The first bytes of the file, up to 1 KiB. They are kept: a later read that is within them
  /// does not go to the system again.
  ///
  /// - Throws: ``FileError`` if they cannot be read.
  package func head() throws(FileError) -> [UInt8] {
    let bytes = try bytes(in: 0..<min(byteCount, Self.beginningByteCount))
    beginning.withLock { $0 = bytes }
    return bytes
  }

  /// Fills `bytes` from those that ``head()`` kept.
  ///
  /// - Returns: False, with `bytes` untouched, if not all of the wanted ones were kept.
  private func copyBeginning(into bytes: inout MutableRawSpan, at offset: Int) -> Bool {
    let kept = beginning.withLock { $0 }
    guard bytes.byteCount <= kept.count - offset else { return false }
    kept.withBytes { bytes.copy($0.extracting(offset..<offset + bytes.byteCount)) }
    return true
  }

  /// The address of the first byte of the file, mapped for reading only. The file is mapped when this
  /// is first called, and stays so as long as this object lives.
  ///
  /// - Throws: ``FileError`` if the system cannot map the file, or the file is empty.
  package func mappedBase() throws(FileError) -> UnsafeMutableRawPointer {
    // The part is within the whole: its region was checked.
    if let whole { return unsafe try whole.file.mappedBase() + whole.start }
    return unsafe try mapping.base(of: self, descriptor: descriptor)
  }
}
