/// A range of bytes in an open file.
///
/// It keeps the file open, and was checked against the size that the file had when it was opened.
/// Tensors that are not in memory yet are described by such regions.
public struct FileRegion: Sendable {
  /// The file that holds the bytes.
  public let file: InputFile
  /// Where the bytes are, in bytes from the beginning of the file.
  public let range: Range<Int>

  /// The bytes of `file` in `range`.
  ///
  /// - Parameters:
  ///   - file: The file, open for reading.
  ///   - range: The range, in bytes from the beginning of the file.
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

  /// Fills `bytes` with those that start `offset` bytes into the region.
  ///
  /// - Precondition: The region has `bytes.byteCount` bytes from `offset` on.
  /// - Throws: ``FileError`` if the system cannot read them, or the file has become shorter since
  ///   it was opened.
  public func read(
    into bytes: inout MutableRawSpan, at offset: Int
  ) throws(FileError) {
    precondition(offset >= 0 && bytes.byteCount <= range.count - offset)
    try file.read(into: &bytes, at: range.lowerBound + offset)
  }
}
