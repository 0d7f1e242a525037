import Platform

/// An operation on a file that the operating system refused or could not complete.
public struct FileError: Error, Hashable, Sendable {
  /// What was tried, as a verb: `open`, `read`, `write`, `rename`.
  public let operation: String
  /// The file that it was tried on, as the caller named it.
  public let path: String
  /// The system's error number, or nil where the file itself is at fault.
  public let errno: Int32?
  /// Why it failed, in words.
  public let reason: String

  /// An error that the operating system reported.
  public init(_ operation: String, path: String, errno: Int32) {
    self.operation = operation
    self.path = path
    self.errno = errno
    self.reason = String(cString: strerror(errno))
  }

  /// An error found without the operating system, such as a file that is too short.
  public init(_ operation: String, path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.errno = nil
    self.reason = reason
  }

  /// True if nothing is at the path.
  public var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
}

extension FileError: CustomStringConvertible {
  /// One sentence: what could not be done, to which file, and why.
  public var description: String {
    "cannot \(operation) \(path.isEmpty ? "''" : path): \(reason)"
  }
}
