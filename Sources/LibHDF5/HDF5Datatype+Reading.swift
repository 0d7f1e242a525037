import CHDF5
import HDF5

extension HDF5Datatype {
  /// Types within types, and members in all, that are read before a file is held to be hostile.
  private static let maximumDepth = 32
  private static let maximumMembers = 100_000

  private static let operation: StaticString = "read the datatype of"

  /// Describes the type that an identifier stands for.
  ///
  /// - Throws: `HDF5Error` with code `limitExceeded` if types are nested too
  ///   deeply or have too many members, `corrupt` if a name is not UTF-8.
  init(reading type: borrowing HDF5ScopedIdentifier, at place: HDF5Place) throws(HDF5Error) {
    var reader = Reader(place: place)
    self = try reader.read(type.id, depth: 0)
  }

  /// One description in the making, with what it may still use up.
  private struct Reader {
    let place: HDF5Place
    var membersLeft = HDF5Datatype.maximumMembers

    func call<Result: SignedInteger>(_ body: () -> Result) throws(HDF5Error) -> Result {
      try HDF5Library.call(HDF5Datatype.operation, at: place, body)
    }

    mutating func read(_ id: hid_t, depth: Int) throws(HDF5Error) -> HDF5Datatype {
      guard depth < HDF5Datatype.maximumDepth else {
        throw place.error(
          .limitExceeded, HDF5Datatype.operation,
          "its types are nested more than \(HDF5Datatype.maximumDepth) deep")
      }
      let bytes = Int(try call { chdf5_type_size(id) })
      switch try call({ chdf5_type_class(id) }) {
      case chdf5_class_integer(): return try readInteger(id, bytes)
      case chdf5_class_float(): return try readFloat(id, bytes)
      case chdf5_class_string(): return try readString(id, bytes)
      case chdf5_class_bitfield():
        let isBig = chdf5_is_big_endian(id)
        guard isBig >= 0, try isWhole(id, bytes), [1, 2, 4, 8].contains(bytes) else {
          return .unsupported(bytes: bytes, name: "bitfield")
        }
        return .bitfield(bytes: bytes, order: isBig == 1 ? .big : .little)
      case chdf5_class_opaque():
        return .opaque(bytes: bytes, tag: take(H5Tget_tag(id)) { String(cString: $0) } ?? "")
      case chdf5_class_enumeration(): return try readEnumeration(id, bytes, depth: depth)
      case chdf5_class_compound(): return try readCompound(id, bytes, depth: depth)
      case chdf5_class_array(): return try readArray(id, depth: depth)
      case chdf5_class_variable_length():
        return .variableLength(element: try readSuper(id, depth: depth))
      case chdf5_class_reference():
        if try call({ H5Tequal(id, chdf5_object_reference()) }) > 0 { return .objectReference }
        if try call({ H5Tequal(id, chdf5_region_reference()) }) > 0 { return .regionReference }
        return .unsupported(bytes: bytes, name: "reference")
      case chdf5_class_time():
        return .unsupported(bytes: bytes, name: "time")
      case let other:
        return .unsupported(bytes: bytes, name: "class \(other)")
      }
    }

    /// Whether a number uses all its bits.
    func isWhole(_ id: hid_t, _ bytes: Int) throws(HDF5Error) -> Bool {
      let (bits, overflow) = bytes.multipliedReportingOverflow(by: 8)
      return !overflow && H5Tget_precision(id) == bits && H5Tget_offset(id) == 0
    }

    func readInteger(_ id: hid_t, _ bytes: Int) throws(HDF5Error) -> HDF5Datatype {
      let isBig = chdf5_is_big_endian(id)
      let isSigned = chdf5_is_signed(id)
      guard isBig >= 0, isSigned >= 0, bytes <= HDF5Datatype.maximumIntegerBytes,
        try isWhole(id, bytes)
      else { return .unsupported(bytes: bytes, name: "integer") }
      return .integer(bytes: bytes, signed: isSigned == 1, order: isBig == 1 ? .big : .little)
    }

    func readFloat(_ id: hid_t, _ bytes: Int) throws(HDF5Error) -> HDF5Datatype {
      let isBig = chdf5_is_big_endian(id)
      var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
      _ = try call {
        H5Tget_fields(id, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize)
      }
      let normalization: HDF5FloatFormat.Normalization? =
        switch chdf5_normalization(id) {
        case 0: .implied
        case 1: .stored
        case 2: HDF5FloatFormat.Normalization.none
        default: nil
        }
      guard isBig >= 0, let normalization, H5Tget_offset(id) == 0 else {
        return .unsupported(bytes: bytes, name: "float")
      }
      let format = HDF5FloatFormat(
        bytes: bytes, precision: H5Tget_precision(id), order: isBig == 1 ? .big : .little,
        signPosition: sign, exponentPosition: exponent, exponentSize: exponentSize,
        exponentBias: H5Tget_ebias(id), mantissaPosition: mantissa, mantissaSize: mantissaSize,
        normalization: normalization)
      return format.isConsistent ? .float(format) : .unsupported(bytes: bytes, name: "float")
    }

    func readString(_ id: hid_t, _ bytes: Int) throws(HDF5Error) -> HDF5Datatype {
      let isVariable = try call { H5Tis_variable_str(id) } > 0
      let isUTF8 = chdf5_string_is_utf8(id)
      let padding: HDF5StringFormat.Padding? =
        switch chdf5_string_padding(id) {
        case 0: .nullTerminated
        case 1: .nullPadded
        case 2: .spacePadded
        default: nil
        }
      guard let padding, isUTF8 >= 0 else { return .unsupported(bytes: bytes, name: "string") }
      return .string(
        HDF5StringFormat(
          isVariable ? .variable : .fixed(bytes: bytes), padding: padding,
          characterSet: isUTF8 == 1 ? .utf8 : .ascii))
    }

    mutating func readSuper(_ id: hid_t, depth: Int) throws(HDF5Error) -> HDF5Datatype {
      let base = HDF5ScopedIdentifier(owning: try call { H5Tget_super(id) })
      return try read(base.id, depth: depth + 1)
    }

    mutating func readArray(_ id: hid_t, depth: Int) throws(HDF5Error) -> HDF5Datatype {
      let rank = Int(try call { H5Tget_array_ndims(id) })
      guard rank <= HDF5Dataspace.maximumRank else {
        throw place.error(
          .corrupt, HDF5Datatype.operation, "its array type declares \(rank) dimensions")
      }
      var sizes = [hsize_t](repeating: 0, count: rank)
      _ = try call { H5Tget_array_dims2(id, &sizes) }
      let dimensions = sizes.map { Int(clamping: $0) }
      return .array(dimensions: dimensions, element: try readSuper(id, depth: depth))
    }

    mutating func readCompound(
      _ id: hid_t, _ bytes: Int, depth: Int
    ) throws(HDF5Error) -> HDF5Datatype {
      var members: [HDF5CompoundMember] = []
      for index in 0..<(try takeMembers(of: id)) {
        let type = HDF5ScopedIdentifier(owning: try call { H5Tget_member_type(id, index) })
        members.append(
          HDF5CompoundMember(
            try memberName(id, index), offset: H5Tget_member_offset(id, index),
            try read(type.id, depth: depth + 1)))
      }
      return .compound(bytes: bytes, members: members)
    }

    mutating func readEnumeration(
      _ id: hid_t, _ bytes: Int, depth: Int
    ) throws(HDF5Error) -> HDF5Datatype {
      let base = try readSuper(id, depth: depth)
      guard case .integer(let size, let isSigned, let order) = base, size == bytes, size <= 8 else {
        return .unsupported(bytes: bytes, name: "enumeration")
      }
      var members: [HDF5EnumerationMember] = []
      for index in 0..<(try takeMembers(of: id)) {
        var raw: [UInt8] = Array(repeating: 0, count: size)
        _ = try call { H5Tget_member_value(id, index, &raw) }
        members.append(
          HDF5EnumerationMember(
            try memberName(id, index),
            raw.withUnsafeBytes {
              $0.bytes.loadInteger(bytes: size, signed: isSigned, order: order)
            }))
      }
      return .enumeration(base: base, members: members)
    }

    /// Counts the members of a type against the limit.
    mutating func takeMembers(of id: hid_t) throws(HDF5Error) -> UInt32 {
      let count = try call { H5Tget_nmembers(id) }
      membersLeft -= Int(count)
      guard membersLeft >= 0 else {
        throw place.error(
          .limitExceeded, HDF5Datatype.operation,
          "its types have more than \(HDF5Datatype.maximumMembers) members")
      }
      return UInt32(count)
    }

    func memberName(_ id: hid_t, _ index: UInt32) throws(HDF5Error) -> String {
      let pointer = H5Tget_member_name(id, index)
      guard let name = take(pointer, { String(validatingCString: $0) }) else {
        throw place.error(
          .corrupt, HDF5Datatype.operation, "the name of its member \(index) is not UTF-8")
      }
      return name
    }

    /// Copies a text of the library's and gives it back.
    func take(
      _ pointer: UnsafeMutablePointer<CChar>?, _ decode: (UnsafePointer<CChar>) -> String?
    ) -> String? {
      guard let pointer else { return nil }
      defer { H5free_memory(pointer) }
      return decode(pointer)
    }
  }
}
