import Files

/// What went wrong, where, and what libhdf5 said about it.
///
/// Every throwing function of this module throws this type. ``description`` is a sentence for a
/// person; ``code`` is for a program to act upon; ``frames`` keeps all that the C library reported.
public struct HDF5Error: Error, Sendable, Hashable {
  /// The kind of failure.
  public var code: Code
  /// What was being done, as it follows "cannot" in a sentence: `open the file`.
  public var operation: String
  /// The path of the file on disk, or the name given to a file in memory.
  public var file: String?
  /// The path of the object in the file, or of the attribute: `/group/dataset`.
  public var path: String?
  /// The reason, in words.
  public var message: String
  /// The error number of the operating system, where one is known.
  public var errno: Int32?
  /// The failure to read the file that this one comes from, if it is one.
  public var cause: FileError?
  /// The error stack of libhdf5, from the function that was called to the one that failed.
  public var frames: [Frame]

  /// Makes an error.
  public init(
    _ code: Code, operation: String, file: String? = nil, path: String? = nil, message: String,
    errno: Int32? = nil, frames: [Frame] = []
  ) {
    self.code = code
    self.operation = operation
    self.file = file
    self.path = path
    self.message = message
    self.errno = errno
    self.frames = frames
  }

  /// A failure to read the file.
  package init(_ cause: FileError, operation: String, path: String? = nil) {
    self.init(
      .io, operation: operation, file: cause.path, path: path, message: "\(cause)",
      errno: cause.errno)
    self.cause = cause
  }
}

extension HDF5Error {
  /// A kind of failure. The set is open: a later version may add to it.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The code's name, which never changes.
    public let rawValue: String

    /// Makes the code of a name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The file, object, link or attribute does not exist.
    public static let notFound = Code(rawValue: "notFound")
    /// Something of that name exists already.
    public static let alreadyExists = Code(rawValue: "alreadyExists")
    /// The file is not an HDF5 file.
    public static let notHDF5 = Code(rawValue: "notHDF5")
    /// The file ends before the end that it declares.
    public static let truncated = Code(rawValue: "truncated")
    /// The file contradicts itself or its checksums.
    public static let corrupt = Code(rawValue: "corrupt")
    /// The type or the kind of object is not the one asked for.
    public static let typeMismatch = Code(rawValue: "typeMismatch")
    /// The operating system or the way the file was opened forbids it.
    public static let permissionDenied = Code(rawValue: "permissionDenied")
    /// Another process holds a lock on the file.
    public static let locked = Code(rawValue: "locked")
    /// Reading or writing failed.
    public static let io = Code(rawValue: "io")
    /// The disk is full, or a quota is used up.
    public static let noSpace = Code(rawValue: "noSpace")
    /// The file has been closed.
    public static let closed = Code(rawValue: "closed")
    /// Neither this module nor the C library can do it.
    public static let unsupported = Code(rawValue: "unsupported")
    /// An argument makes no sense.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// The link policy of the file refuses a link on the path.
    public static let refusedLink = Code(rawValue: "refusedLink")
    /// More is declared than the limit allows, or than can be true.
    public static let limitExceeded = Code(rawValue: "limitExceeded")
    /// libhdf5 failed in a way that has no code of its own.
    public static let library = Code(rawValue: "library")

    /// The code's name.
    public var description: String { rawValue }
  }

  /// One entry of libhdf5's error stack.
  public struct Frame: Hashable, Sendable, CustomStringConvertible {
    /// The C function.
    public var function: String
    /// The part of the library: "Dataset", "File accessibility".
    public var major: String
    /// The kind of failure: "Unable to open file".
    public var minor: String
    /// What the function itself had to say.
    public var detail: String

    /// Makes an entry.
    public init(function: String, major: String, minor: String, detail: String) {
      self.function = function
      self.major = major
      self.minor = minor
      self.detail = detail
    }

    /// The entry on one line.
    public var description: String { "\(function): \(detail) (\(major): \(minor))" }
  }
}

extension HDF5Error: CustomStringConvertible {
  /// One sentence: what could not be done, where, and why.
  public var description: String {
    var text = "Cannot \(operation)"
    switch (path, file) {
    case (let path?, let file?): text += " '\(path.shortened)' in '\(file)'"
    case (let path?, nil): text += " '\(path.shortened)'"
    case (nil, let file?): text += " '\(file)'"
    case (nil, nil): break
    }
    return text + ": \(message)."
  }

  /// The stack of libhdf5, one line for each entry, for a report to a developer.
  public var stackDescription: String {
    frames.enumerated().map { "#\($0.offset) \($0.element)" }.joined(separator: "\n")
  }
}

extension String {
  /// The text with its middle left out if it is too long for a sentence.
  package var shortened: String {
    utf8.count <= 240 ? self : prefix(100) + "…" + suffix(100)
  }
}

/// Where an operation takes place: a file, and an object or attribute in it.
package struct HDF5Place: Sendable {
  package var file: String?
  package var path: String?

  /// A place.
  package init(file: String?, path: String? = nil) {
    self.file = file
    self.path = path
  }

  /// An error at this place, found by this module and not by the C library.
  package func error(
    _ code: HDF5Error.Code, _ operation: StaticString, _ message: String
  ) -> HDF5Error {
    HDF5Error(code, operation: operation.description, file: file, path: path, message: message)
  }
}
