import Arrays
import HDF5

/// Why a checkpoint could not be written or read.
public struct CheckpointError: Error, Sendable {
  /// What sort of trouble it is.
  public enum Code: Sendable, Hashable {
    /// The file is not a Ballast checkpoint.
    case notACheckpoint
    /// The file was written by a newer version of the layout.
    case newerVersion
    /// The file contradicts itself, or its bytes do not match their digest.
    case damaged
    /// The file asks for something that is never done, such as following an external link.
    case refused
    /// The checkpoint holds something that the layout cannot.
    case unsupported
    /// The operating system or the HDF5 library reported an error.
    case inputOutput
  }

  /// What sort of trouble it is.
  public let code: Code
  /// The file.
  public let file: String
  /// Where in the file: the path of a dataset or group, or nil for the file as a whole.
  public let place: String?
  /// What is wrong.
  public let reason: String
  /// The error that caused this one.
  public let cause: (any Error)?

  /// An error of these parts.
  public init(
    _ code: Code, file: String, place: String? = nil, reason: String, cause: (any Error)? = nil
  ) {
    self.code = code
    self.file = file
    self.place = place
    self.reason = reason
    self.cause = cause
  }
}

/// A place in a file, for the errors of those who work there.
struct CheckpointPlace: Sendable {
  let file: String
  let name: String

  init(_ file: String, _ name: String) {
    self.file = file
    self.name = name
  }

  func damaged(_ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file, place: name, reason: reason)
  }
}

extension CheckpointError: CustomStringConvertible {
  /// One sentence: the file, the place and what is wrong.
  public var description: String {
    ([file] + [place].compactMap(\.self) + [reason]).joined(separator: ": ")
  }
}
