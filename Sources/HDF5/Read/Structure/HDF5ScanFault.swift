import Files

/// What is wrong with the bytes of a file, before it is known on behalf of whom they were read.
///
/// The parsers throw this; the public methods turn it into an ``HDF5Error`` with the file and the
/// object.
struct HDF5ScanFault: Error {
  var code: HDF5Error.Code
  var message: String
  /// Where the bytes are, from the start of the file.
  var position: Int?
  /// The failure to read the file, if it is one.
  var cause: FileError?

  init(_ code: HDF5Error.Code, _ message: String, at position: Int? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }

  /// The file could not be read.
  init(_ cause: FileError) {
    self.init(.io, cause.reason)
    self.cause = cause
  }

  /// The file contradicts itself.
  static func corrupt(_ message: String, at position: Int? = nil) -> HDF5ScanFault {
    HDF5ScanFault(.corrupt, message, at: position)
  }

  /// The failure of an operation on an object of a file.
  func error(_ operation: StaticString, file: String?, path: String?) -> HDF5Error {
    if let cause { return HDF5Error(cause, operation: operation.description, path: path) }
    return HDF5Error(
      code, operation: operation.description, file: file, path: path,
      message: position.map { "\(message) (at byte \($0))" } ?? message)
  }
}
