import Arrays
import Files

extension ZipArchive {
  /// Where the content of a stored member is in the file, or nil for a compressed one.
  ///
  /// The member's local header is read and compared with the central directory; the content is not
  /// read.
  ///
  /// - Throws: ``CheckpointError``: `damaged` if the member's header contradicts the directory
  ///   or the directory itself, `unsupported` if the member is encrypted or packed by another
  ///   method than deflate, `inputOutput` if the file cannot be read.
  public func region(of entry: Entry) throws(CheckpointError) -> FileRegion? {
    let content = try packedRegion(of: entry)
    guard entry.method == .stored else { return nil }
    guard entry.packedByteCount == entry.byteCount else {
      throw damaged(entry, "it is stored as it is, yet the directory gives two different sizes")
    }
    return content
  }

  /// The content of a member in memory. A deflated one is expanded.
  ///
  /// The checksum is not compared; see ``verifyCRC(of:)`` and ``bytes(of:limit:)``. Memory of
  /// `entry.byteCount` bytes is taken only if so few compressed bytes can expand to as many:
  /// deflate makes at most 1032 bytes of one.
  ///
  /// - Throws: ``CheckpointError``: `damaged` if the member's header contradicts the directory, or
  ///   its compressed content is invalid or of another size; `unsupported` and `inputOutput` as for
  ///   ``region(of:)``.
  public func storage(of entry: Entry) throws(CheckpointError) -> Storage {
    if let region = try region(of: entry) {
      return try reportingFileErrors(place: entry.name) { () throws(FileError) in
        try Storage(reading: region)
      }
    }
    let packed = try packedRegion(of: entry)
    guard entry.byteCount / Inflate.maximumRatio <= entry.packedByteCount else {
      throw damaged(
        entry, "\(entry.packedByteCount) compressed bytes cannot hold \(entry.byteCount)")
    }
    let input = try reportingFileErrors(place: entry.name) { () throws(FileError) in
      try Storage(reading: packed)
    }
    let output = Storage(uninitializedByteCount: entry.byteCount)
    let isSound = input.withBytes { input in
      output.withMutableBytes { Inflate.expand(input, into: &$0) }
    }
    guard isSound else {
      throw damaged(entry, "its compressed content is invalid or not of the size stated")
    }
    return output
  }

  /// The content of a member in memory, its checksum compared.
  package func verifiedStorage(of entry: Entry) throws(CheckpointError) -> Storage {
    let storage = try storage(of: entry)
    try compare(storage.withBytes { CRC32.checksum($0) }, with: entry)
    return storage
  }

  /// Reads a small member that is to be parsed, and compares its checksum.
  ///
  /// - Parameters:
  ///   - entry: The member.
  ///   - limit: The maximum size in bytes of the expanded content that is accepted.
  /// - Throws: ``CheckpointError``: `refused` if the member is larger than `limit`, `damaged` if it
  ///   does not match its checksum, `unsupported` if it is encrypted or packed in a way that is not
  ///   implemented, `inputOutput` if the file cannot be read.
  public func bytes(of entry: Entry, limit: Int) throws(CheckpointError) -> [UInt8] {
    guard entry.byteCount <= limit else {
      throw CheckpointError(
        .refused, file: file.path, place: entry.name,
        reason: "it has \(entry.byteCount) bytes, more than the \(limit) that are accepted here")
    }
    return try verifiedStorage(of: entry).withBytes { [UInt8](copying: $0) }
  }

  /// Reads a member and compares its checksum, a CRC-32. A stored member is read in blocks of at
  /// most 1 MiB; a deflated one is expanded into memory as a whole.
  ///
  /// - Returns: False if the archive has no checksum for it, so that nothing could be compared.
  /// - Throws: ``CheckpointError`` with code `damaged` if the checksum is another; otherwise as
  ///   ``storage(of:)``.
  @discardableResult
  public func verifyCRC(of entry: Entry) throws(CheckpointError) -> Bool {
    guard let region = try region(of: entry) else {
      _ = try verifiedStorage(of: entry)
      return entry.hasChecksum
    }
    guard entry.hasChecksum else { return false }
    let byteCount = region.range.count
    let crc = try reportingFileErrors(place: entry.name) { () throws(FileError) in
      try withTemporaryBytes(min(byteCount, Self.blockByteCount)) { (buffer) throws(FileError) in
        var crc = CRC32()
        for position in stride(from: 0, to: byteCount, by: Self.blockByteCount) {
          let count = min(Self.blockByteCount, byteCount - position)
          try buffer.withBytes(in: 0..<count) { (block) throws(FileError) in
            try region.read(into: &block, at: position)
            crc.update(block.bytes)
          }
        }
        return crc.value
      }
    }
    try compare(crc, with: entry)
    return true
  }

  private static let blockByteCount = 1 << 20

  private func compare(_ actual: UInt32, with entry: Entry) throws(CheckpointError) {
    if let error = difference(actual, from: entry) { throw error }
  }

  /// What is wrong with a member of this checksum; nil if it is sound, or has none.
  package func difference(_ actual: UInt32, from entry: Entry) -> CheckpointError? {
    guard entry.hasChecksum, actual != entry.crc32 else { return nil }
    return damaged(entry, "its content does not match its checksum")
  }

  private func packedRegion(of entry: Entry) throws(CheckpointError) -> FileRegion {
    guard entry.flags & 0x0001 == 0 else {
      throw CheckpointError(
        .unsupported, file: file.path, place: entry.name, reason: "it is encrypted")
    }
    if case .other(let number) = entry.method {
      throw CheckpointError(
        .unsupported, file: file.path, place: entry.name,
        reason: "it is packed by method \(number), which is neither stored nor deflate")
    }
    let content: Range<Int>
    if let known = entry.content {
      content = known
    } else {
      content = try ZipLocalHeader(of: entry, in: file).content
    }
    return try reportingFileErrors(place: entry.name) { () throws(FileError) in
      try FileRegion(file, content)
    }
  }

  private func damaged(_ entry: Entry, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: file.path, place: entry.name, reason: reason)
  }
}
