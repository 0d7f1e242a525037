/// Bob Jenkins' hash function lookup3, with which HDF5 checks its metadata since format 1.8.
enum Lookup3 {
  /// The checksum of bytes.
  static func hash(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var a: UInt32 = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var b = a
    var c = a
    var rest = bytes
    while rest.count > 12 {
      a &+= word(rest, 0)
      b &+= word(rest, 1)
      c &+= word(rest, 2)
      mix(&a, &b, &c)
      rest = rest.dropFirst(12)
    }
    guard !rest.isEmpty else { return c }
    a &+= word(rest, 0)
    b &+= word(rest, 1)
    c &+= word(rest, 2)
    finish(&a, &b, &c)
    return c
  }

  /// The n-th group of four bytes, little-endian; what is missing counts as 0.
  private static func word(_ bytes: ArraySlice<UInt8>, _ index: Int) -> UInt32 {
    bytes.dropFirst(4 * index).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
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
