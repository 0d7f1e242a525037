import Arrays
import Checkpoints
import Files

/// The bytes of a pickle, read in order a block at a time.
///
/// A pickle may be followed by gigabytes of tensors in the same file, so nothing is read far
/// ahead, and no length in it is believed before it was compared with what is left.
final class PickleInput {
  /// What the file and the pickle are called in errors.
  let file: String
  let name: String
  /// How many bytes have been taken.
  private(set) var position = 0
  /// How many bytes there are.
  let count: Int

  private let region: FileRegion?
  private var window: [UInt8]
  private var windowStart = 0
  private static let windowLength = 1 << 16

  /// The bytes of a region of a file.
  init(_ region: FileRegion, name: String) {
    self.region = region
    self.name = name
    file = region.file.path
    count = region.range.count
    window = []
  }

  /// These bytes.
  init(_ bytes: [UInt8], file: String, name: String) {
    region = nil
    self.name = name
    self.file = file
    count = bytes.count
    window = bytes
  }

  /// An error at the present position.
  func error(
    _ code: CheckpointError.Code, _ reason: String, advice: String? = nil
  ) -> CheckpointError {
    CheckpointError(
      code, file: file, place: "\(name), byte \(position)", reason: reason, advice: advice)
  }

  /// Throws unless everything was read.
  func requireEnd() throws(CheckpointError) {
    guard position == count else {
      throw error(.damaged, "\(count - position) bytes follow the end of the pickle")
    }
  }

  /// The next byte.
  func byte() throws(CheckpointError) -> UInt8 {
    if position - windowStart >= window.count { try refill() }
    let byte = window[position - windowStart]
    position += 1
    return byte
  }

  /// The next `length` bytes.
  func bytes(_ length: UInt64) throws(CheckpointError) -> [UInt8] {
    guard length <= UInt64(count - position) else { throw cutShort() }
    let length = Int(length)
    let start = position - windowStart
    if start + length <= window.count {
      position += length
      return Array(window[start..<start + length])
    }
    guard let region else { throw cutShort() }
    let place = region.range.lowerBound + position
    let bytes = try reportingFileErrors(place: name) { () throws(FileError) in
      try region.file.bytes(in: place..<place + length)
    }
    position += length
    return bytes
  }

  /// The next `length` bytes as a text, nil if they are not UTF-8.
  func text(_ length: UInt64) throws(CheckpointError) -> String? {
    let start = position - windowStart
    guard length <= UInt64(count - position), start + Int(length) <= window.count else {
      return String(validating: try bytes(length), as: UTF8.self)
    }
    position += Int(length)
    return String(validating: window[start..<start + Int(length)], as: UTF8.self)
  }

  /// The bytes up to the next line feed, which is taken and left out.
  func line(limit: Int = 1 << 20) throws(CheckpointError) -> [UInt8] {
    var line: [UInt8] = []
    while true {
      let next = try byte()
      if next == 0x0A { return line }
      guard line.count < limit else {
        throw error(.refused, "a line is longer than \(limit) bytes")
      }
      line.append(next)
    }
  }

  /// The next `width` bytes as an unsigned little-endian number.
  func unsigned(_ width: Int) throws(CheckpointError) -> UInt64 {
    var number: UInt64 = 0
    let start = position - windowStart
    if start + width <= window.count {
      for index in 0..<width { number |= UInt64(window[start + index]) << UInt64(8 * index) }
      position += width
      return number
    }
    for shift in 0..<width {
      number |= UInt64(try byte()) << UInt64(8 * shift)
    }
    return number
  }

  /// Passes over `length` bytes.
  func skip(_ length: Int) throws(CheckpointError) {
    guard length >= 0, length <= count - position else { throw cutShort() }
    position += length
  }

  private func cutShort() -> CheckpointError {
    error(.damaged, "it ends in the middle of a value", advice: ZipEnd.cutShort)
  }

  private func refill() throws(CheckpointError) {
    guard position < count, let region else { throw cutShort() }
    let start = region.range.lowerBound + position
    let length = min(Self.windowLength, count - position)
    window = try reportingFileErrors(place: name) { () throws(FileError) in
      try region.file.bytes(in: start..<start + length)
    }
    windowStart = position
  }
}
