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
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let part = bytes.prefix(Self.blockByteCount - rest.count)
      rest += part
      bytes = bytes.dropFirst(part.count)
      guard rest.count == Self.blockByteCount else { return }
      rest.withUnsafeBytes { Self.take($0, into: &state) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = bytes.prefix(bytes.count - bytes.count % Self.blockByteCount)
    Self.take(UnsafeRawBufferPointer(rebasing: whole), into: &state)
    rest += bytes.dropFirst(whole.count)
  }

  /// Appends the UTF-8 of a text.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of all bytes so far, as 64 lowercase hexadecimal digits.
  package var hexadecimal: String {
    var final = self
    let padding = 1 + (119 - rest.count) % Self.blockByteCount
    var ending = [0x80] + [UInt8](repeating: 0, count: padding - 1)
    ending += (0..<8).map { UInt8(truncatingIfNeeded: (byteCount << 3) >> (56 - 8 * UInt64($0))) }
    ending.withUnsafeBytes { final.update($0) }
    return final.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private static func take(_ blocks: UnsafeRawBufferPointer, into state: inout [UInt32]) {
    guard let base = blocks.baseAddress else { return }
    state.withUnsafeMutableBufferPointer { words in
      guard let words = words.baseAddress else { return }
      ballast_sha256_blocks(
        words, base.assumingMemoryBound(to: UInt8.self), blocks.count / blockByteCount)
    }
  }
}
