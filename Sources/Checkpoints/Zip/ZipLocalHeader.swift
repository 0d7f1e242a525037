import Arrays
import Files

/// The header before a member's content, compared with the central directory.
package struct ZipLocalHeader {
  package static let fixedLength = 30

  /// Where the member's content is in the file.
  package let content: Range<Int>

  /// Reads the header of a member.
  package init(of entry: ZipArchive.Entry, in file: InputFile) throws(CheckpointError) {
    try self.init(
      of: entry, in: file, Self.bytes(before: entry, in: file, from: entry.headerOffset))
  }

  /// The bytes of a file up to the end of the name in a member's header.
  static func bytes(
    before entry: ZipArchive.Entry, in file: InputFile, from start: Int
  ) throws(CheckpointError) -> [UInt8] {
    let end = entry.headerOffset + fixedLength + entry.rawName.count
    guard end <= entry.limit else {
      throw CheckpointError(
        .damaged, file: file.path, place: entry.name, reason: "its header is cut short")
    }
    return try reportingFileErrors(place: entry.name) { () throws(FileError) in
      try file.bytes(in: start..<end)
    }
  }

  /// The header in these bytes, which end with the member's name.
  init(
    of entry: ZipArchive.Entry, in file: InputFile, _ bytes: [UInt8]
  ) throws(CheckpointError) {
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file.path, place: entry.name, reason: reason)
    }
    let nameEnd = entry.headerOffset + Self.fixedLength + entry.rawName.count
    guard bytes.uint32(at: 0) == 0x0403_4B50, let flags = bytes.uint16(at: 6),
      let method = bytes.uint16(at: 8), let crc = bytes.uint32(at: 14),
      let packed = bytes.uint32(at: 18), let unpacked = bytes.uint32(at: 22),
      let nameLength = bytes.uint16(at: 26), let extraLength = bytes.uint16(at: 28)
    else { throw damaged("there is no header where the directory says") }
    let extraEnd = nameEnd + Int(extraLength)
    guard Int(nameLength) == entry.rawName.count,
      bytes[Self.fixedLength...].elementsEqual(entry.rawName), method == entry.rawMethod,
      // Bit 0: encrypted; bit 3: sizes follow. Both change how the content is read.
      flags & 0x0009 == entry.flags & 0x0009, extraEnd <= entry.limit - entry.packedByteCount
    else { throw damaged("its header and the directory contradict each other") }

    var sizes = Zip64Sizes(unpacked: unpacked, packed: packed)
    if unpacked == 0xFFFF_FFFF || packed == 0xFFFF_FFFF {
      let extra = try reportingFileErrors(place: entry.name) { () throws(FileError) in
        try file.bytes(in: nameEnd..<extraEnd)
      }
      guard sizes.resolve(extra: extra[...]) else {
        throw damaged("its header says that its size is in a zip64 field, which is missing")
      }
    }
    // With bit 3 the sizes were not known when the header was written, and may be left at zero.
    let mayBeZero = flags & 0x0008 != 0
    func agrees<T: BinaryInteger>(_ local: T, _ central: T) -> Bool {
      local == central || (mayBeZero && local == 0)
    }
    guard agrees(sizes.unpacked, UInt64(entry.byteCount)),
      agrees(sizes.packed, UInt64(entry.packedByteCount)), agrees(crc, entry.crc32)
    else { throw damaged("its header and the directory give different sizes or checksums") }
    content = extraEnd..<extraEnd + entry.packedByteCount
  }
}
