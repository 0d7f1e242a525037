extension HDF5ScanChunkList {
  /// An extensible array: an entry for each chunk, the dimension that grows counted slowest
  /// (specification, VII.D). It is read as libhdf5 grows it: entries in the index block, then data
  /// blocks that the index block leads to, then ones that secondary blocks lead to.
  mutating func readExtensibleArray(_ address: Int) throws(HDF5ScanFault) {
    let array = try HDF5ScanExtensibleArray(at: address, self)
    guard let block = array.indexBlock else { return }
    let (addressBytes, entrySize) = (file.format.addressBytes, array.entrySize)
    let directCount = 2 * (array.leastPointers - 1)
    let secondaryCount = max(0, array.levels - array.directLevels)
    let size =
      10 + addressBytes + array.indexEntries * entrySize
      + (directCount + secondaryCount) * addressBytes
    let index = try file.cursor(at: block, count: size)
    try file.claim(block, count: size, for: owner)
    var cursor = index
    try array.readPrefix(&cursor, "EAIB")
    try index.verifyChecksum("block of chunks")

    var number = 0
    try readEntries(&cursor, count: array.indexEntries, array, &number)
    var pointers = try cursor.split((directCount + secondaryCount) * addressBytes)
    for level in 0..<array.levels where number < array.count {
      if level < array.directLevels {
        for _ in 0..<array.blockCount(level) {
          try readBlock(try pointers.optionalAddress(), level, isWritten: nil, array, &number)
        }
      } else {
        try readSecondary(try pointers.optionalAddress(), level, array, &number)
      }
    }
  }

  /// A secondary block: the data blocks of one level.
  private mutating func readSecondary(
    _ address: Int?, _ level: Int, _ array: HDF5ScanExtensibleArray, _ number: inout Int
  ) throws(HDF5ScanFault) {
    let (count, entries) = (array.blockCount(level), array.blockEntries(level))
    guard let address else {
      number += count * entries
      return
    }
    let pages = array.pages(level)
    // The bits of all data blocks follow each other, in as many bytes as each would take alone.
    let bitBytes = count * ((pages + 7) / 8)
    let size =
      10 + file.format.addressBytes + array.offsetBytes + bitBytes
      + count * file.format.addressBytes
    let block = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = block
    try array.readPrefix(&cursor, "EASB")
    try block.verifyChecksum("block of chunks")
    try cursor.skip(array.offsetBytes)
    let bits = try cursor.bytes(bitBytes)
    for block in 0..<count where number < array.count {
      let isWritten = (0..<pages).map { page in
        let bit = block * pages + page
        return bits[bit / 8] & 0x80 >> UInt8(bit % 8) != 0
      }
      try readBlock(
        try cursor.optionalAddress(), level, isWritten: isWritten, array, &number)
    }
  }

  /// A data block: entries, in pages if there are many.
  private mutating func readBlock(
    _ address: Int?, _ level: Int, isWritten: [Bool]?, _ array: HDF5ScanExtensibleArray,
    _ number: inout Int
  ) throws(HDF5ScanFault) {
    let entries = array.blockEntries(level)
    guard let address, number < array.count else {
      number += entries
      return
    }
    let pages = array.pages(level)
    let prefixSize = 10 + file.format.addressBytes + array.offsetBytes
    let size = prefixSize + (pages > 0 ? 0 : entries * array.entrySize)
    let block = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = block
    try array.readPrefix(&cursor, "EADB")
    try block.verifyChecksum("block of chunks")
    try cursor.skip(array.offsetBytes)
    guard pages > 0 else {
      try readEntries(&cursor, count: entries, array, &number)
      return
    }
    guard let isWritten else { throw cursor.fault("a block of chunks has pages it cannot have") }
    let pageSize = array.pageEntries * array.entrySize + 4
    for page in 0..<pages {
      guard isWritten[page], number < array.count else {
        number += array.pageEntries
        continue
      }
      let start = address + size + page * pageSize
      var content = try file.cursor(at: start, count: pageSize)
      try file.claim(start, count: pageSize, for: owner)
      try content.verifyChecksum("page of chunks")
      try readEntries(&content, count: array.pageEntries, array, &number)
    }
  }

  private mutating func readEntries(
    _ cursor: inout HDF5ScanCursor, count: Int, _ array: HDF5ScanExtensibleArray,
    _ number: inout Int
  ) throws(HDF5ScanFault) {
    for _ in 0..<count {
      let entry = number
      number += 1
      try addEntry(&cursor, size: array.entrySize) { array.coordinates(of: entry) }
    }
  }
}

/// The measures of an extensible array.
struct HDF5ScanExtensibleArray {
  private let address: Int
  private let client: UInt8
  /// The bytes of an entry.
  let entrySize: Int
  /// The entries in the index block.
  let indexEntries: Int
  /// The entries of the smallest data block.
  private let leastEntries: Int
  /// The pointers of the smallest secondary block.
  let leastPointers: Int
  /// The entries of a page.
  let pageEntries: Int
  /// The bytes of a number of an entry.
  let offsetBytes: Int
  /// The number of levels: data blocks get larger and more numerous from one to the next.
  let levels: Int
  /// The number of entries that were ever written, up to the last.
  let count: Int
  let indexBlock: Int?
  /// The numbers of chunks, with the dimension that grows first, where it does not matter.
  private let counts: [Int]
  private let growing: Int

  init(at address: Int, _ list: HDF5ScanChunkList) throws(HDF5ScanFault) {
    let file = list.file
    self.address = address
    let size = 16 + 6 * file.format.lengthBytes + file.format.addressBytes
    let header = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: list.owner)
    var cursor = header
    try cursor.expect("EAHD", version: 0, "array of chunks")
    try header.verifyChecksum("array of chunks")
    client = try cursor.uint8()
    entrySize = Int(try cursor.uint8())
    try list.checkEntries(client: client, size: entrySize, cursor)
    let bits = Int(try cursor.uint8())
    indexEntries = Int(try cursor.uint8())
    leastEntries = Int(try cursor.uint8())
    leastPointers = Int(try cursor.uint8())
    let pageBits = Int(try cursor.uint8())
    // How many blocks of each kind there are, and how large they are.
    try cursor.skip(4 * file.format.lengthBytes)
    count = try cursor.length()
    try cursor.skip(file.format.lengthBytes)
    indexBlock = try cursor.optionalAddress()
    guard (1...48).contains(bits), leastEntries.isPowerOfTwo, leastPointers.isPowerOfTwo,
      leastEntries.base2 <= bits, pageBits < 32, count <= 1 << bits
    else { throw header.fault("the measures of the array of chunks cannot be") }
    pageEntries = 1 << pageBits
    offsetBytes = (bits + 7) / 8
    levels = 1 + bits - leastEntries.base2

    let maximum = list.chunked.maximumCounts
    guard let growing = maximum.firstIndex(of: nil),
      maximum.indices.allSatisfy({ $0 == growing || maximum[$0] != nil })
    else { throw header.fault("an array of chunks is for one dimension that grows") }
    self.growing = growing
    var counts = maximum.map { $0 ?? .max }
    counts.insert(counts.remove(at: growing), at: 0)
    self.counts = counts
    guard counts.dropFirst().allSatisfy({ $0 > 0 }) else {
      throw header.fault("a dataset that cannot have chunks has an array of them")
    }
  }

  /// The levels whose data blocks the index block leads to by itself.
  var directLevels: Int { 2 * leastPointers.base2 }

  /// The number of data blocks of a level.
  func blockCount(_ level: Int) -> Int { 1 << (level / 2) }

  /// The number of entries of a data block of a level.
  func blockEntries(_ level: Int) -> Int { leastEntries << ((level + 1) / 2) }

  /// The number of pages of a data block of a level; 0 if it is in one piece.
  func pages(_ level: Int) -> Int {
    let entries = blockEntries(level)
    return entries > pageEntries ? entries / pageEntries : 0
  }

  /// Which chunk an entry stands for.
  func coordinates(of number: Int) -> [Int] {
    var coordinates = HDF5ScanChunkList.coordinates(of: number, in: counts)
    coordinates.insert(coordinates.remove(at: 0), at: growing)
    return coordinates
  }

  func readPrefix(
    _ cursor: inout HDF5ScanCursor, _ signature: StaticString
  ) throws(HDF5ScanFault) {
    try cursor.expect(signature, version: 0, "block of chunks")
    guard try cursor.uint8() == client, try cursor.address() == address else {
      throw cursor.fault("a block of chunks belongs elsewhere")
    }
  }
}
