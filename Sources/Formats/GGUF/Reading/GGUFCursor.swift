import Checkpoints
import Files

/// Reads the numbers and texts at the beginning of a GGUF file, one after the other.
///
/// The file is read a piece at a time, and no count is believed before so many bytes are left.
struct GGUFCursor {
  private let file: InputFile
  /// The path of the file.
  var path: String { file.path }
  /// Whether numbers have their most significant byte first.
  var isBigEndian = false
  /// How many bytes were read.
  private(set) var position = 0
  private var window: [UInt8] = []
  private var windowStart = 0

  private static let windowByteCount = 1 << 16

  /// The beginning of a file.
  init(_ file: InputFile) { self.file = file }

  /// How many bytes are left.
  var remaining: Int { file.byteCount - position }

  /// An error that says what is wrong.
  func damaged(_ reason: String, _ place: String? = nil) -> CheckpointError {
    error(.damaged, reason, place)
  }

  /// An error of a code. Of a long key or name it has the beginning.
  func error(
    _ code: CheckpointError.Code, _ reason: String, _ place: String? = nil
  ) -> CheckpointError {
    CheckpointError(code, file: file.path, place: place.map(Self.short), reason: reason)
  }

  /// A key or name for a sentence: not more of it than a reader wants to see.
  static func short(_ name: String) -> String {
    name.utf8.count <= 100 ? name : "\(name.prefix(60))…"
  }

  /// The next number.
  ///
  /// - Parameter what: What it is of, for the error: what the file ends within.
  mutating func integer<Number: FixedWidthInteger & PlainNumber>(
    _ type: Number.Type, of what: @autoclosure () -> String
  ) throws(CheckpointError) -> Number {
    let count = MemoryLayout<Number>.size
    try fill(count, what())
    guard let number = window.littleEndian(at: position - windowStart) as Number? else {
      throw damaged("it is cut short: it ends within \(what())")
    }
    position += count
    return isBigEndian ? number.byteSwapped : number
  }

  /// The next bytes.
  ///
  /// - Parameters:
  ///   - count: How many: any number that a file may claim.
  ///   - what: What they are of, for the error.
  mutating func bytes(
    _ count: UInt64, of what: @autoclosure () -> String
  ) throws(CheckpointError) -> [UInt8] {
    guard count <= UInt64(remaining) else {
      throw damaged(
        "\(what()) claims \(count) bytes, and \(remaining) follow: it is cut short or damaged")
    }
    let count = Int(count)
    defer { position += count }
    guard count <= Self.windowByteCount else {
      let range = position..<(position + count)
      return try reportingFileErrors { () throws(FileError) in try file.bytes(in: range) }
    }
    try fill(count, what())
    let start = position - windowStart
    return Array(window[start..<(start + count)])
  }

  /// The next text: its length in eight bytes, and its bytes.
  ///
  /// - Parameters:
  ///   - what: What it is, for the error.
  ///   - limit: The most bytes that it may have.
  mutating func text(
    of what: @autoclosure () -> String, limit: UInt64 = .max
  ) throws(CheckpointError) -> [UInt8] {
    let count = try integer(UInt64.self, of: what())
    // What is longer than the file is told as that.
    guard count <= limit || count > UInt64(remaining) else {
      throw damaged("\(what()) claims \(count) bytes, of which it may have \(limit)")
    }
    return try bytes(count, of: what())
  }

  /// Reads a piece, unless so many bytes are in memory already.
  ///
  /// The sentence is made only when it is needed: a file may have a long key, and millions of values under it.
  private mutating func fill(
    _ count: Int, _ what: @autoclosure () -> String
  ) throws(CheckpointError) {
    guard count <= remaining else { throw damaged("it is cut short: it ends within \(what())") }
    guard position < windowStart || position + count > windowStart + window.count else { return }
    let end = position + min(max(count, Self.windowByteCount), remaining)
    window = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: position..<end)
    }
    windowStart = position
  }
}
