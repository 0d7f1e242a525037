import Arrays
import Checkpoints
import Files
import Interchange
import Platform
import States

/// How a tool ended: the same numbers for all, after `sysexits.h`.
public enum ExitStatus: Int32, Sendable {
  /// It did what was requested.
  case success = 0
  /// A check said no: a difference, damage found by `ballast-verify`, a strict load refused.
  case checkFailed = 1
  /// The command line is wrong.
  case usage = 64
  /// The input is not what it claims, is damaged, or needs what is refused.
  case inputRefused = 65
  /// There is no such input, or it may not be read.
  case noInput = 66
  /// The output cannot be made, or exists.
  case cannotCreate = 73
  /// Reading or writing failed, as on a full disk.
  case inputOutput = 74
}

/// The command line requests something impossible, which was found out after it was parsed.
public struct UsageError: Error, CustomStringConvertible {
  /// What is wrong with it.
  public let description: String
  /// An error of this description.
  public init(_ description: String) { self.description = description }
}

extension ExitStatus {
  /// The status for an error.
  public init(_ error: any Error) {
    switch error {
    case let error as FileError: self.init(error)
    case let error as CheckpointError:
      if let cause = error.cause {
        self.init(cause)
      } else {
        self = error.code == .inputOutput ? .inputOutput : .inputRefused
      }
    case is LoadError: self = .checkFailed
    case is UsageError, is MappingError: self = .usage
    default: self = .inputRefused
    }
  }

  private init(_ error: FileError) {
    switch (error.operation, error.errno) {
    // A full or failing disk, and want of descriptors, say nothing of the path.
    case (_, ENOSPC), (_, EDQUOT), (_, EIO), (_, EMFILE), (_, ENFILE): self = .inputOutput
    case ("open", ENOENT), ("open", ENOTDIR), ("open", EACCES), ("open", EPERM), ("open", ELOOP),
      ("open", ENAMETOOLONG):
      self = .noInput
    case ("open", nil): self = .inputRefused
    case ("create", _), ("replace", _): self = .cannotCreate
    default: self = .inputOutput
    }
  }
}
