/// The superblock of a file: where it starts, how wide its numbers are, and where the root group is
/// (specification, II.A).
struct HDF5ScanSuperblock {
  let version: Int
  let format: HDF5ScanFormat
  /// The address of the root group's header.
  let root: Int
  /// The address of the header with what the superblock has no room for.
  let extensionAddress: Int?

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  /// More than any superblock with addresses of 8 bytes takes.
  private static let longest = 128

  /// Looks for the superblock at the beginning and at each power of two from 512 on.
  init(byteCount: Int, _ read: HDF5ScanFile.Read) throws(HDF5ScanFault) {
    let signature = HDF5ScanSuperblock.signature
    var start = 0
    while byteCount - start >= signature.count {
      let range = start..<start + min(HDF5ScanSuperblock.longest, byteCount - start)
      let bytes = try HDF5ScanFile.fetch(range, read)
      if bytes.starts(with: signature) {
        try self.init(bytes, at: start, byteCount: byteCount)
        return
      }
      guard start <= byteCount / 2 else { break }
      start = max(512, 2 * start)
    }
    throw HDF5ScanFault(.notHDF5, "it is not an HDF5 file, or its first bytes are damaged")
  }

  private init(_ bytes: [UInt8], at start: Int, byteCount: Int) throws(HDF5ScanFault) {
    var format = HDF5ScanFormat(
      addressBytes: 8, lengthBytes: 8, base: start, space: byteCount - start)
    var cursor = HDF5ScanCursor(bytes, bytes.indices, origin: start, format: format)
    try cursor.skip(HDF5ScanSuperblock.signature.count)
    version = Int(try cursor.uint8())
    guard (0...3).contains(version) else {
      throw HDF5ScanFault(
        .unsupported, "the version of its superblock is \(version): it is damaged, or too new")
    }
    let isOld = version < 2
    // Versions of the free-space information, the root entry and the shared messages, all 0.
    if isOld { try cursor.skip(4) }
    format.addressBytes = Int(try cursor.uint8())
    format.lengthBytes = Int(try cursor.uint8())
    for width in [format.addressBytes, format.lengthBytes] where ![2, 4, 8].contains(width) {
      throw HDF5ScanFault(
        [16, 32].contains(width) ? .unsupported : .corrupt,
        "its addresses and lengths take \(width) bytes", at: cursor.position)
    }
    // From here on numbers are as wide as was just read. Addresses are not checked yet: the stored
    // base address and end count from the start of the file.
    cursor = HDF5ScanCursor(
      bytes, (cursor.position - start)..<bytes.count, origin: start, format: format)
    let address = format.addressBytes
    if isOld {
      // Reserved, the sizes of group nodes, and in version 1 that of chunk nodes.
      try cursor.skip(version == 0 ? 9 : 13)
    } else {
      let flags = try cursor.uint8()
      // Only version 3 promises that the mark is taken back.
      guard version < 3 || flags & 0b101 == 0 else {
        throw HDF5ScanFault(
          .locked, "it is marked as open for writing: its writer has it still, or was interrupted")
      }
    }
    let storedBase = try cursor.count(bytes: address)
    // Free-space information in old superblocks, the extension in new ones.
    let second = try cursor.unsigned(bytes: address)
    let storedEnd = try cursor.count(bytes: address)
    if isOld { try cursor.skip(address) }  // Driver information.

    // The end counts from the start of the file, and moves with the superblock if a user block was
    // put before it or taken away.
    let (end, overflow) = (storedEnd - storedBase).addingReportingOverflow(start)
    guard storedEnd >= storedBase, !overflow, end > start else {
      throw .corrupt("it declares that it ends at byte \(storedEnd)", at: cursor.position)
    }
    guard end <= byteCount else {
      throw HDF5ScanFault(
        .truncated, "it declares \(end) bytes and has \(byteCount): its end is missing")
    }
    format.space = end - start
    self.format = format
    cursor = HDF5ScanCursor(
      bytes, (cursor.position - start)..<bytes.count, origin: start, format: format)

    if isOld {
      // The entry of the root group: where its name is, then its header (III.C).
      try cursor.skip(format.lengthBytes)
      root = try cursor.address()
      extensionAddress = nil
    } else {
      root = try cursor.address()
      let length = cursor.position - start + 4
      guard length <= bytes.count else { throw cursor.fault("the superblock is cut off") }
      try HDF5ScanCursor(bytes, 0..<length, origin: start, format: format)
        .verifyChecksum("superblock")
      let allOnes: UInt64 = address == 8 ? .max : (1 << UInt64(8 * address)) - 1
      guard second == allOnes || second < UInt64(format.space) else {
        throw cursor.fault("the address \(second) is outside of the file")
      }
      extensionAddress = second == allOnes ? nil : Int(second)
    }
  }

  /// Refuses files whose superblock extension says that the rest cannot be taken as it is.
  static func checkExtension(at address: Int, in file: HDF5ScanFile) throws(HDF5ScanFault) {
    let header = try HDF5ScanHeader(at: address, in: file)
    if header.first(.cacheImage) != nil {
      throw HDF5ScanFault(.unsupported, "its metadata lies in an image of the metadata cache")
    }
    if header.first(.driverInfo) != nil {
      throw HDF5ScanFault(.unsupported, "it is one of several files that belong together")
    }
  }
}
