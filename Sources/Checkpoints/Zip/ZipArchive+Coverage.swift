import Files

extension ZipArchive {
  /// The same archive, accounted for to the byte: every byte of the file belongs to a member, the
  /// directory or the end records.
  ///
  /// The writers of checkpoints leave no gaps: PyTorch aligns its tensors within the headers. So
  /// bytes that no member owns are a second archive, or a member that the directory does not list;
  /// readers that use the directory alone would not see it, and others see nothing else.
  ///
  /// Reads the header of every member, which is not read again for the members' content.
  ///
  /// - Throws: ``CheckpointError``: `refused` if there are other bytes, `damaged` if a header
  ///   contradicts the directory.
  package func accounted() throws(CheckpointError) -> ZipArchive {
    var archive = self
    let members = entries + folders
    var before: Entry?
    var position = 0
    for index in members.indices.sorted(by: { members[$0].headerOffset < members[$1].headerOffset })
    {
      let entry = members[index]
      // The headers that were read so far keep the contents of members from overlapping.
      let gap = entry.headerOffset - position
      try check(gap, behind: before, before: entry)
      let bytes = try ZipLocalHeader.bytes(before: entry, in: file, from: position)
      try check(Array(bytes.prefix(gap)), behind: before)
      let header = try ZipLocalHeader(of: entry, in: file, Array(bytes.dropFirst(gap)))
      if index < entries.count { archive.entries[index].content = header.content }
      (before, position) = (entry, header.content.upperBound)
    }
    let gap = directoryStart - position
    try check(gap, behind: before, before: nil)
    try check(
      reportingFileErrors { () throws(FileError) in try file.bytes(in: position..<directoryStart) },
      behind: before)
    return archive
  }

  /// The longest record that may follow a member's content.
  private static let longestDescriptor = 24

  /// Refuses bytes of which there are too many to be a member's descriptor.
  private func check(
    _ gap: Int, behind before: Entry?, before next: Entry?
  ) throws(CheckpointError) {
    guard gap > (before == nil ? 0 : Self.longestDescriptor) else { return }
    let next = next.map { "the member \($0.name)" } ?? "the directory"
    throw CheckpointError(
      .refused, file: file.path,
      reason:
        "\(gap) bytes before \(next) belong to no member of the archive: it is one of several "
        + "in the file, or was put behind something else",
      advice: "Only the last archive is seen by its directory; split the file into its parts.")
  }

  /// Refuses bytes behind a member's content that do not repeat its checksum and sizes.
  private func check(_ bytes: [UInt8], behind entry: Entry?) throws(CheckpointError) {
    guard !bytes.isEmpty, let entry, !isDescriptor(bytes, of: entry) else { return }
    throw CheckpointError(
      .refused, file: file.path, place: entry.name,
      reason: "\(bytes.count) bytes behind its content belong to no member of the archive")
  }

  /// Whether these bytes are a data descriptor (APPNOTE 4.3.9): the checksum and the two sizes, of
  /// 32 or 64 bits, with or without a signature.
  private func isDescriptor(_ bytes: [UInt8], of entry: Entry) -> Bool {
    // Bit 3: sizes follow the content.
    guard entry.flags & 0x0008 != 0 else { return false }
    var position = 0
    if bytes.count == 16 || bytes.count == 24 {
      guard bytes.uint32(at: 0) == 0x0807_4B50 else { return false }
      position = 4
    }
    guard bytes.uint32(at: position) == entry.crc32 else { return false }
    switch bytes.count {
    case 12, 16:
      return bytes.uint32(at: position + 4).map(Int.init) == entry.packedByteCount
        && bytes.uint32(at: position + 8).map(Int.init) == entry.byteCount
    case 20, 24:
      return bytes.uint64(at: position + 4) == UInt64(entry.packedByteCount)
        && bytes.uint64(at: position + 12) == UInt64(entry.byteCount)
    default: return false
    }
  }
}
