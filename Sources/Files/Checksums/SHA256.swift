import CSupport

/// The SHA-256 of bytes that come in pieces (FIPS 180-4).
package struct SHA256: Sendable {
  private static let blockByteCount = 64

  /// The state as the C function takes it: eight words.
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  /// The bytes that do not fill a block yet.
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The digest of no bytes.
  package init() {}

  /// Appends bytes.
  package mutating func update(_ bytes: RawSpan) {
    byteCount += UInt64(bytes.byteCount)
    var bytes = bytes
    if !rest.isEmpty {
      let part = bytes.extracting(first: Self.blockByteCount - rest.count)
      rest.append(copying: part)
      bytes = bytes.extracting(droppingFirst: part.byteCount)
      guard rest.count == Self.blockByteCount else { return }
      rest.withBytes { Self.take($0, into: &state) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = bytes.extracting(droppingLast: bytes.byteCount % Self.blockByteCount)
    Self.take(whole, into: &state)
    rest.append(copying: bytes.extracting(droppingFirst: whole.byteCount))
  }

  /// Appends the UTF-8 of a text.
  package mutating func update(_ text: String) {
    text.withUTF8Bytes { update($0) }
  }

  /// The digest of all bytes so far, as 64 lowercase hexadecimal digits.
  package var hexadecimal: String {
    var final = self
    let padding = 1 + (119 - rest.count) % Self.blockByteCount
    var ending = [0x80] + [UInt8](repeating: 0, count: padding - 1)
    ending += (0..<8).map { UInt8(truncatingIfNeeded: (byteCount << 3) >> (56 - 8 * UInt64($0))) }
    ending.withBytes { final.update($0) }
    return final.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private static func take(_ blocks: RawSpan, into state: inout [UInt32]) {
    // A C function that reads whole blocks, and writes the eight words.
    unsafe blocks.withUnsafeBytes { blocks in
      guard let base = blocks.baseAddress else { return }
      unsafe state.withUnsafeMutableBufferPointer { words in
        guard let words = words.baseAddress else { return }
        unsafe ballast_sha256_blocks(
          words, base.assumingMemoryBound(to: UInt8.self), blocks.count / blockByteCount)
      }
    }
  }
}
