import Arrays
import Files

/// The central directory of a zip archive, checked.
package struct ZipDirectory {
  package private(set) var entries: [ZipArchive.Entry] = []

  private let file: InputFile
  /// How many bytes precede the archive in the file: every offset in it counts from there.
  private let base: Int
  /// Where it begins in the file.
  let start: Int

  package init(_ file: InputFile) throws(CheckpointError) {
    self.file = file
    let end = try ZipEnd(file)
    base = end.base
    start = end.directoryStart
    let bytes = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: end.directoryStart..<end.directoryStart + end.directoryByteCount)
    }
    // The count is not trusted as a size to reserve: it was compared with the bytes there are.
    entries.reserveCapacity(end.entryCount)
    var position = 0
    for _ in 0..<end.entryCount {
      entries.append(try readEntry(bytes, &position))
    }
    guard position == bytes.count else {
      throw damaged("\(bytes.count - position) bytes follow the last entry of the directory")
    }
    try setLimits()
  }

  private func damaged(_ reason: String, _ name: String? = nil) -> CheckpointError {
    CheckpointError(.damaged, file: file.path, place: name ?? "zip directory", reason: reason)
  }

  private func readEntry(
    _ bytes: [UInt8], _ position: inout Int
  ) throws(CheckpointError) -> ZipArchive.Entry {
    let start = position
    guard bytes.uint32(at: start) == 0x0201_4B50, let flags = bytes.uint16(at: start + 8),
      let method = bytes.uint16(at: start + 10), let crc = bytes.uint32(at: start + 16),
      let packed = bytes.uint32(at: start + 20), let unpacked = bytes.uint32(at: start + 24),
      let nameLength = bytes.uint16(at: start + 28), let extraLength = bytes.uint16(at: start + 30),
      let commentLength = bytes.uint16(at: start + 32), let disk = bytes.uint16(at: start + 34),
      let offset = bytes.uint32(at: start + 42)
    else { throw damaged("it has no entry at byte \(start) where one should be") }
    let nameEnd = start + 46 + Int(nameLength)
    let extraEnd = nameEnd + Int(extraLength)
    position = extraEnd + Int(commentLength)
    guard position <= bytes.count else { throw damaged("its last entry is cut short") }

    let rawName = Array(bytes[start + 46..<nameEnd])
    let name = try Self.decodeName(rawName, file)
    var sizes = Zip64Sizes(unpacked: unpacked, packed: packed, offset: offset, disk: disk)
    guard sizes.resolve(extra: bytes[nameEnd..<extraEnd]) else {
      throw damaged("its sizes are said to be in a zip64 field that is missing or too short", name)
    }
    guard sizes.disk == 0 else {
      throw CheckpointError(
        .unsupported, file: file.path, place: name,
        reason: "the archive is split over several files")
    }
    let limit = UInt64(self.start - base)
    guard sizes.packed <= limit, sizes.offset <= limit, sizes.unpacked <= UInt64(Int.max) else {
      throw damaged("it is said to be beyond the end of the archive", name)
    }
    return ZipArchive.Entry(
      name: name, method: ZipArchive.Method(method), byteCount: Int(sizes.unpacked),
      packedByteCount: Int(sizes.packed), crc32: crc, flags: flags, rawMethod: method,
      rawName: rawName, headerOffset: base + Int(sizes.offset))
  }

  /// Checks that no member reaches into the next one, as far as the directory shows.
  private mutating func setLimits() throws(CheckpointError) {
    let order = entries.indices.sorted { entries[$0].headerOffset < entries[$1].headerOffset }
    var limit = start
    for index in order.reversed() {
      let entry = entries[index]
      // A local header is at least this long; its exact length is checked when it is read.
      let least = entry.headerOffset + ZipLocalHeader.fixedLength + entry.rawName.count
      guard limit - least >= entry.packedByteCount else {
        throw damaged("it overlaps with what follows it in the archive", entry.name)
      }
      entries[index].limit = limit
      limit = entry.headerOffset
    }
  }

  private static func decodeName(
    _ bytes: [UInt8], _ file: InputFile
  ) throws(CheckpointError) -> String {
    // Names without the UTF-8 flag are in the code page of the writer's machine. They are taken
    // as UTF-8 where they can be, otherwise byte by byte, so that every member has a name.
    let name =
      String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !bytes.isEmpty, !bytes.contains(0), !name.hasPrefix("/"), !parts.contains("..") else {
      throw CheckpointError(
        .refused, file: file.path, place: "zip directory",
        reason: "a member's name is empty, or leads out of the archive: \(name.debugDescription)")
    }
    return name
  }
}

extension ZipArchive.Method {
  fileprivate init(_ number: UInt16) {
    switch number {
    case 0: self = .stored
    case 8: self = .deflated
    default: self = .other(number)
    }
  }
}

/// Sizes and offset of a member, which are in a zip64 field where they do not fit in 32 bits.
package struct Zip64Sizes {
  package var unpacked: UInt64
  package var packed: UInt64
  package var offset: UInt64
  package var disk: UInt32

  package init(unpacked: UInt32, packed: UInt32, offset: UInt32 = 0, disk: UInt16 = 0) {
    self.unpacked = UInt64(unpacked)
    self.packed = UInt64(packed)
    self.offset = UInt64(offset)
    self.disk = UInt32(disk)
  }

  /// Takes from the zip64 field those that are marked as being there.
  ///
  /// - Returns: False if one is marked and not there.
  package mutating func resolve(extra: ArraySlice<UInt8>) -> Bool {
    let isMarked =
      unpacked == 0xFFFF_FFFF || packed == 0xFFFF_FFFF || offset == 0xFFFF_FFFF || disk == 0xFFFF
    guard isMarked else { return true }
    let bytes = Array(extra)
    var position = 0
    while let identifier = bytes.uint16(at: position), let length = bytes.uint16(at: position + 2) {
      let start = position + 4
      position = start + Int(length)
      guard position <= bytes.count else { return false }
      guard identifier == 1 else { continue }
      return take(from: Array(bytes[start..<position]))
    }
    return false
  }

  private mutating func take(from field: [UInt8]) -> Bool {
    var position = 0
    func next(_ value: inout UInt64) -> Bool {
      guard value == 0xFFFF_FFFF else { return true }
      guard let number = field.uint64(at: position) else { return false }
      value = number
      position += 8
      return true
    }
    guard next(&unpacked), next(&packed), next(&offset) else { return false }
    if disk == 0xFFFF {
      guard let number = field.uint32(at: position) else { return false }
      disk = number
    }
    return true
  }
}
