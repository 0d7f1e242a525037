/// A datatype as it is stored: the type, and the bytes that an element takes in the file.
///
/// The two differ where elements refer to the heap: ``HDF5Datatype/byteCount`` is about memory.
struct HDF5ScanStoredType: Sendable {
  var datatype: HDF5Datatype
  var byteCount: Int
}

/// The decoder of datatype messages (specification, IV.A.2.d).
struct HDF5ScanTypeDecoder {
  /// Types within types, and members in all, that are read before a file is held to be hostile.
  private static let maximumDepth = 32
  static let maximumMembers = 100_000

  var membersLeft = maximumMembers

  /// Decodes a message that may stand for a named datatype in another header.
  static func decode(
    _ message: HDF5ScanHeader.Message, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) -> HDF5ScanStoredType {
    guard message.isShared else { return try decode(message.content) }
    return try file.namedType(at: try HDF5ScanShared.address(message.content))
  }

  /// Decodes a description of a type.
  static func decode(_ content: HDF5ScanCursor) throws(HDF5ScanFault) -> HDF5ScanStoredType {
    var decoder = HDF5ScanTypeDecoder()
    var content = content
    return try decoder.type(&content)
  }

  /// The fields that every description of a type begins with.
  struct Prefix {
    var version: Int
    /// The 24 bits whose meaning depends on the class.
    var bits: UInt32
    var bytes: Int

    var order: HDF5ByteOrder { bits & 1 == 1 ? .big : .little }
    var memberCount: Int { Int(bits & 0xFFFF) }
  }

  mutating func type(
    _ cursor: inout HDF5ScanCursor, depth: Int = 0
  ) throws(HDF5ScanFault) -> HDF5ScanStoredType {
    guard depth < Self.maximumDepth else {
      throw HDF5ScanFault(
        .limitExceeded, "types are nested more than \(Self.maximumDepth) deep",
        at: cursor.position)
    }
    let word = try cursor.uint32()
    let prefix = Prefix(
      version: Int(word >> 4 & 0x0F), bits: word >> 8, bytes: Int(try cursor.uint32()))
    guard (1...5).contains(prefix.version) else {
      throw cursor.fault("the version of a datatype is \(prefix.version)")
    }
    guard prefix.bytes > 0 else { throw cursor.fault("a datatype has no size") }
    let datatype: HDF5Datatype =
      switch word & 0x0F {
      case 0: try integer(&cursor, prefix)
      case 1: try float(&cursor, prefix)
      case 2: try unsupported(&cursor, prefix, skipping: 2, "time")
      case 3: string(prefix)
      case 4: try bitfield(&cursor, prefix)
      case 5: try opaque(&cursor, prefix)
      case 6: try compound(&cursor, prefix, depth)
      case 7: reference(&cursor, prefix)
      case 8: try enumeration(&cursor, prefix, depth)
      case 9: try variableLength(&cursor, prefix, depth)
      case 10: try array(&cursor, prefix, depth)
      case 11: try complex(&cursor, prefix, depth)
      case let other: throw cursor.fault("there is no datatype of class \(other)")
      }
    return HDF5ScanStoredType(datatype: datatype, byteCount: prefix.bytes)
  }

  private func unsupported(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, skipping count: Int, _ name: String
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    try cursor.skip(count)
    return .unsupported(bytes: prefix.bytes, name: name)
  }
}

// MARK: - Numbers

extension HDF5ScanTypeDecoder {
  /// Whether a number uses all its bits: bits that it leaves out follow the prefix.
  private func isWhole(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> Bool {
    let offset = Int(try cursor.uint16())
    let precision = Int(try cursor.uint16())
    guard offset + precision <= 8 * prefix.bytes, precision > 0 else {
      throw cursor.fault("a number uses bits that it does not have")
    }
    return offset == 0 && precision == 8 * prefix.bytes
  }

  private func integer(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    guard try isWhole(&cursor, prefix), prefix.bytes <= HDF5Datatype.maximumIntegerBytes else {
      return .unsupported(bytes: prefix.bytes, name: "integer")
    }
    return .integer(bytes: prefix.bytes, signed: prefix.bits & 0x08 != 0, order: prefix.order)
  }

  private func bitfield(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    guard try isWhole(&cursor, prefix), [1, 2, 4, 8].contains(prefix.bytes) else {
      return .unsupported(bytes: prefix.bytes, name: "bitfield")
    }
    return .bitfield(bytes: prefix.bytes, order: prefix.order)
  }

  private func float(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    let offset = try cursor.uint16()
    let precision = Int(try cursor.uint16())
    let exponentPosition = Int(try cursor.uint8())
    let exponentSize = Int(try cursor.uint8())
    let mantissaPosition = Int(try cursor.uint8())
    let mantissaSize = Int(try cursor.uint8())
    let bias = Int(try cursor.uint32())
    let normalization: HDF5FloatFormat.Normalization? =
      switch prefix.bits >> 4 & 0x03 {
      case 0: HDF5FloatFormat.Normalization.none
      case 1: .stored
      case 2: .implied
      default: nil
      }
    // Bit 6 marks the mixed byte order of the VAX.
    guard let normalization, prefix.bits & 0x40 == 0, offset == 0 else {
      return .unsupported(bytes: prefix.bytes, name: "float")
    }
    let format = HDF5FloatFormat(
      bytes: prefix.bytes, precision: precision, order: prefix.order,
      signPosition: Int(prefix.bits >> 8 & 0xFF), exponentPosition: exponentPosition,
      exponentSize: exponentSize, exponentBias: bias, mantissaPosition: mantissaPosition,
      mantissaSize: mantissaSize, normalization: normalization)
    return format.isConsistent
      ? .float(format) : .unsupported(bytes: prefix.bytes, name: "float")
  }

  /// A complex number as HDF5 2.0 has it. Its two parts lie as in the compound that older files
  /// have, so it is described as one.
  private mutating func complex(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, _ depth: Int
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    let part = try type(&cursor, depth: depth + 1)
    guard case .float(let format) = part.datatype, 2 * part.byteCount == prefix.bytes else {
      return .unsupported(bytes: prefix.bytes, name: "complex")
    }
    return .complex(format)
  }
}

// MARK: - Texts, bytes and references

extension HDF5ScanTypeDecoder {
  private func string(_ prefix: Prefix) -> HDF5Datatype {
    format(.fixed(bytes: prefix.bytes), padding: prefix.bits, set: prefix.bits >> 4)
      .map { .string($0) } ?? .unsupported(bytes: prefix.bytes, name: "string")
  }

  private func format(
    _ length: HDF5StringFormat.Length, padding: UInt32, set: UInt32
  ) -> HDF5StringFormat? {
    let padding: HDF5StringFormat.Padding? =
      switch padding & 0x0F {
      case 0: .nullTerminated
      case 1: .nullPadded
      case 2: .spacePadded
      default: nil
      }
    guard let padding, set & 0x0F <= 1 else { return nil }
    return HDF5StringFormat(
      length, padding: padding, characterSet: set & 0x0F == 1 ? .utf8 : .ascii)
  }

  private func opaque(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    var tag = try cursor.split(Int(prefix.bits & 0xFF))
    let text = (tag.untilNUL() ?? tag).allBytes
    return .opaque(bytes: prefix.bytes, tag: String(decoding: text, as: UTF8.self))
  }

  private func reference(_ cursor: inout HDF5ScanCursor, _ prefix: Prefix) -> HDF5Datatype {
    // The references of version 4 name the object in another way, and are of other sizes.
    switch (prefix.bits & 0x0F, prefix.bytes) {
    case (0, cursor.widths.address) where cursor.widths.address == 8: .objectReference
    case (1, cursor.widths.address + 4) where cursor.widths.address == 8: .regionReference
    default: .unsupported(bytes: prefix.bytes, name: "reference")
    }
  }

  private mutating func variableLength(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, _ depth: Int
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    guard prefix.bytes == 8 + cursor.widths.address else {
      throw cursor.fault("a type of variable length has elements of \(prefix.bytes) bytes")
    }
    let element = try type(&cursor, depth: depth + 1)
    switch prefix.bits & 0x0F {
    case 0: return .variableLength(element: element.datatype)
    case 1:
      return format(.variable, padding: prefix.bits >> 4, set: prefix.bits >> 8)
        .map { .string($0) } ?? .unsupported(bytes: prefix.bytes, name: "string")
    case let other: throw cursor.fault("there is no variable-length type of kind \(other)")
    }
  }
}
