extension HDF5ScanChunkList {
  /// A fixed array: an entry for each chunk of the dataset at its maximum shape, in row-major order
  /// (specification, VII.C).
  mutating func readFixedArray(_ address: Int) throws(HDF5ScanFault) {
    let size = 12 + file.format.lengthBytes + file.format.addressBytes
    let header = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = header
    try cursor.expect("FAHD", version: 0, "array of chunks")
    try header.verifyChecksum("array of chunks")
    let client = try cursor.uint8()
    let entrySize = Int(try cursor.uint8())
    try checkEntries(client: client, size: entrySize, cursor)
    let pageBits = Int(try cursor.uint8())
    let count = try cursor.length()
    let counts = chunked.maximumCounts.map { $0 ?? 0 }
    // Room is taken for all entries, whether there are chunks yet or not.
    guard counts.checkedProduct == count, pageBits < 32, count <= file.format.space / entrySize
    else {
      throw cursor.fault("the array has \(count) chunks, not those of the shape")
    }
    guard let block = try cursor.optionalAddress() else { return }
    if count > 1 << pageBits {
      try readPages(
        block, of: address, client, count: count, entrySize: entrySize, pageCount: 1 << pageBits)
    } else {
      try readBlock(block, of: address, client, count: count, entrySize: entrySize)
    }
  }

  private func readPrefix(
    _ cursor: inout HDF5ScanCursor, of header: Int, _ client: UInt8
  ) throws(HDF5ScanFault) {
    try cursor.expect("FADB", version: 0, "block of chunks")
    guard try cursor.uint8() == client, try cursor.address() == header else {
      throw cursor.fault("a block of chunks belongs elsewhere")
    }
  }

  /// All entries in one block.
  private mutating func readBlock(
    _ address: Int, of header: Int, _ client: UInt8, count: Int, entrySize: Int
  ) throws(HDF5ScanFault) {
    let size = 10 + file.format.addressBytes + count * entrySize
    let block = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = block
    try readPrefix(&cursor, of: header, client)
    try block.verifyChecksum("block of chunks")
    try readEntries(&cursor, 0..<count, entrySize)
  }

  /// Many entries, in pages with a checksum each; bits say which of them were ever written.
  private mutating func readPages(
    _ address: Int, of header: Int, _ client: UInt8, count: Int, entrySize: Int, pageCount: Int
  ) throws(HDF5ScanFault) {
    let pages = (count - 1) / pageCount + 1
    let prefixSize = 10 + file.format.addressBytes + (pages + 7) / 8
    let prefix = try file.cursor(at: address, count: prefixSize)
    try file.claim(address, count: prefixSize, for: owner)
    var cursor = prefix
    try readPrefix(&cursor, of: header, client)
    try prefix.verifyChecksum("block of chunks")
    let isWritten = try cursor.bytes((pages + 7) / 8)
    // The last page may be shorter; all others are of this size.
    let pageSize = pageCount * entrySize + 4
    for page in 0..<pages where isWritten[page / 8] & 0x80 >> UInt8(page % 8) != 0 {
      let entries = page * pageCount..<min(count, (page + 1) * pageCount)
      let start = address + prefixSize + page * pageSize
      let size = entries.count * entrySize + 4
      var content = try file.cursor(at: start, count: size)
      try file.claim(start, count: size, for: owner)
      try content.verifyChecksum("page of chunks")
      try readEntries(&content, entries, entrySize)
    }
  }

  private mutating func readEntries(
    _ cursor: inout HDF5ScanCursor, _ numbers: Range<Int>, _ entrySize: Int
  ) throws(HDF5ScanFault) {
    let counts = chunked.maximumCounts.map { $0 ?? 0 }
    for number in numbers {
      try addEntry(&cursor, size: entrySize) {
        HDF5ScanChunkList.coordinates(of: number, in: counts)
      }
    }
  }
}
