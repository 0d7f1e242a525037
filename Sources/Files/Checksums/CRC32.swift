import CDeflate
import CSupport

/// A CRC-32 in the making, with the polynomial of Ethernet (IEEE 802.3), as zip archives and
/// digests use it.
package struct CRC32: Sendable {
  /// The checksum of the bytes so far.
  package private(set) var value: UInt32 = 0

  /// The checksum of no bytes: 0.
  package init() {}

  /// Appends bytes.
  package mutating func update(_ bytes: RawSpan) {
    // C functions that read as many bytes as they are told.
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    // What remains of the first blocks has their checksum if it is taken for a beginning.
    var residue: (UInt64, UInt64) = (0, 0)
    let folded = unsafe withUnsafeMutableBytes(of: &residue) { residue in
      let count = unsafe cf_fold_crc32(value, base, bytes.count, residue.baseAddress)
      if count > 0 { value = unsafe libdeflate_crc32(.max, residue.baseAddress, residue.count) }
      return count
    }
    value = unsafe libdeflate_crc32(value, base + folded, bytes.count - folded)
  }

  /// Appends bytes that are not at hand: their checksum and their number suffice.
  package mutating func append(_ checksum: UInt32, byteCount: Int) {
    // What the sum of nothing becomes, found without zlib's arithmetic.
    guard value != 0 else {
      value = checksum
      return
    }
    value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(checksum), byteCount))
  }

  /// The checksum of these bytes.
  package static func checksum(_ bytes: RawSpan) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  /// The checksum of these bytes.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withBytes { checksum($0) } }
}
