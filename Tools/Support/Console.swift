import States

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a tool writes: the report to standard output, everything else to standard error.
public struct Console: Sendable {
  /// Whether the report is JSON.
  public let json: Bool
  /// Whether only the report and errors are written.
  public let quiet: Bool

  /// A console for these options of the command line.
  public init(json: Bool, quiet: Bool) {
    self.json = json
    self.quiet = quiet
  }

  /// Writes a line of the report for people; nothing if the report is JSON.
  public func print(_ line: String) {
    if !json && !quiet { Self.write(line + "\n", to: STDOUT_FILENO) }
  }

  /// Writes the report for programs, if that was asked for.
  public func report(_ value: Value) {
    if json { Self.write(value.json(pretty: true) + "\n", to: STDOUT_FILENO) }
  }

  /// Shows what is going on, if standard error is a terminal; replaced by the next.
  public func progress(_ text: String) {
    guard !quiet, isatty(STDERR_FILENO) == 1 else { return }
    Self.write("\r\u{1B}[K" + text, to: STDERR_FILENO)
  }

  /// Takes the last progress away.
  public func clearProgress() { progress("") }

  /// Says what went wrong.
  public static func error(_ text: String, tool: String) {
    write("\(tool): \(text)\n", to: STDERR_FILENO)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      bytes = bytes.dropFirst(max(count, 0))
    }
  }
}

/// The system's `write`, under a name of its own: within a type the type's comes first.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

extension Int {
  /// A number of bytes as people read it: `1.5 MiB`.
  public var byteCountText: String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(self)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    guard unit > 0 else { return self == 1 ? "1 byte" : "\(self) bytes" }
    let tenths = (value * 10).rounded() / 10
    return "\(tenths) \(units[unit])"
  }

  /// The number with a noun in the right form: `1 tensor`, `2 tensors`.
  public func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
