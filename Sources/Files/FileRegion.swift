/// A run of bytes in an open file.
public struct FileRegion: Sendable {
  /// The file that holds the bytes.
  public let file: InputFile
  /// Where in the file the bytes are.
  public let range: Range<Int>

  /// The bytes of `file` in `range`.
  ///
  /// - Throws: ``FileError`` if the range is not within the file.
  public init(_ file: InputFile, _ range: Range<Int>) throws(FileError) {
    guard range.lowerBound >= 0, range.upperBound <= file.byteCount else {
      throw FileError(
        "read", path: file.path,
        reason: "bytes \(range.lowerBound) to \(range.upperBound) are not within its "
          + "\(file.byteCount)")
    }
    self.file = file
    self.range = range
  }

  /// Fills `buffer` with the bytes that start `offset` bytes into the region.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) {
    precondition(offset >= 0 && buffer.count <= range.count - offset)
    try file.read(into: buffer, at: range.lowerBound + offset)
  }
}
