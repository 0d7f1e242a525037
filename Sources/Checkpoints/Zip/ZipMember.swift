/// A member of an archive that is being written, and how it is described there.
///
/// The fields are those of PKWARE's APPNOTE 6.3: 4.3.7 (the header before the content), 4.3.9 (what
/// follows the content), 4.3.12 (the entry of the directory) and 4.5.3 (the zip64 field).
package struct ZipMember {
  package let name: String
  /// The size of the content in the archive.
  package private(set) var byteCount: Int
  /// The size of the content before it was compressed, if it was.
  package let expandedByteCount: Int?
  /// Where the header begins in the file.
  package let headerOffset: Int
  /// Where the content begins in the file.
  package let contentOffset: Int

  private let style: ZipArchiveWriter.Style
  /// The least number that does not fit in 32 bits, or stands for one that does not.
  private let zip64Limit: Int
  /// Whether the sizes are written in 64 bits.
  private let isLarge: Bool
  /// The bytes that the alignment takes, with the header of their field.
  private let paddingByteCount: Int

  /// The field by which PyTorch aligns: "FB", its length, and as many letters Z as are needed.
  private static let paddingIdentifier: UInt16 = 0x4246
  private static let zip64Identifier: UInt16 = 1
  private static let fieldHeaderByteCount = 4
  private static let deflateMethod: UInt16 = 8
  private static let utf8Flag: UInt16 = 0x0800
  private static let descriptorFlag: UInt16 = 0x0008
  /// Years count from 1980; there is no earlier day than the first of January.
  private static let earliestDate: UInt16 = 1 << 5 | 1

  /// A member whose header is at `offset`.
  ///
  /// - Parameter alignment: What the place of the content is a multiple of; 1 for any place.
  package init(
    _ name: String, byteCount: Int, at offset: Int, alignment: Int,
    style: ZipArchiveWriter.Style, zip64Limit: Int, expandedByteCount: Int? = nil
  ) {
    self.name = name
    self.byteCount = byteCount
    self.expandedByteCount = expandedByteCount
    self.style = style
    self.zip64Limit = zip64Limit
    headerOffset = offset
    let unpadded = ZipLocalHeader.fixedLength + name.utf8.count
    isLarge = max(byteCount, expandedByteCount ?? 0) >= zip64Limit
    let needsZip64 =
      isLarge || (style == .withDescriptors && offset >= zip64Limit)
    let zip64Count =
      needsZip64
      ? Self.fieldHeaderByteCount + (isLarge ? 16 : 0)
        + (style == .withDescriptors && offset >= zip64Limit ? 8 : 0) : 0
    var end = offset + unpadded + zip64Count
    if alignment > 1 {
      end += Self.fieldHeaderByteCount
      let excess = end % alignment
      paddingByteCount = Self.fieldHeaderByteCount + (excess == 0 ? 0 : alignment - excess)
      end += paddingByteCount - Self.fieldHeaderByteCount
    } else {
      paddingByteCount = 0
    }
    contentOffset = end
  }

  // MARK: Places

  /// Says that the content has fewer bytes than it was thought to have. What is before it stays, so
  /// that numbers that would fit in 32 bits now may still be written in 64.
  package mutating func shorten(to byteCount: Int) { self.byteCount = byteCount }

  private var isFar: Bool { headerOffset >= zip64Limit }

  /// PyTorch leaves checksum and sizes to what follows the content, but for empty members.
  private var hasDescriptor: Bool { style == .withDescriptors && byteCount > 0 }

  private var descriptorByteCount: Int { hasDescriptor ? (isLarge || isFar ? 24 : 16) : 0 }

  /// Where the next member, or the directory, begins.
  package var end: Int { contentOffset + byteCount + descriptorByteCount }

  /// The length of ``entry(checksum:)``.
  package var entryByteCount: Int { 46 + name.utf8.count + zip64Field(offset: true).count }

  // MARK: Records

  /// The header before the content.
  package func header(checksum: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: 0x0403_4B50 as UInt32)
    appendCommon(to: &bytes, checksum: checksum, isEntry: false)
    let field = zip64Field(offset: style == .withDescriptors)
    bytes.append(littleEndian: UInt16(field.count + paddingByteCount))
    bytes += name.utf8
    bytes += field
    if paddingByteCount > 0 {
      let count = paddingByteCount - Self.fieldHeaderByteCount
      bytes.append(littleEndian: Self.paddingIdentifier)
      bytes.append(littleEndian: UInt16(count))
      bytes += [UInt8](repeating: UInt8(ascii: "Z"), count: count)
    }
    return bytes
  }

  /// What follows the content; often nothing.
  package func descriptor(checksum: UInt32) -> [UInt8] {
    guard hasDescriptor else { return [] }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: 0x0807_4B50 as UInt32)
    bytes.append(littleEndian: checksum)
    for _ in 0..<2 {
      if isLarge || isFar {
        bytes.append(littleEndian: UInt64(byteCount))
      } else {
        bytes.append(littleEndian: UInt32(byteCount))
      }
    }
    return bytes
  }

  /// The entry in the directory.
  package func entry(checksum: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: 0x0201_4B50 as UInt32)
    // Made on Unix, so that the permissions below are understood. PyTorch leaves it out.
    bytes.append(littleEndian: style == .withDescriptors ? 0 : UInt16(3 << 8 | 45))
    appendCommon(to: &bytes, checksum: checksum, isEntry: true)
    let field = zip64Field(offset: true)
    bytes.append(littleEndian: UInt16(field.count))
    // No comment, the first disk, nothing said of text.
    for _ in 0..<3 { bytes.append(littleEndian: 0 as UInt16) }
    bytes.append(littleEndian: style == .withDescriptors ? 0 : UInt32(0o100644) << 16)
    bytes.append(littleEndian: isFar ? UInt32.max : UInt32(headerOffset))
    bytes += name.utf8
    return bytes + field
  }

  /// From the version that a reader needs to the length of the name.
  private func appendCommon(to bytes: inout [UInt8], checksum: UInt32, isEntry: Bool) {
    let isPlain = style == .plain
    let neededVersion: UInt16 = isLarge || (isFar && isEntry) ? 45 : 20
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    bytes.append(littleEndian: isPlain ? neededVersion : 0)
    bytes.append(
      littleEndian: (isPlain && isASCII ? 0 : Self.utf8Flag)
        | (hasDescriptor ? Self.descriptorFlag : 0))
    bytes.append(littleEndian: expandedByteCount == nil ? 0 : Self.deflateMethod)
    bytes.append(littleEndian: 0 as UInt16)
    bytes.append(littleEndian: isPlain ? Self.earliestDate : 0)
    if isEntry || isPlain {
      bytes.append(littleEndian: checksum)
      for size in [byteCount, expandedByteCount ?? byteCount] {
        bytes.append(littleEndian: isLarge ? UInt32.max : UInt32(size))
      }
    } else {
      for _ in 0..<3 { bytes.append(littleEndian: 0 as UInt32) }
    }
    bytes.append(littleEndian: UInt16(name.utf8.count))
  }

  /// The numbers that do not fit in 32 bits.
  ///
  /// - Parameter offset: Whether the header's offset is among them. It belongs to the directory
  ///   alone, but PyTorch has it in both places.
  private func zip64Field(offset includesOffset: Bool) -> [UInt8] {
    let numbers =
      (isLarge ? [expandedByteCount ?? byteCount, byteCount] : [])
      + (isFar && includesOffset ? [headerOffset] : [])
    guard !numbers.isEmpty else { return [] }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: Self.zip64Identifier)
    bytes.append(littleEndian: UInt16(8 * numbers.count))
    for number in numbers { bytes.append(littleEndian: UInt64(number)) }
    return bytes
  }
}
