import Files

/// Bob Jenkins' hash function lookup3, with which HDF5 checks its metadata since format 1.8.
package enum Lookup3 {
  /// The checksum of bytes.
  package static func hash(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withBytes { hash($0) }
  }

  /// The checksum of bytes.
  static func hash(_ bytes: RawSpan) -> UInt32 {
    var a: UInt32 = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.byteCount)
    var b = a
    var c = a
    var start = 0
    while bytes.byteCount - start > 12 {
      a &+= bytes.loadLittleEndian(at: start)
      b &+= bytes.loadLittleEndian(at: start + 4)
      c &+= bytes.loadLittleEndian(at: start + 8)
      mix(&a, &b, &c)
      start += 12
    }
    guard start < bytes.byteCount else { return c }
    // What is missing in the last group counts as 0.
    a &+= bytes.lastWord(start)
    b &+= bytes.lastWord(start + 4)
    c &+= bytes.lastWord(start + 8)
    finish(&a, &b, &c)
    return c
  }

  private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value << count | value >> (32 - count)
  }

  private static func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    a = (a &- c) ^ rotate(c, 4)
    c &+= b
    b = (b &- a) ^ rotate(a, 6)
    a &+= c
    c = (c &- b) ^ rotate(b, 8)
    b &+= a
    a = (a &- c) ^ rotate(c, 16)
    c &+= b
    b = (b &- a) ^ rotate(a, 19)
    a &+= c
    c = (c &- b) ^ rotate(b, 4)
    b &+= a
  }

  private static func finish(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    c = (c ^ b) &- rotate(b, 14)
    a = (a ^ c) &- rotate(c, 11)
    b = (b ^ a) &- rotate(a, 25)
    c = (c ^ b) &- rotate(b, 16)
    a = (a ^ c) &- rotate(c, 4)
    b = (b ^ a) &- rotate(a, 14)
    c = (c ^ b) &- rotate(b, 24)
  }
}

extension RawSpan {
  /// As many of four bytes as there are, little-endian.
  fileprivate func lastWord(_ start: Int) -> UInt32 {
    guard start < byteCount else { return 0 }
    return (start..<Swift.min(start + 4, byteCount)).reversed().reduce(0) {
      $0 << 8 | UInt32(self[$1])
    }
  }
}
