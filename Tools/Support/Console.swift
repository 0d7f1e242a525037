import Arrays
import Files
import Platform
import States
import Synchronization

/// Where a tool writes: the report to standard output, everything else to standard error.
///
/// What comes from a file is shown, never obeyed: characters that would steer the terminal are
/// written as escapes.
public struct Console: Sendable {
  /// Whether the report is JSON.
  public let json: Bool
  /// Whether only the report and errors are written.
  public let quiet: Bool

  private let failure = Failure()

  /// A console for these options of the command line.
  public init(json: Bool, quiet: Bool) {
    self.json = json
    self.quiet = quiet
  }

  /// Writes a line of the report for people; nothing if the report is JSON.
  public func print(_ line: String) {
    if !quiet { alert(line) }
  }

  /// Writes lines of the report for people, as ``print(_:)-(String)`` does, all at once.
  public func print(_ lines: [String]) {
    guard !quiet, !json else { return }
    writeReport(lines.map { $0.printable + "\n" }.joined())
  }

  /// Writes a line of the report for people that `--quiet` does not silence: a check said no, and
  /// this is why.
  public func alert(_ line: String) {
    if !json { writeReport(line.printable + "\n") }
  }

  /// Writes a line for people to standard error: for a report that others read as a file.
  public func remark(_ line: String) {
    guard !quiet, !json else { return }
    _ = Self.write(line.printable + "\n", to: STDERR_FILENO)
  }

  /// Writes the report for programs, if that was requested.
  public func report(_ value: @autoclosure () -> Value) {
    if json { writeReport(value().json(pretty: true) + "\n") }
  }

  /// Shows what is going on, if standard error is a terminal; replaced by the next.
  public func progress(_ text: String) {
    guard !quiet, isatty(STDERR_FILENO) == 1 else { return }
    _ = Self.write("\r\u{1B}[K" + text.printable, to: STDERR_FILENO)
  }

  /// Takes the last progress away.
  public func clearProgress() { progress("") }

  /// Says what went wrong, with a line below for each of several things.
  public static func error(_ text: String, details: [String] = [], tool: String) {
    let lines = ["\(tool): \(text.printable)"] + details.map { "  \($0.printable)" }
    _ = write(lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// Why a part of the report could not be written, nil if all of it was.
  public var reportFailure: FileError? { failure.first.withLock { $0 } }

  private func writeReport(_ text: String) {
    guard let number = Self.write(text, to: STDOUT_FILENO) else { return }
    failure.first.withLock { first in
      if first == nil { first = FileError("write", path: "the report", errno: number) }
    }
  }

  /// - Returns: The system's error number, nil if all is written.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest)
        if count < 0 && errno != EINTR { return errno }
        rest = rest.dropFirst(max(count, 0))
      }
      return nil
    }
  }

  private final class Failure: Sendable {
    let first = Mutex<FileError?>(nil)
  }
}

/// The system's `write`, under a name of its own: within a type the type's comes first.
private func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
  write(descriptor, UnsafeRawBufferPointer(rebasing: bytes).baseAddress, bytes.count)
}
