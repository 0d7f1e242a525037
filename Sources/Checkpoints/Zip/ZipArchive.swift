import Arrays
import Files

/// A zip archive that is open for reading.
///
/// Members are found through the central directory alone, as PyTorch, NumPy and Keras find them.
/// What the local headers say is compared with it, because readers that disagree about a member
/// can be shown different content: such an archive is refused, as is one with two members of one
/// name or with members that overlap.
///
/// The members' content is not read until it is needed. A stored member is a region of the
/// file, which can be mapped; a deflated one is expanded into memory.
public struct ZipArchive: Sendable {
  /// A file in the archive, as the central directory describes it.
  public struct Entry: Sendable {
    /// The name, with `/` between folders.
    public let name: String
    /// How the content is packed.
    public let method: Method
    /// The number of bytes of the content.
    public let byteCount: Int
    /// The number of bytes that it takes in the archive.
    public let packedByteCount: Int
    /// The checksum of the content. Zero for content that is not empty means not computed.
    public let crc32: UInt32

    /// The flags: bit 0 encrypted, bit 3 sizes follow the content, bit 11 UTF-8 name.
    package let flags: UInt16
    package let rawMethod: UInt16
    package let rawName: [UInt8]
    package let headerOffset: Int
    /// Where the next member, or the central directory, begins. Set when all are known.
    package var limit = 0
    /// Where the content is, if the header before it was read.
    package var content: Range<Int>?

    /// Whether the archive holds a checksum for the content.
    public var hasChecksum: Bool { crc32 != 0 || byteCount == 0 }
  }

  /// How a member's content is packed.
  public enum Method: Hashable, Sendable {
    /// As it is.
    case stored
    /// Compressed by deflate.
    case deflated
    /// In a way that is not implemented: its number in the zip specification.
    case other(UInt16)
  }

  /// The file that holds the archive.
  public let file: InputFile
  /// The members in the order of the central directory. Folders are left out.
  public package(set) var entries: [Entry]
  private let indices: [String: Int]
  /// The entries of folders, which have a header and no content.
  let folders: [Entry]
  /// Where the central directory begins.
  let directoryStart: Int

  /// Reads the central directory of an archive.
  ///
  /// - Throws: ``CheckpointError``: `notThisFormat` if the file is no zip archive, `damaged` if it
  ///   is cut short or contradicts itself, `refused` if different readers could see different
  ///   content in it.
  public init(_ file: InputFile) throws(CheckpointError) {
    let directory = try ZipDirectory(file)
    var entries: [Entry] = []
    var indices: [String: Int] = [:]
    for entry in directory.entries where !entry.name.hasSuffix("/") {
      if let earlier = indices.updateValue(entries.count, forKey: entry.name) {
        guard entries[earlier].name.utf8.elementsEqual(entry.name.utf8) else {
          throw CheckpointError(
            .unsupported, file: file.path, place: entry.name,
            reason: "two members of the archive have names that differ only in how they encode an "
              + "accent")
        }
        throw CheckpointError(
          .refused, file: file.path, place: entry.name,
          reason: "the archive has two members of this name, and readers differ in which they take")
      }
      entries.append(entry)
    }
    self.file = file
    self.entries = entries
    self.indices = indices
    folders = directory.entries.filter { $0.name.hasSuffix("/") }
    directoryStart = directory.start
  }

  /// Whether a file begins or ends as an archive does; only the latter if something was put before
  /// it, which the format allows.
  package static func isLikely(
    _ file: InputFile, _ head: [UInt8]
  ) throws(CheckpointError) -> Bool {
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      return true
    }
    guard file.byteCount >= ZipEnd.length else { return false }
    return try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: file.byteCount - ZipEnd.length..<file.byteCount)
    }.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// The member of this name, or nil if there is none.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }
}
