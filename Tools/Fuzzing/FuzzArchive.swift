import Files

/// The members of a zip archive in memory: taken apart, changed, and put together with right sizes and
/// checksums.
///
/// Neither `ZipArchive` nor `ZipArchiveWriter`, which are what is tested, and work on files. The fields
/// are those of PKWARE's APPNOTE 6.3: 4.3.7, 4.3.12 and 4.3.16.
struct FuzzArchive {
  struct Member {
    var name: [UInt8]
    /// As it is in the archive.
    var content: [UInt8]
    var method: UInt16 = 0
    /// The size that a compressed one has when it is expanded.
    var expandedByteCount: UInt32 = 0
  }

  var members: [Member] = []

  private static let localHeader: UInt32 = 0x0403_4B50
  private static let directoryEntry: UInt32 = 0x0201_4B50
  private static let end: UInt32 = 0x0605_4B50
  private static let deflate: UInt16 = 8

  /// An archive of stored members.
  init(_ members: [(name: String, content: [UInt8])]) {
    self.members = members.map { Member(name: Array($0.name.utf8), content: $0.content) }
  }

  /// Takes bytes apart; nil if they are no archive, or one of a rarer kind.
  init?(_ bytes: [UInt8]) {
    func number<T: FixedWidthInteger>(_ place: Int, _: T.Type) -> T? {
      guard place >= 0, place <= bytes.count - T.bitWidth / 8 else { return nil }
      return bytes.withUnsafeBytes {
        T(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: T.self))
      }
    }
    func short(_ place: Int) -> Int? { number(place, UInt16.self).map(Int.init) }
    func long(_ place: Int) -> Int? { number(place, UInt32.self).map(Int.init) }
    func part(_ place: Int, _ count: Int) -> [UInt8]? {
      place <= bytes.count - count ? Array(bytes[place..<place + count]) : nil
    }
    let endPlace = bytes.count - 22
    guard long(endPlace) == Int(Self.end), let count = short(endPlace + 10),
      var place = long(endPlace + 16)
    else { return nil }
    for _ in 0..<count {
      guard long(place) == Int(Self.directoryEntry), let method = number(place + 10, UInt16.self),
        let packed = long(place + 20), let expanded = number(place + 24, UInt32.self),
        let nameCount = short(place + 28), let extraCount = short(place + 30),
        let commentCount = short(place + 32), let header = long(place + 42),
        let name = part(place + 46, nameCount), let headerName = short(header + 26),
        let headerExtra = short(header + 28),
        let content = part(header + 30 + headerName + headerExtra, packed)
      else { return nil }
      members.append(
        Member(name: name, content: content, method: method, expandedByteCount: expanded))
      place += 46 + nameCount + extraCount + commentCount
    }
  }

  /// The archive. A compressed member has no checksum, which is allowed.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    func short(_ number: Int) -> [UInt8] {
      withUnsafeBytes(of: UInt16(truncatingIfNeeded: number).littleEndian) { Array($0) }
    }
    func long(_ number: Int) -> [UInt8] {
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).littleEndian) { Array($0) }
    }
    for member in members {
      let isPacked = member.method == Self.deflate
      let sum = isPacked ? 0 : CRC32.checksum(member.content)
      // From the version that is needed to the length of the name, the two records have the same.
      let common =
        short(20) + short(0) + short(Int(member.method)) + short(0) + short(33) + long(Int(sum))
        + long(member.content.count)
        + long(isPacked ? Int(member.expandedByteCount) : member.content.count)
        + short(member.name.count)
      directory += long(Int(Self.directoryEntry)) + short(20) + common + short(0) + short(0)
      directory += short(0) + short(0) + long(0) + long(bytes.count) + member.name
      bytes += long(Int(Self.localHeader)) + common + short(0) + member.name + member.content
    }
    let start = bytes.count
    bytes += directory
    bytes += long(Int(Self.end)) + short(0) + short(0) + short(members.count)
    bytes += short(members.count) + long(directory.count) + long(start) + short(0)
    return bytes
  }
}
