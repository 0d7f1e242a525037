import Files

extension [UInt8] {
  /// Appends a number of up to ten bytes in the wire format of protocol buffers.
  package mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends a field that is a number.
  package mutating func append(field number: Int, varint value: Int) {
    append(varint: UInt64(number) << 3)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  /// Appends the key and the length of a field of bytes, which are to follow.
  package mutating func append(field number: Int, byteCount: Int) {
    append(varint: UInt64(number) << 3 | 2)
    append(varint: UInt64(byteCount))
  }

  /// Appends the key and the length of a field of bytes, the length in so many bytes, of which it may need fewer.
  package mutating func append(field number: Int, byteCount: Int, width: Int) {
    append(varint: UInt64(number) << 3 | 2)
    for place in 0..<width {
      let bits = UInt8(truncatingIfNeeded: byteCount >> (7 * place)) & 0x7F
      append(place == width - 1 ? bits : bits | 0x80)
    }
  }

  /// Appends a field of bytes, such as a message.
  package mutating func append(field number: Int, bytes: [UInt8]) {
    append(field: number, byteCount: bytes.count)
    append(contentsOf: bytes)
  }

  /// Appends a field that is a text.
  package mutating func append(field number: Int, text: String) {
    append(field: number, bytes: Array(text.utf8))
  }
}

extension Int {
  /// How many bytes a number takes, which is not negative, in the wire format of protocol buffers.
  package var varintByteCount: Int {
    Swift.max((Int.bitWidth - leadingZeroBitCount + 6) / 7, 1)
  }
}
