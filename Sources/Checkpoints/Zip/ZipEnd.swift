import Arrays
import Files

/// What the end of a zip archive says: where the central directory is, and how long.
package struct ZipEnd {
  /// How many bytes precede the archive in the file.
  package let base: Int
  package let directoryStart: Int
  package let directoryByteCount: Int
  package let entryCount: Int

  package static let length = 22
  private static let longestComment = 0xFFFF
  /// Far more than any checkpoint needs: some four million members.
  private static let maximumDirectory: UInt64 = 512 << 20

  package init(_ file: InputFile) throws(CheckpointError) {
    let tailStart = max(0, file.byteCount - Self.length - Self.longestComment)
    let tail = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: tailStart..<file.byteCount)
    }
    let position = try Self.find(in: tail, file)
    let recordStart = tailStart + position
    guard let disk = tail.uint16(at: position + 4),
      let directoryDisk = tail.uint16(at: position + 6),
      let diskEntries = tail.uint16(at: position + 8), let entries = tail.uint16(at: position + 10),
      let size = tail.uint32(at: position + 12), let offset = tail.uint32(at: position + 16)
    else { throw Self.damaged(file, "the end record is cut short") }

    var totals = Totals(
      entries: UInt64(entries), size: UInt64(size), offset: UInt64(offset),
      recordStart: recordStart,
      statedRecordStart: nil)
    guard diskEntries == entries, disk == directoryDisk, disk == 0 || disk == 0xFFFF else {
      throw CheckpointError(
        .unsupported, file: file.path, reason: "the archive is split over several files")
    }
    try totals.readZip64(file)

    guard totals.size <= UInt64(totals.recordStart) else {
      throw Self.damaged(file, "the directory is said to be larger than the file")
    }
    guard totals.size <= Self.maximumDirectory else {
      throw CheckpointError(
        .refused, file: file.path, place: "end of the archive",
        reason: "the directory has \(totals.size) bytes, more than are accepted")
    }
    // The directory ends where the end records begin. What its stated offset lacks is what was
    // put before the archive, and every other offset lacks the same.
    directoryByteCount = Int(totals.size)
    directoryStart = totals.recordStart - directoryByteCount
    guard totals.offset <= UInt64(directoryStart) else {
      throw Self.damaged(
        file, "the directory is said to begin at byte \(totals.offset), where it cannot be",
        advice: Self.cutShort)
    }
    base = directoryStart - Int(totals.offset)
    if let stated = totals.statedRecordStart, stated != UInt64(totals.recordStart - base) {
      throw Self.damaged(file, "the end records disagree about where the archive begins")
    }
    guard totals.entries <= totals.size / 46 else {
      throw Self.damaged(
        file, "\(totals.entries) members are said to be in a directory of \(totals.size) bytes")
    }
    entryCount = Int(totals.entries)
  }

  package static let cutShort = "The download or copy was cut short; fetch the file again."

  private static func damaged(
    _ file: InputFile, _ reason: String, advice: String? = nil
  ) -> CheckpointError {
    CheckpointError(
      .damaged, file: file.path, place: "end of the archive", reason: reason, advice: advice)
  }

  /// The position of the end record, which with its comment reaches exactly to the end.
  private static func find(in tail: [UInt8], _ file: InputFile) throws(CheckpointError) -> Int {
    let last = tail.count - length
    if last >= 0, tail.uint32(at: last) == 0x0605_4B50, tail.uint16(at: last + 20) == 0 {
      return last
    }
    var found: [Int] = []
    var hasRecord = false
    for position in stride(from: last, through: 0, by: -1)
    where tail[position] == 0x50 && tail.uint32(at: position) == 0x0605_4B50 {
      hasRecord = true
      if let comment = tail.uint16(at: position + 20),
        position + length + Int(comment) == tail.count
      {
        found.append(position)
      }
    }
    if let position = found.first {
      guard found.count == 1 else {
        throw CheckpointError(
          .refused, file: file.path, place: "end of the archive",
          reason: "there are two end records, and readers differ in which they take")
      }
      return position
    }
    if hasRecord {
      throw damaged(
        file, "bytes that do not belong to the archive follow its end, or its end is cut short")
    }
    let first = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: 0..<min(4, file.byteCount))
    }
    guard first.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
      throw CheckpointError(.notThisFormat, file: file.path, reason: "it is not a zip archive")
    }
    throw damaged(file, "the end of the archive is missing", advice: cutShort)
  }
}

/// The totals in the end records, the zip64 one taken into account.
private struct Totals {
  var entries: UInt64
  var size: UInt64
  var offset: UInt64
  /// Where the first of the end records begins in the file.
  var recordStart: Int
  /// Where the zip64 end record is said to begin.
  var statedRecordStart: UInt64?

  private static let locatorLength = 20
  private static let recordLength = 56

  mutating func readZip64(_ file: InputFile) throws(CheckpointError) {
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file.path, place: "end of the archive", reason: reason)
    }
    let isMarked = entries == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF
    let length = Self.recordLength + Self.locatorLength
    guard recordStart >= length else {
      if isMarked { throw damaged("the zip64 end record is missing") }
      return
    }
    let start = recordStart - length
    let bytes = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: start..<recordStart)
    }
    guard bytes.uint32(at: Self.recordLength) == 0x0706_4B50 else {
      if isMarked { throw damaged("the zip64 end record is missing") }
      return
    }
    guard bytes.uint32(at: 0) == 0x0606_4B50, bytes.uint64(at: 4) == 44,
      let stated = bytes.uint64(at: Self.recordLength + 8), let disk = bytes.uint32(at: 16),
      let diskEntries = bytes.uint64(at: 24), let allEntries = bytes.uint64(at: 32),
      let allSize = bytes.uint64(at: 40), let allOffset = bytes.uint64(at: 48)
    else { throw damaged("the zip64 end record is not where its locator says") }
    guard disk == 0, diskEntries == allEntries,
      entries == 0xFFFF || entries == allEntries,
      size == 0xFFFF_FFFF || size == allSize,
      offset == 0xFFFF_FFFF || offset == allOffset
    else { throw damaged("the two end records contradict each other") }
    (entries, size, offset) = (allEntries, allSize, allOffset)
    statedRecordStart = stated
    recordStart = start
  }
}
