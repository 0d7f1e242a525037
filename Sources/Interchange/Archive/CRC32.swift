import CDeflate

/// The checksum of zip archives: CRC-32 with the polynomial of Ethernet.
struct CRC32 {
  /// The checksum of the bytes so far.
  private(set) var value: UInt32 = 0

  /// Takes more bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    value = libdeflate_crc32(value, base, bytes.count)
  }

  /// Takes more bytes, of which only the checksum and the number are known.
  mutating func append(_ checksum: UInt32, byteCount: Int) {
    value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(checksum), byteCount))
  }

  /// The checksum of these bytes.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }
}
