/// Reads of unsigned little-endian numbers from bytes of a file.
extension Array where Element == UInt8 {
  /// The two bytes at `position` as a number, or nil if they are not there.
  package func uint16(at position: Int) -> UInt16? { littleEndian(at: position) }

  /// The four bytes at `position` as a number, or nil if they are not there.
  package func uint32(at position: Int) -> UInt32? { littleEndian(at: position) }

  /// The eight bytes at `position` as a number, or nil if they are not there.
  package func uint64(at position: Int) -> UInt64? { littleEndian(at: position) }

  private func littleEndian<T: FixedWidthInteger>(at position: Int) -> T? {
    guard position >= 0, position <= count - MemoryLayout<T>.size else { return nil }
    return withUnsafeBytes {
      T(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: T.self))
    }
  }

  /// Appends the bytes of a number, the least significant first.
  package mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
