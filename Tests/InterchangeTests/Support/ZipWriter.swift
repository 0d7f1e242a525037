import CDeflate

/// Writes zip archives, sound ones and others.
struct ZipWriter {
  /// A member, whose parts can be made to lie.
  struct Member {
    var name: String
    var content: [UInt8]
    var isDeflated = false
    var localName: String?
    var method: UInt16?
    var localMethod: UInt16?
    var flags: UInt16 = 0
    var localFlags: UInt16?
    var crc: UInt32?
    var localCRC: UInt32?
    var size: UInt32?
    var localSize: UInt32?
    var packedSize: UInt32?
    /// Puts the header of another member, by its number, in place of this one's.
    var sharesHeaderOf: Int?
    var extra: [UInt8] = []
    /// What follows the content.
    var tail: [UInt8] = []
  }

  var members: [Member] = []
  var prefix: [UInt8] = []
  /// Offsets are counted from the start of the file, and not from the archive's.
  var countsFromFile = false
  var comment: [UInt8] = []
  var entryCount: UInt16?
  var directorySize: UInt32?
  var directoryOffset: UInt32?
  /// Writes the zip64 end records, with these numbers where they are given.
  var zip64: (entries: UInt64?, size: UInt64?, offset: UInt64?, record: UInt64?)?

  init(_ members: [(String, [UInt8])] = []) {
    self.members = members.map { Member(name: $0.0, content: $0.1) }
  }

  func bytes() -> [UInt8] {
    var out = prefix
    let base = countsFromFile ? 0 : prefix.count
    var directory: [UInt8] = []
    var offsets: [Int] = []
    for member in members {
      let packed = member.isDeflated ? Self.deflate(member.content) : member.content
      let method: UInt16 = member.isDeflated ? 8 : 0
      let crc =
        member.crc
        ?? member.content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
      let name = Array(member.name.utf8)
      let localName = Array((member.localName ?? member.name).utf8)
      if let shared = member.sharesHeaderOf {
        offsets.append(offsets[shared])
      } else {
        offsets.append(out.count - base)
        out += le(0x0403_4B50 as UInt32) + le(20 as UInt16) + le(member.localFlags ?? member.flags)
        out += le(member.localMethod ?? member.method ?? method) + le(0 as UInt32)
        out += le(member.localCRC ?? crc) + le(member.packedSize ?? UInt32(packed.count))
        out += le(member.localSize ?? member.size ?? UInt32(member.content.count))
        out += le(UInt16(localName.count)) + le(0 as UInt16) + localName + packed
        out += member.tail
      }
      directory += le(0x0201_4B50 as UInt32) + le(20 as UInt16) + le(20 as UInt16)
      directory += le(member.flags) + le(member.method ?? method) + le(0 as UInt32) + le(crc)
      directory += le(member.packedSize ?? UInt32(packed.count))
      directory += le(member.size ?? UInt32(member.content.count))
      directory += le(UInt16(name.count)) + le(UInt16(member.extra.count)) + le(0 as UInt16)
      directory += le(0 as UInt16) + le(0 as UInt16) + le(0 as UInt32)
      directory += le(UInt32(offsets[offsets.count - 1])) + name + member.extra
    }
    let start = out.count - base
    out += directory
    if let zip64 {
      let record = out.count - base
      let count = UInt64(members.count)
      out += le(0x0606_4B50 as UInt32) + le(44 as UInt64) + le(45 as UInt16) + le(45 as UInt16)
      out += le(0 as UInt32) + le(0 as UInt32) + le(zip64.entries ?? count)
      out += le(zip64.entries ?? count) + le(zip64.size ?? UInt64(directory.count))
      out += le(zip64.offset ?? UInt64(start))
      out += le(0x0706_4B50 as UInt32) + le(0 as UInt32) + le(zip64.record ?? UInt64(record))
      out += le(1 as UInt32)
    }
    let entries = entryCount ?? UInt16(members.count)
    out += le(0x0605_4B50 as UInt32) + le(0 as UInt16) + le(0 as UInt16) + le(entries) + le(entries)
    out += le(directorySize ?? UInt32(directory.count)) + le(directoryOffset ?? UInt32(start))
    out += le(UInt16(comment.count)) + comment
    return out
  }

  static func deflate(_ content: [UInt8]) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(9) else { return [] }
    defer { libdeflate_free_compressor(compressor) }
    return [UInt8](unsafeUninitializedCapacity: content.count + 64) { buffer, count in
      count = libdeflate_deflate_compress(
        compressor, content, content.count, buffer.baseAddress, buffer.count)
    }
  }
}

/// A number as little-endian bytes.
func le<T: FixedWidthInteger>(_ number: T) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
