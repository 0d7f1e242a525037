import Arrays
import Files
import Synchronization

/// A zip archive that is being written. Its members are stored as they are, so that they can be
/// mapped, unless they come compressed.
///
/// All sizes but that of the last member are known before the content, so that each member has its
/// place as soon as it is added and can be filled in pieces, in any order, on several threads:
///
/// ```swift
/// let archive = ZipArchiveWriter(file, style: .plain)
/// let member = try archive.add("weight.npy", byteCount: 1 << 30, alignment: 64)
/// try archive.reserve()
/// try archive.write(bytes, to: member, at: 0)
/// let byteCount = try archive.finish()
/// try file.commit()
/// ```
///
/// The same members give the same bytes: no times, no names of machines. Sizes and offsets from 4
/// GiB on are written in zip64 fields (APPNOTE 4.5.3). Names are not compared with those added
/// before: an archive with two members of one name is refused by ``ZipArchive``.
public final class ZipArchiveWriter: Sendable {
  /// How the records around the content are made.
  public enum Style: Sendable {
    /// With checksum and sizes before the content, for all readers. All members have the date
    /// 1 January 1980, the earliest that there is in archives.
    case plain
    /// As PyTorch 2.13 does: checksum and sizes after the content, dates zero, and zip64 records at
    /// the end of every archive.
    case withDescriptors
  }

  /// A member, by which its content is written.
  public struct Member: Sendable {
    fileprivate let index: Int
    /// Where the content begins, in bytes from the beginning of the archive.
    public let contentOffset: Int
    /// The number of bytes of the content.
    public let byteCount: Int
  }

  private let file: ReplacementFile
  private let style: Style
  private let zip64Limit: Int
  /// Where the archive begins in the file.
  private let start: Int
  private let state = Mutex(State())

  private struct State {
    var members: [ZipMember] = []
    var parts: [[Part]] = []
    var end = 0
  }

  /// A piece of content that was written.
  private struct Part {
    let place: Int
    let byteCount: Int
    let checksum: UInt32
  }

  /// An archive at the beginning of a new file. Nothing is written yet.
  public convenience init(_ file: ReplacementFile, style: Style) {
    self.init(file, style: style, zip64Limit: 0xFFFF_FFFF)
  }

  /// An archive in which sizes and offsets from `zip64Limit` on are written in 64 bits.
  ///
  /// Those from 0xFFFFFFFF on must be; a test sets a lower limit.
  ///
  /// - Parameter start: Where in the file it begins, for one of several that follow each other. The places
  ///   in it count from there.
  package init(
    _ file: ReplacementFile, style: Style, zip64Limit: Int = 0xFFFF_FFFF, at start: Int = 0
  ) {
    self.start = start
    self.file = file
    self.style = style
    self.zip64Limit = zip64Limit
  }

  // MARK: Members

  /// Adds a member after all others. Its content is still to be written.
  ///
  /// - Parameters:
  ///   - name: Its name, with `/` between folders.
  ///   - byteCount: The size of its content in bytes.
  ///   - alignment: What the place of the content in the file is a multiple of, in bytes; 1 for any
  ///     place.
  /// - Returns: The member, for ``write(_:to:at:)-(RawSpan,_,_)``.
  /// - Throws: ``CheckpointError`` with code `unsupported` if the name has more than 65,535 bytes
  ///   in UTF-8.
  public func add(
    _ name: String, byteCount: Int, alignment: Int = 1
  ) throws(CheckpointError) -> Member {
    try checkLength(of: name)
    return state.withLock { state in
      let member = ZipMember(
        name, byteCount: byteCount, at: state.end, alignment: alignment, style: style,
        zip64Limit: zip64Limit)
      state.members.append(member)
      state.parts.append([])
      state.end = member.end
      return Member(
        index: state.members.count - 1, contentOffset: member.contentOffset, byteCount: byteCount)
    }
  }

  /// Adds a member and writes its content.
  ///
  /// - Throws: ``CheckpointError`` if the name is too long, `FileError` if the file cannot be
  ///   written.
  public func add(_ name: String, _ content: [UInt8], alignment: Int = 1) throws {
    let member = try add(name, byteCount: content.count, alignment: alignment)
    try write(content, to: member, at: 0)
  }

  /// Adds a member that is compressed already, and writes it.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - deflated: Its content as raw deflate.
  ///   - byteCount: The size of the content before.
  ///   - checksum: The CRC-32 of the content before.
  /// - Throws: As ``add(_:_:alignment:)``.
  package func add(
    _ name: String, deflated: [UInt8], byteCount: Int, checksum: UInt32
  ) throws {
    try checkLength(of: name)
    let offset = state.withLock { state in
      let member = ZipMember(
        name, byteCount: deflated.count, at: state.end, alignment: 1, style: style,
        zip64Limit: zip64Limit, expandedByteCount: byteCount)
      state.members.append(member)
      state.parts.append([Part(place: 0, byteCount: deflated.count, checksum: checksum)])
      state.end = member.end
      return member.contentOffset
    }
    try write(deflated, at: offset)
  }

  private func checkLength(of name: String) throws(CheckpointError) {
    guard name.utf8.count <= UInt16.max else {
      throw CheckpointError(
        .unsupported, file: file.path, place: String(name.prefix(80)) + "…",
        reason: "the name has \(name.utf8.count) bytes; zip archives hold names of at most 65535")
    }
  }

  /// Reserves the room on the disk for all members that were added.
  ///
  /// - Throws: `FileError` if there is not so much.
  public func reserve() throws(FileError) { try file.reserve(start + byteCount) }

  /// The number of bytes of the archive with the members that were added.
  package var byteCount: Int {
    let state = state.withLock { $0 }
    let directoryByteCount = state.members.reduce(0) { $0 + $1.entryByteCount }
    let records = endRecords(state, directoryByteCount: directoryByteCount)
    return state.end + directoryByteCount + records.count
  }

  /// Writes bytes of a member's content. May be called from several threads.
  ///
  /// - Parameters:
  ///   - bytes: The bytes, which are also summed.
  ///   - member: The member.
  ///   - place: Where they go, in bytes from the beginning of the content.
  /// - Throws: `FileError` if the file cannot be written.
  /// - Precondition: The bytes are within the content, and none is written twice.
  public func write(
    _ bytes: RawSpan, to member: Member, at place: Int
  ) throws(FileError) {
    try write(bytes, CRC32.checksum(bytes), to: member, at: place)
  }

  /// Writes an array of bytes of a member's content, as ``write(_:to:at:)-(RawSpan,_,_)``.
  public func write(_ bytes: [UInt8], to member: Member, at place: Int) throws(FileError) {
    try bytes.withBytes { (bytes) throws(FileError) in try write(bytes, to: member, at: place) }
  }

  /// Writes bytes of a member's content, whose checksum is known.
  package func write(
    _ bytes: RawSpan, _ checksum: UInt32, to member: Member, at place: Int
  ) throws(FileError) {
    require(
      place >= 0 && bytes.byteCount <= member.byteCount - place,
      "bytes \(place) to \(place + bytes.byteCount) are not within the \(member.byteCount) of a "
        + "member")
    try file.write(bytes, at: start + member.contentOffset + place)
    let part = Part(place: place, byteCount: bytes.byteCount, checksum: checksum)
    state.withLock { $0.parts[member.index].append(part) }
  }

  /// Leaves bytes of a member's content as they are in a new file: zeros.
  ///
  /// - Precondition: They were not written.
  package func skip(_ places: Range<Int>, of member: Member) {
    require(
      places.lowerBound >= 0 && places.upperBound <= member.byteCount,
      "bytes \(places) are not within the \(member.byteCount) of a member")
    let checksum = CRC32.checksum([UInt8](repeating: 0, count: places.count))
    let part = Part(place: places.lowerBound, byteCount: places.count, checksum: checksum)
    state.withLock { $0.parts[member.index].append(part) }
  }

  /// Says that the last member has fewer bytes than it was added with, so that one whose size is
  /// known only when it is written can be added with the most that it may have.
  ///
  /// - Precondition: No member follows it.
  package func shorten(_ member: Member, to byteCount: Int) {
    state.withLock { state in
      require(
        member.index == state.members.count - 1 && 0...member.byteCount ~= byteCount,
        "the last member, of \(member.byteCount) bytes, can be shortened, not to \(byteCount)")
      state.members[member.index].shorten(to: byteCount)
      state.end = state.members[member.index].end
    }
  }

  /// The CRC-32 of a member whose content is written, computed from those of its pieces.
  ///
  /// - Precondition: Every byte of the content was written once.
  public func checksum(of member: Member) -> UInt32 {
    state.withLock { Self.checksum($0.parts[member.index], $0.members[member.index]) }
  }

  private static func checksum(_ parts: [Part], _ member: ZipMember) -> UInt32 {
    var crc = CRC32()
    var place = 0
    for part in parts.sorted(by: { $0.place < $1.place }) where part.byteCount > 0 {
      require(part.place == place, "bytes \(place) to \(part.place) of \(member.name) are missing")
      crc.append(part.checksum, byteCount: part.byteCount)
      place += part.byteCount
    }
    require(place == member.byteCount, "\(member.name) lacks bytes from \(place) on")
    return crc.value
  }

  // MARK: The end

  /// Writes the headers and the directory, once all content is written.
  ///
  /// The file is still to be committed.
  ///
  /// - Returns: The number of bytes of the archive.
  /// - Throws: `FileError` if the file cannot be written.
  /// - Precondition: Every byte of every member's content was written once.
  public func finish() throws -> Int {
    let state = state.withLock { $0 }
    var directory: [UInt8] = []
    for (index, member) in state.members.enumerated() {
      let checksum = Self.checksum(state.parts[index], member)
      try write(member.header(checksum: checksum), at: member.headerOffset)
      try write(
        member.descriptor(checksum: checksum), at: member.contentOffset + member.byteCount)
      directory += member.entry(checksum: checksum)
    }
    let tail = directory + endRecords(state, directoryByteCount: directory.count)
    try write(tail, at: state.end)
    return state.end + tail.count
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws {
    try file.write(bytes, at: start + offset)
  }

  /// The records that say where the directory is (APPNOTE 4.3.14 to 4.3.16).
  private func endRecords(_ state: State, directoryByteCount: Int) -> [UInt8] {
    let count = state.members.count
    let isZip64 =
      style == .withDescriptors || count >= UInt16.max || state.end >= zip64Limit
      || directoryByteCount >= zip64Limit
    var bytes: [UInt8] = []
    if isZip64 {
      bytes.append(littleEndian: 0x0606_4B50 as UInt32)
      bytes.append(littleEndian: 44 as UInt64)
      // Made by and needing version 4.5; PyTorch says 3.0 of the maker, on Unix.
      bytes.append(littleEndian: style == .withDescriptors ? 0x031E : UInt16(3 << 8 | 45))
      bytes.append(littleEndian: 45 as UInt16)
      bytes.append(littleEndian: 0 as UInt64)
      for number in [count, count, directoryByteCount, state.end] {
        bytes.append(littleEndian: UInt64(number))
      }
      bytes.append(littleEndian: 0x0706_4B50 as UInt32)
      bytes.append(littleEndian: 0 as UInt32)
      bytes.append(littleEndian: UInt64(state.end + directoryByteCount))
      bytes.append(littleEndian: 1 as UInt32)
    }
    func short(_ number: Int) -> UInt32 { number >= zip64Limit ? .max : UInt32(number) }
    bytes.append(littleEndian: 0x0605_4B50 as UInt32)
    bytes.append(littleEndian: 0 as UInt32)
    let shortCount = UInt16(min(count, Int(UInt16.max)))
    bytes.append(littleEndian: shortCount)
    bytes.append(littleEndian: shortCount)
    bytes.append(littleEndian: short(directoryByteCount))
    bytes.append(littleEndian: short(state.end))
    bytes.append(littleEndian: 0 as UInt16)
    return bytes
  }
}
