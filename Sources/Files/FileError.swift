import Platform

/// An operation on a file or folder that the operating system refused or could not complete.
///
/// It is what the `Files` target throws, always with the path at fault. Where a file is opened as a
/// checkpoint, it becomes the `cause` of a `CheckpointError`.
public struct FileError: Error, Hashable, Sendable {
  /// What was tried, as a verb: `open`, `read`, `write`, `map`, `create`, `replace`.
  public let operation: String
  /// The file or folder that it was tried on, as the caller named it.
  public let path: String
  /// The system's error number (`ENOENT`, `ENOSPC`, …), or nil if the system reported no error: a
  /// file that is too short, or a folder where a file was expected.
  public let errno: Int32?
  /// Why it failed, in words: the system's text for ``errno``, or a clause of Ballast's own.
  public let reason: String

  /// An error that the operating system reported.
  ///
  /// - Parameters:
  ///   - operation: What was tried, as a verb.
  ///   - path: The file or folder that it was tried on.
  ///   - errno: The system's error number, from which ``reason`` is made with `strerror`.
  public init(_ operation: String, path: String, errno: Int32) {
    self.operation = operation
    self.path = path
    self.errno = errno
    // The text is copied before another call can change it.
    self.reason = unsafe String(cString: strerror(errno))
  }

  /// An error found without the operating system, such as a file that is too short.
  ///
  /// - Parameters:
  ///   - operation: What was tried, as a verb.
  ///   - path: The file or folder that it was tried on.
  ///   - reason: What is wrong, as a clause without a full stop.
  public init(_ operation: String, path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.errno = nil
    self.reason = reason
  }

  /// Whether nothing is at the path: the file, or a folder on the way to it, does not exist
  /// (`ENOENT`, `ENOTDIR`).
  public var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
}

extension FileError: CustomStringConvertible {
  /// One clause: what could not be done, to which file, and why: `cannot open weights.pt: No such
  /// file or directory`.
  public var description: String {
    "cannot \(operation) \(path.isEmpty ? "''" : path): \(reason)"
  }
}
