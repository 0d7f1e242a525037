import Files

/// How wide the numbers of a file are, and how far its addresses reach.
struct HDF5ScanFormat: Sendable {
  /// The bytes of an address: 2, 4 or 8.
  var addressBytes: Int
  /// The bytes of a length: 2, 4 or 8.
  var lengthBytes: Int
  /// Where address 0 is, from the start of the file: the size of the user block.
  var base: Int
  /// The number of bytes that have addresses.
  var space: Int
}

/// A place in a run of the file's bytes, from which numbers are read one after the other.
///
/// Every read is checked against the end of the run. A cursor shares the bytes with the cache that
/// it comes from, so that making, copying and splitting one copies nothing.
struct HDF5ScanCursor: Sendable {
  private let storage: [UInt8]
  private var index: Int
  private let end: Int
  /// Where the first byte of the storage is in the file.
  private let origin: Int
  private let addressBytes: UInt8
  private let lengthBytes: UInt8
  private let space: Int

  /// A cursor over a range of `storage`, which begins at `origin` in the file.
  init(_ storage: [UInt8], _ range: Range<Int>, origin: Int, format: HDF5ScanFormat) {
    self.storage = storage
    index = range.lowerBound
    end = range.upperBound
    self.origin = origin
    addressBytes = UInt8(truncatingIfNeeded: format.addressBytes)
    lengthBytes = UInt8(truncatingIfNeeded: format.lengthBytes)
    space = format.space
  }

  private init(_ other: HDF5ScanCursor, from index: Int, to end: Int) {
    storage = other.storage
    self.index = index
    self.end = end
    origin = other.origin
    addressBytes = other.addressBytes
    lengthBytes = other.lengthBytes
    space = other.space
  }

  /// The number of bytes that are left.
  var remaining: Int { end - index }

  /// Where the cursor is, from the start of the file.
  var position: Int { origin + index }

  /// The widths of addresses and lengths.
  var widths: (address: Int, length: Int) { (Int(addressBytes), Int(lengthBytes)) }

  /// A fault at the place of the cursor.
  func fault(_ message: String) -> HDF5ScanFault {
    .corrupt(message, at: position)
  }

  /// Checks that as many bytes are left.
  func require(_ count: Int) throws(HDF5ScanFault) {
    guard count >= 0, count <= end - index else {
      throw fault("a structure ends before its content does")
    }
  }
}

// MARK: - Numbers

extension HDF5ScanCursor {
  mutating func uint8() throws(HDF5ScanFault) -> UInt8 {
    try require(1)
    defer { index += 1 }
    return storage[index]
  }

  mutating func uint16() throws(HDF5ScanFault) -> UInt16 { try load(UInt16.self) }

  mutating func uint32() throws(HDF5ScanFault) -> UInt32 { try load(UInt32.self) }

  mutating func uint64() throws(HDF5ScanFault) -> UInt64 { try load(UInt64.self) }

  private mutating func load<Number: FixedWidthInteger & PlainNumber>(
    _ type: Number.Type
  ) throws(HDF5ScanFault) -> Number {
    let count = MemoryLayout<Number>.size
    try require(count)
    defer { index += count }
    return storage.withBytes { $0.loadLittleEndian(at: index) }
  }

  /// A number of 1 to 8 bytes, little-endian as all of HDF5's own numbers are.
  mutating func unsigned(bytes: Int) throws(HDF5ScanFault) -> UInt64 {
    switch bytes {
    case 8: return try uint64()
    case 4: return UInt64(try uint32())
    case 2: return UInt64(try uint16())
    default:
      guard (1...8).contains(bytes) else { throw fault("it has a number of \(bytes) bytes") }
      try require(bytes)
      defer { index += bytes }
      var value: UInt64 = 0
      for byte in storage[index..<index + bytes].reversed() { value = value << 8 | UInt64(byte) }
      return value
    }
  }

  /// A number that counts something, so that it is not negative and not beyond `Int`.
  mutating func count(bytes: Int) throws(HDF5ScanFault) -> Int {
    let value = try unsigned(bytes: bytes)
    guard let count = Int(exactly: value) else {
      throw fault("a size or count of \(value) cannot be")
    }
    return count
  }

  /// A length, of as many bytes as the file gives lengths.
  mutating func length() throws(HDF5ScanFault) -> Int { try count(bytes: Int(lengthBytes)) }

  /// A length of which all bits set means that there is none.
  mutating func optionalLength() throws(HDF5ScanFault) -> Int? {
    let value = try unsigned(bytes: Int(lengthBytes))
    if value == HDF5ScanCursor.allOnes(Int(lengthBytes)) { return nil }
    guard let length = Int(exactly: value) else { throw fault("a size of \(value) cannot be") }
    return length
  }

  /// An address, counted from the base address; `nil` if it is the undefined one, all bits set.
  mutating func optionalAddress() throws(HDF5ScanFault) -> Int? {
    let value = try unsigned(bytes: Int(addressBytes))
    if value == HDF5ScanCursor.allOnes(Int(addressBytes)) { return nil }
    guard let address = Int(exactly: value), address < space else {
      throw fault("the address \(value) is outside of the file")
    }
    return address
  }

  /// An address that has to be there.
  mutating func address() throws(HDF5ScanFault) -> Int {
    guard let address = try optionalAddress() else { throw fault("an address is missing") }
    return address
  }

  private static func allOnes(_ bytes: Int) -> UInt64 {
    bytes == 8 ? .max : (1 << UInt64(8 * bytes)) - 1
  }
}

// MARK: - Runs of bytes

extension HDF5ScanCursor {
  mutating func skip(_ count: Int) throws(HDF5ScanFault) {
    try require(count)
    index += count
  }

  /// Splits off the next bytes.
  mutating func split(_ count: Int) throws(HDF5ScanFault) -> HDF5ScanCursor {
    try require(count)
    defer { index += count }
    return HDF5ScanCursor(self, from: index, to: index + count)
  }

  /// Copies the next bytes.
  mutating func bytes(_ count: Int) throws(HDF5ScanFault) -> [UInt8] {
    try require(count)
    defer { index += count }
    return Array(storage[index..<index + count])
  }

  /// All bytes that are left.
  var allBytes: [UInt8] { Array(storage[index..<end]) }

  /// Whether so many bytes at an address are within the file.
  func isWithinFile(_ address: Int, _ count: Int) -> Bool {
    address >= 0 && count >= 0 && address <= space && count <= space - address
  }

  /// Lends all bytes that are left.
  func withBytes<Result>(
    _ body: (RawSpan) throws(HDF5ScanFault) -> Result
  ) throws(HDF5ScanFault) -> Result {
    try storage.withBytes { (bytes) throws(HDF5ScanFault) in
      try body(bytes.extracting(index..<end))
    }
  }

  /// Whether the four letters with which a structure begins come next; goes past them if so.
  mutating func skips(signature: StaticString) -> Bool {
    guard signature.utf8CodeUnitCount <= remaining else { return false }
    // The offsets are within the literal.
    for offset in 0..<signature.utf8CodeUnitCount
    where unsafe storage[index + offset] != signature.utf8Start[offset] {
      return false
    }
    index += signature.utf8CodeUnitCount
    return true
  }

  /// Goes past the letters and the version with which a structure begins.
  mutating func expect(
    _ signature: StaticString, version: UInt8, _ noun: StaticString
  ) throws(HDF5ScanFault) {
    guard skips(signature: signature) else {
      throw fault("there is no \(noun) where one is said to be")
    }
    let found = try uint8()
    guard found == version else { throw fault("the version of the \(noun) is \(found)") }
  }

  /// Bytes before the next NUL, which is skipped too; `nil` if there is none.
  mutating func untilNUL() -> HDF5ScanCursor? {
    guard let end = storage[index..<end].firstIndex(of: 0) else { return nil }
    defer { index = end + 1 }
    return HDF5ScanCursor(self, from: index, to: end)
  }

  /// All bytes that are left, as text.
  func text(_ noun: StaticString) throws(HDF5ScanFault) -> String {
    guard let text = String(validating: storage[index..<end], as: UTF8.self) else {
      throw fault("the name of \(noun) is not UTF-8")
    }
    return text
  }

  /// Checks the four bytes at the end against the bytes before them.
  func verifyChecksum(_ noun: StaticString) throws(HDF5ScanFault) {
    var tail = self
    try tail.skip(remaining - 4)
    let stored = try tail.uint32()
    let found = try withBytes { (bytes) throws(HDF5ScanFault) in
      Lookup3.hash(bytes.extracting(droppingLast: 4))
    }
    try compare(stored, found, noun)
  }

  /// Checks four bytes amid the rest against all bytes, these four counted as 0.
  func verifyChecksum(_ noun: StaticString, at offset: Int) throws(HDF5ScanFault) {
    var place = self
    try place.skip(offset)
    let stored = try place.uint32()
    var bytes = allBytes
    bytes.replaceSubrange(offset..<offset + 4, with: repeatElement(0, count: 4))
    try compare(stored, Lookup3.hash(bytes[...]), noun)
  }

  private func compare(
    _ stored: UInt32, _ found: UInt32, _ noun: StaticString
  ) throws(HDF5ScanFault) {
    // Nearly all that the fuzzer makes of a file would end here, and what is behind would never be
    // tried, though whoever means harm can give it the right checksum.
    #if BALLAST_FUZZING
      if stored != found { return }
    #endif
    guard stored == found else {
      throw fault("the checksum of the \(noun) is wrong: its bytes are damaged")
    }
  }
}
