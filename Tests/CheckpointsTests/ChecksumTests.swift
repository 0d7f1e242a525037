import Checkpoints
import Files
import Testing

@Suite struct ChecksumTests {
  /// Bytes of every length about the size of a block, from every alignment, in any pieces.
  @Test func theChecksumIsThatOfItsDefinition() {
    let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
    bytes.withBytes { bytes in
      for length in Array(0...300) + [511, 512, 513, 1024, 2900] {
        let start = length * 7 % 64
        let piece = bytes.extracting(start..<(start + length))
        let expected = Self.checksum(piece)
        #expect(CRC32.checksum(piece) == expected, "\(length) bytes")
        var inTwo = CRC32()
        inTwo.update(piece.extracting(..<(length / 3)))
        inTwo.update(piece.extracting((length / 3)...))
        #expect(inTwo.value == expected, "\(length) bytes in two pieces")
      }
    }
  }

  /// The remainder of the division by the polynomial, a bit at a time.
  private static func checksum(_ bytes: RawSpan) -> UInt32 {
    ~[UInt8](copying: bytes).reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }
}
