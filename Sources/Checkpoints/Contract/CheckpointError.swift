import Files
import HDF5
import Platform

/// Why a file of a checkpoint, of whatever format, could not be read or written.
///
/// The description is one or two sentences for the person who has the file: which file, where in
/// it, what is wrong, and what can be done.
///
/// ```swift
/// do throws(CheckpointError) {
///   let checkpoint = try OpenedCheckpoint("model.pth").checkpoint
/// } catch where error.cause?.isNotFound == true {
///   // Train from the beginning.
/// }
/// ```
public struct CheckpointError: Error, Hashable, Sendable {
  /// What sort of failure it is.
  public enum Code: String, Sendable, CaseIterable {
    /// The file is something else, such as a web page saved under a checkpoint's name.
    case notThisFormat
    /// The file was written by a newer version of its format than is known here.
    case newerVersion
    /// The file is of the format, and parts of it are missing, contradict each other, or do not
    /// match their checksums.
    case damaged
    /// The file says that it holds something that is not in it: another program took it out. All that
    /// is there may be sound.
    case missing
    /// The file would need something that is never done, such as running a program, following a
    /// link to another file, or taking far more memory than the file's size justifies.
    case refused
    /// The file is sound, and uses something that is not implemented; or the format cannot hold
    /// what is to be written.
    case unsupported
    /// The operating system could not open, read or write the file. ``CheckpointError/cause`` has
    /// its error number. It says nothing of what is in the file, and is never reported as damage.
    case inputOutput
    /// Whoever asked for the write has cancelled it. What was at the path is still there.
    case cancelled
  }

  /// What sort of failure it is.
  public let code: Code
  /// The path of the file, as the caller named it.
  public let file: String
  /// Where in the file: a member, a tensor's name, a dataset's path, a position.
  public let place: String?
  /// What is wrong, as a clause without a full stop.
  public let reason: String
  /// What can be done about it, as a sentence, if there is something.
  public let advice: String?
  /// The failure of the operating system, for ``Code/inputOutput`` and ``Code/cancelled``.
  public let cause: FileError?

  /// An error with these parts, without a ``cause``.
  ///
  /// - Parameters:
  ///   - code: What sort of failure it is; not `inputOutput`, which comes with a `FileError`.
  ///   - file: The path of the file, as the caller named it.
  ///   - place: Where in the file.
  ///   - reason: What is wrong, as a clause without a full stop.
  ///   - advice: What can be done about it, as a sentence.
  public init(
    _ code: Code, file: String, place: String? = nil, reason: String, advice: String? = nil
  ) {
    self.code = code
    self.file = file
    self.place = place
    self.reason = reason
    self.advice = advice
    cause = nil
  }

  /// A failure of the operating system, with code `inputOutput`, or `cancelled` for its `ECANCELED`.
  ///
  /// - Parameters:
  ///   - cause: What the system reported, and of which path.
  ///   - place: Where in the file, such as the member that was being read.
  public init(_ cause: FileError, place: String? = nil) {
    code = cause.errno == ECANCELED ? .cancelled : .inputOutput
    file = cause.path
    self.place = place
    reason = "cannot \(cause.operation) it: \(cause.reason)"
    advice = nil
    self.cause = cause
  }

  /// A failure of the HDF5 reader or writer, in the name of a checkpoint's file.
  package init(_ error: HDF5Error, file: String) {
    if let cause = error.cause {
      self.init(cause, place: error.path)
      return
    }
    let code: Code =
      switch error.code {
      case .refusedLink: .refused
      case .unsupported: .unsupported
      case .notHDF5: .notThisFormat
      default: .damaged
      }
    self.init(code, file: file, place: error.path, reason: error.message)
  }
}

extension CheckpointError: CustomStringConvertible {
  /// One or two sentences, beginning with the file and the place in it.
  public var description: String {
    if let cause, place == nil { return "\(cause)" }
    let subject = place.map { "\(file) (\($0))" } ?? file
    let sentence = "\(subject): \(reason)"
    return advice.map { "\(sentence). \($0)" } ?? sentence
  }
}

extension CheckpointError {
  /// What `body` throws, in the name of a file; nil if it throws nothing.
  package static func caught(in file: String, _ body: () throws -> Void) -> CheckpointError? {
    do throws(CheckpointError) {
      try reporting(file, body)
      return nil
    } catch {
      return error
    }
  }

  /// Runs `body`, and gives what it throws as an error of a checkpoint's file.
  ///
  /// The functions that read files throw `FileError`, `HDF5Error` and this error, and nothing else;
  /// another error would be a defect of theirs, and is reported as damage with its description.
  package static func reporting<R>(
    _ file: String, _ body: () throws -> R
  ) throws(CheckpointError) -> R {
    do {
      return try body()
    } catch let error as CheckpointError {
      throw error
    } catch let error as FileError {
      throw CheckpointError(error)
    } catch let error as HDF5Error {
      throw CheckpointError(error, file: file)
    } catch {
      throw CheckpointError(.damaged, file: file, reason: "\(error)")
    }
  }
}

/// A place in a file, for the errors of those who work there.
package struct CheckpointPlace: Sendable {
  /// The path of the file.
  package let file: String
  /// Where in the file.
  package let name: String

  /// A place.
  package init(_ file: String, _ name: String) {
    self.file = file
    self.name = name
  }

  /// An error that says that what is here contradicts itself.
  package func damaged(_ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file, place: name, reason: reason)
  }
}

/// What `body` gives; nil where what it reads is not as it should be. For recognising files, and
/// for parts that may be missing.
///
/// - Throws: ``CheckpointError`` if the file cannot be read, which says nothing of what is in it.
package func ifSound<R>(_ body: () throws -> R?) throws(CheckpointError) -> R? {
  do {
    return try body()
  } catch let error as FileError {
    throw CheckpointError(error)
  } catch let error as HDF5Error {
    if let cause = error.cause { throw CheckpointError(cause, place: error.path) }
    return nil
  } catch let error as CheckpointError {
    guard error.code != .inputOutput else { throw error }
    return nil
  } catch {
    return nil
  }
}

/// Runs `body`, and gives a failure of the operating system as an error of the checkpoint.
///
/// - Parameter place: Where in the file.
package func reportingFileErrors<R>(
  place: String? = nil, _ body: () throws(FileError) -> R
) throws(CheckpointError) -> R {
  do {
    return try body()
  } catch {
    throw CheckpointError(error, place: place)
  }
}
