/// Bytes that are read from files as they are asked for, from one place or put together from many.
package protocol ByteSource: Sendable {
  /// How many there are.
  var byteCount: Int { get }
  /// The files that they come from, each once.
  var files: [InputFile] { get }
  /// Fills `bytes` with those that start at `offset`. May be called from several threads.
  ///
  /// - Precondition: There are `bytes.byteCount` bytes from `offset` on.
  /// - Throws: ``FileError`` if the system cannot read them, or a file has become shorter.
  func read(into bytes: inout MutableRawSpan, at offset: Int) throws(FileError)
}

extension FileRegion: ByteSource {
  package var byteCount: Int { range.count }
  package var files: [InputFile] { [file] }
}
