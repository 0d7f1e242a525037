import Files

/// A field of a message in the wire format of protocol buffers.
package struct ProtobufField: Sendable {
  /// What a field holds, as the wire tells it: which type that is, the reader of the message knows.
  package enum Content: Sendable {
    /// A number of up to ten bytes; a negative one is its two's complement in 64 bits.
    case varint(UInt64)
    /// Eight bytes.
    case fixed64(UInt64)
    /// Four bytes.
    case fixed32(UInt32)
    /// A text, bytes, a message, or numbers one after the other: where they are in the file.
    case bytes(Range<Int>)
  }

  /// The number of the field in its message.
  package let number: Int
  /// What it holds.
  package let content: Content
  /// Where the field is in the file, with its key.
  package let range: Range<Int>
}

/// Reads the fields of a message in the wire format of protocol buffers from a file, one after the other.
///
/// Nothing is read of what is passed over, however large it is, and no length is believed before so many
/// bytes are left. It is a value: a reader of a message inside is another one, and shares what is in memory.
///
/// ```swift
/// var reader = ProtobufReader(file)
/// while let field = try reader.next() {
///   guard field.number == 7 else { continue }
///   var inner = try reader.message(field)
/// }
/// ```
///
/// The format is that of "Encoding" in the documentation of protocol buffers. Groups, which are deprecated
/// there, are refused.
package struct ProtobufReader: Sendable {
  /// The file.
  package let file: InputFile
  /// What is being read, for errors.
  package var place: String?
  /// Where the next field begins.
  package private(set) var position: Int
  private let end: Int
  private var window: [UInt8] = []
  private var windowStart = 0
  private var windowByteCount = Self.leastWindowByteCount

  /// What is read at once after something was passed over; more, as long as nothing is.
  private static let leastWindowByteCount = 1 << 12
  private static let greatestWindowByteCount = 1 << 16
  /// The greatest number that a field can have.
  private static let maximumNumber: UInt64 = 1 << 29 - 1

  /// The message that a whole file is.
  package init(_ file: InputFile) {
    self.file = file
    position = 0
    end = file.byteCount
  }

  private init(_ outer: ProtobufReader, _ range: Range<Int>) {
    file = outer.file
    place = outer.place
    position = range.lowerBound
    end = range.upperBound
    window = outer.window
    windowStart = outer.windowStart
    windowByteCount = outer.windowByteCount
  }

  /// Whether there are no further fields.
  package var isAtEnd: Bool { position >= end }

  /// An error that says what is wrong.
  package func damaged(_ reason: String) -> CheckpointError { error(.damaged, reason) }

  /// An error of a code.
  package func error(_ code: CheckpointError.Code, _ reason: String) -> CheckpointError {
    CheckpointError(code, file: file.path, place: place.map(Self.short), reason: reason)
  }

  /// A name for a sentence: not more of it than a reader wants to see.
  package static func short(_ name: String) -> String {
    name.utf8.count <= 100 ? name : "\(name.prefix(60))…"
  }

  /// The next field; nil at the end of the message.
  ///
  /// - Throws: ``CheckpointError`` with code `damaged` for what is no field.
  package mutating func next() throws(CheckpointError) -> ProtobufField? {
    guard !isAtEnd else { return nil }
    let start = position
    let key = try varint()
    guard (1...Self.maximumNumber).contains(key >> 3) else {
      throw damaged("what is at byte \(start) is no field of a message")
    }
    let number = Int(key >> 3)
    let content: ProtobufField.Content
    switch key & 7 {
    case 0: content = .varint(try varint())
    case 1: content = .fixed64(try fixed(of: number))
    case 5: content = .fixed32(try fixed(of: number))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else {
        throw damaged(
          "field \(number) at byte \(start) claims \(length) bytes, and \(end - position) follow: it is "
            + "cut short or damaged")
      }
      let range = position..<position + Int(length)
      position = range.upperBound
      content = .bytes(range)
    default:
      throw damaged("what is at byte \(start) is no field of a message")
    }
    return ProtobufField(number: number, content: content, range: start..<position)
  }

  /// A reader of the message that a field is.
  ///
  /// - Throws: ``CheckpointError`` with code `damaged` for a field that is a number.
  package func message(_ field: ProtobufField) throws(CheckpointError) -> ProtobufReader {
    ProtobufReader(self, try range(of: field))
  }

  /// A reader of the message in a range, which was that of a field.
  package func message(in range: Range<Int>) -> ProtobufReader { ProtobufReader(self, range) }

  /// Where the bytes of a field are.
  ///
  /// - Throws: ``CheckpointError`` with code `damaged` for a field that is a number.
  package func range(of field: ProtobufField) throws(CheckpointError) -> Range<Int> {
    guard case .bytes(let range) = field.content else { throw mismatch(field, "a number") }
    return range
  }

  /// The number that a field is, as 64 bits.
  ///
  /// - Throws: ``CheckpointError`` with code `damaged` for a field that is none.
  package func integer(_ field: ProtobufField) throws(CheckpointError) -> Int {
    guard case .varint(let bits) = field.content else { throw mismatch(field, "no integer") }
    return Int(truncatingIfNeeded: bits)
  }

  /// The text that a field is.
  ///
  /// - Parameter limit: The most bytes that it may have.
  /// - Throws: ``CheckpointError`` with code `damaged` for what is no text, or a longer one.
  package mutating func text(
    _ field: ProtobufField, limit: Int = .max
  ) throws(CheckpointError) -> String {
    let range = try range(of: field)
    guard range.count <= limit else {
      throw damaged(
        "a text at byte \(range.lowerBound) has \(range.count) bytes, of which it may have \(limit)"
      )
    }
    guard let text = String(validating: try bytes(in: range), as: UTF8.self) else {
      throw damaged("a text at byte \(range.lowerBound) is no UTF-8")
    }
    return text
  }

  /// The bytes in a range, which was that of a field.
  package mutating func bytes(in range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    guard range.count <= Self.greatestWindowByteCount else {
      return try reportingFileErrors { () throws(FileError) in try file.bytes(in: range) }
    }
    guard !range.isEmpty else { return [] }
    let behind = position
    defer { position = behind }
    position = range.lowerBound
    try fill(range.count)
    return Array(window[range.lowerBound - windowStart..<range.upperBound - windowStart])
  }

  /// Calls `body` with the numbers of a field that may be repeated: one, or several one after the other.
  package mutating func forEachVarint(
    _ field: ProtobufField, _ body: (UInt64) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    switch field.content {
    case .varint(let bits): try body(bits)
    case .bytes(let range):
      var inner = message(in: range)
      while !inner.isAtEnd { try body(inner.varint()) }
    case .fixed32, .fixed64: throw mismatch(field, "no integer")
    }
  }

  private func mismatch(_ field: ProtobufField, _ what: String) -> CheckpointError {
    damaged("field \(field.number) at byte \(field.range.lowerBound) is \(what)")
  }

  /// The next number of up to ten bytes, seven bits in each, the least significant ones first.
  private mutating func varint() throws(CheckpointError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for index in 0..<10 {
      guard position < end else { throw endsWithin(start) }
      if position < windowStart || position >= windowStart + window.count { try fill(1) }
      let byte = window[position - windowStart]
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      guard byte >= 0x80 else {
        guard index < 9 || byte <= 1 else { break }
        return value
      }
    }
    throw damaged("the number at byte \(start) has more than 64 bits")
  }

  private mutating func fixed<Number: FixedWidthInteger & PlainNumber>(
    of number: Int
  ) throws(CheckpointError) -> Number {
    let count = MemoryLayout<Number>.size
    let start = position
    guard count <= end - position else { throw endsWithin(start) }
    try fill(count)
    guard let value = window.littleEndian(at: position - windowStart) as Number? else {
      throw endsWithin(start)
    }
    position += count
    return value
  }

  private func endsWithin(_ start: Int) -> CheckpointError {
    damaged("it is cut short: it ends within the field at byte \(start)")
  }

  /// Reads a piece, unless so many bytes from the position on are in memory already.
  private mutating func fill(_ count: Int) throws(CheckpointError) {
    let windowEnd = windowStart + window.count
    guard position < windowStart || position + count > windowEnd else { return }
    let follows = (windowStart...windowEnd).contains(position)
    windowByteCount =
      follows
      ? min(2 * windowByteCount, Self.greatestWindowByteCount) : Self.leastWindowByteCount
    // Beyond the message, too: another one follows it.
    let range = position..<min(position + max(count, windowByteCount), file.byteCount)
    window = try reportingFileErrors { () throws(FileError) in try file.bytes(in: range) }
    windowStart = position
  }
}
