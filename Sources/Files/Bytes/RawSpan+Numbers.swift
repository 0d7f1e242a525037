/// A number of which every pattern of bits is a value, so that any bytes of a file make one.
///
/// Not `Bool`, of which a file may hold a third value, nor anything with a reference in it.
@usableFromInline
package protocol PlainNumber: BitwiseCopyable {}

extension Int8: PlainNumber {}
extension Int16: PlainNumber {}
extension Int32: PlainNumber {}
extension Int64: PlainNumber {}
extension Int: PlainNumber {}
extension UInt8: PlainNumber {}
extension UInt16: PlainNumber {}
extension UInt32: PlainNumber {}
extension UInt64: PlainNumber {}
extension UInt: PlainNumber {}
extension Float: PlainNumber {}
extension Double: PlainNumber {}

// The one place where bytes become numbers. The loads are marked as unsafe for types of which some
// patterns are no values, which `PlainNumber` excludes; they check the bounds themselves.
extension RawSpan {
  /// The byte at an offset.
  ///
  /// - Precondition: There is one: the language's check, also in an optimised program.
  @inlinable
  package subscript(offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The number at an offset, in the byte order of this machine. It need not be aligned.
  ///
  /// - Precondition: All its bytes are there.
  @inlinable
  package func load<Number: PlainNumber>(
    _ type: Number.Type = Number.self, at offset: Int
  ) -> Number {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
  }

  /// The number at an offset, its least significant byte first. It need not be aligned.
  ///
  /// - Precondition: All its bytes are there.
  @inlinable
  package func loadLittleEndian<Number: PlainNumber & FixedWidthInteger>(
    _ type: Number.Type = Number.self, at offset: Int
  ) -> Number {
    Number(littleEndian: load(at: offset))
  }
}

extension MutableRawSpan {
  /// The byte at an offset.
  ///
  /// - Precondition: There is one.
  @inlinable
  package subscript(offset: Int) -> UInt8 {
    get { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
    set { storeBytes(of: newValue, toByteOffset: offset, as: UInt8.self) }
  }

  /// The number at an offset, in the byte order of this machine. It need not be aligned.
  ///
  /// - Precondition: All its bytes are there.
  @inlinable
  package func load<Number: PlainNumber>(
    _ type: Number.Type = Number.self, at offset: Int
  ) -> Number {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
  }
}

// MARK: - Arrays of bytes

extension [UInt8] {
  /// The two bytes at `position` as a number, the least significant first; nil if they are not
  /// there.
  package func uint16(at position: Int) -> UInt16? { littleEndian(at: position) }

  /// The four bytes at `position` as a number, the least significant first; nil if they are not
  /// there.
  package func uint32(at position: Int) -> UInt32? { littleEndian(at: position) }

  /// The eight bytes at `position` as a number, the least significant first; nil if they are not
  /// there.
  package func uint64(at position: Int) -> UInt64? { littleEndian(at: position) }

  /// The number at `position`, its least significant byte first; nil if not all its bytes are
  /// there.
  @inlinable
  package func littleEndian<Number: PlainNumber & FixedWidthInteger>(
    _ type: Number.Type = Number.self, at position: Int
  ) -> Number? {
    guard position >= 0, position <= count - MemoryLayout<Number>.size else { return nil }
    return withBytes { $0.loadLittleEndian(at: position) }
  }

  /// Appends the bytes of a number, the least significant first.
  @inlinable
  package mutating func append(littleEndian number: some FixedWidthInteger & BitwiseCopyable) {
    Files.withBytes(of: number.littleEndian) { append(copying: $0) }
  }

  /// Appends the bytes of a number, the most significant first.
  @inlinable
  package mutating func append(bigEndian number: some FixedWidthInteger & BitwiseCopyable) {
    Files.withBytes(of: number.bigEndian) { append(copying: $0) }
  }
}
