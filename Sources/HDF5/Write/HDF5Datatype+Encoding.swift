import Files

extension HDF5Datatype {
  /// The message that describes the type in a file (specification, IV.A.2.d), of version 1; `nil`
  /// for types that are not written here: references, arrays, bitfields, and what lies in heaps.
  var encoded: [UInt8]? {
    var bytes: [UInt8] = []
    return encode(into: &bytes) ? bytes : nil
  }

  private func encode(into bytes: inout [UInt8]) -> Bool {
    switch self {
    case .integer(let size, let signed, let order):
      bytes.appendType(0, (order == .big ? 1 : 0) | (signed ? 8 : 0), size)
      bytes.append(UInt16(0))
      bytes.append(UInt16(8 * size))
    case .float(let format):
      guard format.isConsistent, let normalization = format.normalization.code else {
        return false
      }
      bytes.appendType(
        1,
        (format.order == .big ? 1 : 0) | normalization << 4 | UInt32(format.signPosition) << 8,
        format.bytes)
      bytes.append(UInt16(0))
      bytes.append(UInt16(format.precision))
      for field in [
        format.exponentPosition, format.exponentSize, format.mantissaPosition, format.mantissaSize,
      ] {
        bytes.append(UInt8(field))
      }
      bytes.append(UInt32(format.exponentBias))
    case .string(let format):
      guard case .fixed(let size) = format.length else { return false }
      let padding: UInt32 =
        switch format.padding {
        case .nullTerminated: 0
        case .nullPadded: 1
        case .spacePadded: 2
        }
      bytes.appendType(3, padding | (format.characterSet == .utf8 ? 0x10 : 0), size)
    case .enumeration(let base, let members):
      guard case .integer(let size, _, .little) = base, size <= 8, members.count < 1 << 16 else {
        return false
      }
      bytes.appendType(8, UInt32(members.count), size)
      guard base.encode(into: &bytes) else { return false }
      for member in members { bytes.appendName(member.name) }
      for member in members {
        withBytes(of: member.value.littleEndian) {
          bytes.append(copying: $0.extracting(first: size))
        }
      }
    case .compound(let size, let members):
      guard members.count < 1 << 16 else { return false }
      bytes.appendType(6, UInt32(members.count), size)
      for member in members {
        bytes.appendName(member.name)
        bytes.append(UInt32(member.offset))
        // No dimensions, whose fields were for members that are grids.
        bytes.append(contentsOf: repeatElement(0, count: 28))
        guard member.datatype.encode(into: &bytes) else { return false }
      }
    case .opaque(let size, let tag):
      // The tag, if there is one, filled up with NUL to a multiple of eight bytes.
      let tag = Array(tag.utf8)
      let length = (tag.count + 7) / 8 * 8
      guard length <= Self.maximumTagByteCount, !tag.contains(0) else { return false }
      bytes.appendType(5, UInt32(length), size)
      bytes += tag + [UInt8](repeating: 0, count: length - tag.count)
    case .bitfield, .array, .objectReference, .regionReference, .variableLength, .unsupported:
      return false
    }
    return true
  }

  /// What libhdf5 has room for: `H5T_OPAQUE_TAG_MAX` less a NUL, in eights.
  private static let maximumTagByteCount = 248

  /// The message of texts of variable length in UTF-8 that end with NUL: sequences of bytes.
  static let encodedVariableText: [UInt8] = {
    var bytes: [UInt8] = []
    bytes.appendType(9, 0x101, HDF5GlobalHeap.elementByteCount)
    return bytes + (HDF5Datatype.uint8.encoded ?? [])
  }()

  /// The message of sequences of texts of one byte, by which MATLAB keeps the names of fields.
  static let encodedLetters: [UInt8] = {
    var bytes: [UInt8] = []
    bytes.appendType(9, 0, HDF5GlobalHeap.elementByteCount)
    let letter = HDF5StringFormat(.fixed(bytes: 1), padding: .nullTerminated, characterSet: .ascii)
    return bytes + (HDF5Datatype.string(letter).encoded ?? [])
  }()
}

extension HDF5FloatFormat.Normalization {
  fileprivate var code: UInt32? {
    switch self {
    case .none: 0
    case .stored: 1
    case .implied: 2
    }
  }
}

extension [UInt8] {
  /// Adds a number, its low byte first.
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    append(littleEndian: value)
  }

  /// Adds zeros until the length is a multiple of eight.
  mutating func pad() {
    let missing = -count & 7
    if missing > 0 { append(contentsOf: repeatElement(0, count: missing)) }
  }

  /// Replaces the bytes of a number.
  mutating func replace<T: FixedWidthInteger & BitwiseCopyable>(at position: Int, with value: T) {
    withMutableBytes {
      $0.storeBytes(of: value.littleEndian, toByteOffset: position, as: T.self)
    }
  }

  /// The fields that a description of a type begins with.
  fileprivate mutating func appendType(_ typeClass: UInt8, _ bits: UInt32, _ size: Int) {
    append(UInt32(0x10 | typeClass) | bits << 8)
    append(UInt32(size))
  }

  /// A name, filled up with NUL to a multiple of eight bytes, of which one is there in any case.
  fileprivate mutating func appendName(_ name: String) {
    append(contentsOf: name.utf8)
    append(contentsOf: repeatElement(0, count: 8 - name.utf8.count % 8))
  }
}
