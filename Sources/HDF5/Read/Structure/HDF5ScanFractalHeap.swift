/// A fractal heap, where new files keep many links or attributes of an object (specification,
/// III.G).
///
/// It is a space of numbered bytes that lie in blocks: rows of `width` blocks each, where the first
/// two rows have blocks of the starting size, and each further row blocks of twice the size of
/// those before. Up to a size they are direct, with objects in them; above it indirect, again rows
/// of blocks.
struct HDF5ScanFractalHeap {
  private let file: HDF5ScanFile
  private let owner: Int
  private let address: Int
  /// The bytes of an identifier of an object.
  let idSize: Int
  private let hasBlockChecksums: Bool
  private let maximumManagedSize: Int
  private let width: Int
  private let startSize: Int
  private let maximumDirectSize: Int
  /// The bytes of an offset in the heap.
  private let offsetBytes: Int
  private let space: Int
  private let root: Int?
  private let rootRows: Int
  private let hugeTree: Int?
  /// What all objects of a heap may take: 64 MiB. They are kept while the links or attributes of an
  /// object are listed, and a file with holes in it can have any number of large ones.
  private static let objectLimit = 64 << 20

  /// The addresses of the direct blocks that are known to be right.
  private var verified: Set<Int> = []
  private var bytesLeft: Int
  /// The huge objects, by their number, once the first has been looked for.
  private var hugeObjects: [UInt64: (address: Int, count: Int)]?

  init(at address: Int, of owner: Int, in file: HDF5ScanFile) throws(HDF5ScanFault) {
    self.file = file
    self.owner = owner
    self.address = address
    bytesLeft = min(file.format.space, Self.objectLimit)
    let (addressBytes, lengthBytes) = (file.format.addressBytes, file.format.lengthBytes)
    let size = 26 + 3 * addressBytes + 12 * lengthBytes
    let header = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = header
    try cursor.expect("FRHP", version: 0, "heap")
    idSize = Int(try cursor.uint16())
    let filterSize = try cursor.uint16()
    guard filterSize == 0 else {
      throw HDF5ScanFault(.unsupported, "a heap is filtered", at: cursor.position)
    }
    try header.verifyChecksum("heap")
    hasBlockChecksums = try cursor.uint8() & 0x02 != 0
    maximumManagedSize = Int(try cursor.uint32())
    try cursor.skip(lengthBytes)  // The next number of a huge object.
    hugeTree = try cursor.optionalAddress()
    // Free space and statistics: nine lengths and an address.
    try cursor.skip(9 * lengthBytes + addressBytes)
    width = Int(try cursor.uint16())
    startSize = try cursor.length()
    maximumDirectSize = try cursor.length()
    let bits = Int(try cursor.uint16())
    try cursor.skip(2)  // With how many rows the root starts.
    root = try cursor.optionalAddress()
    rootRows = Int(try cursor.uint16())
    guard width.isPowerOfTwo, startSize.isPowerOfTwo, maximumDirectSize.isPowerOfTwo,
      startSize <= maximumDirectSize, maximumDirectSize <= 1 << 32, (1...62).contains(bits),
      width.base2 + startSize.base2 < bits, rootRows <= 64, idSize > 0
    else { throw header.fault("the measures of a heap cannot be") }
    offsetBytes = (bits + 7) / 8
    space = 1 << bits
  }

  /// The bytes of the length in an identifier.
  private var lengthBytes: Int {
    min((maximumDirectSize.base2 + 7) / 8, maximumManagedSize.significantBytes)
  }

  /// Counts the bytes of an object, before they are read.
  private mutating func take(_ count: Int, _ place: HDF5ScanCursor) throws(HDF5ScanFault) {
    let (left, overflow) = bytesLeft.subtractingReportingOverflow(count)
    guard !overflow, left >= 0 else {
      throw HDF5ScanFault(
        .limitExceeded,
        "the objects of a heap have more than \(Self.objectLimit) bytes, or overlap",
        at: place.position)
    }
    bytesLeft = left
  }

  /// Reads the object of an identifier (III.G, "Heap ID").
  mutating func object(_ id: HDF5ScanCursor) throws(HDF5ScanFault) -> HDF5ScanCursor {
    var id = id
    let flags = try id.uint8()
    guard flags & 0xC0 == 0 else { throw id.fault("the version of a place in a heap is wrong") }
    switch flags >> 4 & 0x03 {
    case 0:
      let offset = try id.count(bytes: offsetBytes)
      let count = try id.count(bytes: lengthBytes)
      return try managed(offset, count, id)
    case 1:
      return try huge(&id)
    case 2:
      // In the identifier itself. Long ones take another byte for the length.
      let isLong = idSize > 18
      let low = isLong ? Int(try id.uint8()) : 0
      let count = isLong ? Int(flags & 0x0F) << 8 | low : Int(flags & 0x0F)
      return try id.split(count + 1)
    default:
      throw id.fault("there is no such kind of object in a heap")
    }
  }
}

// MARK: - Managed objects

extension HDF5ScanFractalHeap {
  /// The size of the blocks of a row.
  private func blockSize(_ row: Int) -> Int { startSize << max(0, row - 1) }

  /// The number of rows whose blocks are direct.
  private var directRows: Int { maximumDirectSize.base2 - startSize.base2 + 2 }

  /// Finds an object by going down from the root to the direct block that has it.
  private mutating func managed(
    _ offset: Int, _ count: Int, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    guard offset < space, count > 0, let root else {
      throw place.fault("an object is outside of its heap")
    }
    var address = root
    var rows = rootRows
    // The offset within the block at the address, and where that block begins in the heap.
    var rest = offset
    var start = 0
    // A child has fewer rows than its parent, and none at the end.
    while rows > 0 {
      let (row, column) = block(of: rest)
      guard row < rows else { throw place.fault("an object is outside of its heap") }
      let children = try indirectBlock(at: address, start: start, rows: rows)
      var pointers = children
      try pointers.skip((row * width + column) * file.format.addressBytes)
      guard let child = try pointers.optionalAddress() else {
        throw place.fault("an object is in a part of its heap that is not stored")
      }
      let before = row == 0 ? 0 : startSize * width << (row - 1)
      let blockStart = before + column * blockSize(row)
      rest -= blockStart
      start += blockStart
      address = child
      if row < directRows {
        return try object(at: rest, count, block: child, start: start, size: blockSize(row), place)
      }
      let childRows = blockSize(row).base2 - (startSize * width).base2 + 1
      guard childRows > 0, childRows < rows else {
        throw place.fault("the blocks of a heap do not get smaller")
      }
      rows = childRows
    }
    return try object(at: rest, count, block: address, start: 0, size: startSize, place)
  }

  /// The row and column of the block that has an offset.
  private func block(of offset: Int) -> (row: Int, column: Int) {
    let firstRow = startSize * width
    guard offset >= firstRow else { return (0, offset / startSize) }
    let row = offset.base2 - firstRow.base2 + 1
    return (row, (offset - 1 << offset.base2) / blockSize(row))
  }

  /// The addresses in an indirect block (III.G, "FHIB").
  private func indirectBlock(
    at address: Int, start: Int, rows: Int
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    let prefix = 5 + file.format.addressBytes + offsetBytes
    let size = prefix + rows * width * file.format.addressBytes + 4
    let whole = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = whole
    try readPrefix(&cursor, "FHIB", start: start)
    try whole.verifyChecksum("heap block")
    return cursor
  }

  private func readPrefix(
    _ cursor: inout HDF5ScanCursor, _ signature: StaticString, start: Int
  ) throws(HDF5ScanFault) {
    try cursor.expect(signature, version: 0, "heap block")
    let heap = try cursor.address()
    guard heap == address, try cursor.count(bytes: offsetBytes) == start else {
      throw cursor.fault("a heap block belongs elsewhere")
    }
  }

  /// An object in a direct block (III.G, "FHDB"). Its offset counts from the letters of the block.
  private mutating func object(
    at offset: Int, _ count: Int, block address: Int, start: Int, size: Int,
    _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    let prefix = 5 + file.format.addressBytes + offsetBytes + (hasBlockChecksums ? 4 : 0)
    guard offset >= prefix, offset <= size, count <= size - offset else {
      throw place.fault("an object is outside of its heap block")
    }
    try take(count, place)
    if verified.insert(address).inserted {
      let block = try file.cursor(at: address, count: size)
      try file.claim(address, count: size, for: owner)
      var cursor = block
      try readPrefix(&cursor, "FHDB", start: start)
      if hasBlockChecksums { try block.verifyChecksum("heap block", at: prefix - 4) }
    }
    // Not the block, which would be copied for each of its objects, and kept as long as any of them.
    return try file.cursor(at: address + offset, count: count)
  }
}

// MARK: - Huge objects

extension HDF5ScanFractalHeap {
  /// An object that is too large for the blocks, and lies elsewhere in the file.
  private mutating func huge(_ id: inout HDF5ScanCursor) throws(HDF5ScanFault) -> HDF5ScanCursor {
    let (addressBytes, lengthBytes) = id.widths
    // Identifiers with room for it say where the object is.
    if idSize - 1 >= addressBytes + lengthBytes {
      return try huge(at: try id.address(), try id.length(), id)
    }
    let number = try id.unsigned(bytes: min(idSize - 1, 8))
    if hugeObjects == nil { hugeObjects = try readHugeTree(id) }
    guard let (address, count) = hugeObjects?[number] else {
      throw id.fault("there is no large object \(number) in the heap")
    }
    return try huge(at: address, count, id)
  }

  private mutating func huge(
    at address: Int, _ count: Int, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    try take(count, place)
    let content = try file.cursor(at: address, count: count)
    try file.claim(address, count: count, for: owner)
    return content
  }

  private func readHugeTree(
    _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> [UInt64: (address: Int, count: Int)] {
    guard let hugeTree else { throw place.fault("the heap has no large objects") }
    let tree = try HDF5ScanTree2(at: hugeTree, type: 1, of: owner, in: file)
    var objects: [UInt64: (address: Int, count: Int)] = [:]
    try tree.read { (record) throws(HDF5ScanFault) in
      var record = record
      let address = try record.address()
      let count = try record.length()
      objects[try record.unsigned(bytes: record.widths.length)] = (address, count)
    }
    return objects
  }
}
