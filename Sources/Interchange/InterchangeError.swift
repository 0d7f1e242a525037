import Arrays

/// Why a file of a foreign format could not be read or written.
///
/// The description is one or two sentences for the person who has the file: which file, where in
/// it, what is wrong, and what can be done.
public struct InterchangeError: Error, Hashable, Sendable {
  /// What sort of failure it is.
  public enum Code: String, Sendable, CaseIterable {
    /// The file is something else, such as a web page saved under a checkpoint's name.
    case notThisFormat
    /// The file is of the format, and parts of it are missing or contradict each other.
    case damaged
    /// The file asks for something that is never done, such as running a program.
    case refused
    /// The file is sound, and uses something that is not implemented.
    case unsupported
    /// The operating system could not open, read or write the file.
    case io
  }

  /// What sort of failure it is.
  public let code: Code
  /// The path of the file, as the caller named it.
  public let file: String
  /// Where in the file: a member, a tensor's name, a position.
  public let place: String?
  /// What is wrong, as a clause without a full stop.
  public let reason: String
  /// What can be done about it, as a sentence, if there is something.
  public let advice: String?
  /// The failure of the operating system, for ``Code/io``.
  public let cause: FileError?

  /// An error with these parts.
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

  /// A failure of the operating system.
  public init(_ cause: FileError, place: String? = nil) {
    code = .io
    file = cause.path
    self.place = place
    reason = "cannot \(cause.operation) it: \(cause.reason)"
    advice = nil
    self.cause = cause
  }
}

extension InterchangeError: CustomStringConvertible {
  /// One or two sentences, beginning with the file and the place in it.
  public var description: String {
    let subject = place.map { "\(file) (\($0))" } ?? file
    let sentence = "\(subject): \(reason)"
    return advice.map { "\(sentence). \($0)" } ?? sentence
  }
}

/// Runs `body`, and gives a failure of the operating system as this target's error.
func reportingFileErrors<R>(
  place: String? = nil, _ body: () throws(FileError) -> R
) throws(InterchangeError) -> R {
  do {
    return try body()
  } catch {
    throw InterchangeError(error, place: place)
  }
}
