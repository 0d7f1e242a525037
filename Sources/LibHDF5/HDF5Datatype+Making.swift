import CHDF5
import HDF5

extension HDF5Datatype {
  /// Makes an identifier for the type.
  func makeIdentifier(at place: HDF5Place) throws(HDF5Error) -> HDF5ScopedIdentifier {
    switch self {
    case .integer(let bytes, let signed, let order):
      return try HDF5Datatype.makeInteger(bytes, signed, order, at: place)
    case .float(let format):
      return try HDF5Datatype.makeFloat(format, at: place)
    case .bitfield(let bytes, let order):
      let id = chdf5_standard_bitfield(Int32(clamping: bytes), order.isBig)
      guard id > 0 else {
        throw HDF5Datatype.invalid("there is no bitfield of \(bytes) bytes", at: place)
      }
      return HDF5ScopedIdentifier(borrowing: id)
    case .string(let format):
      return try HDF5Datatype.makeString(format, at: place)
    case .enumeration(let base, let members):
      return try HDF5Datatype.makeEnumeration(base, members, at: place)
    case .compound(let bytes, let members):
      return try HDF5Datatype.makeCompound(bytes, members, at: place)
    case .array(let dimensions, let element):
      return try HDF5Datatype.makeArray(dimensions, element, at: place)
    case .opaque(let bytes, let tag):
      guard bytes > 0 else {
        throw HDF5Datatype.invalid("an opaque type of \(bytes) bytes", at: place)
      }
      let type = try HDF5Datatype.make(at: place) { chdf5_create_opaque(bytes) }
      try HDF5Datatype.set(type, at: place) { H5Tset_tag($0, tag) }
      return type
    case .objectReference:
      return HDF5ScopedIdentifier(borrowing: chdf5_object_reference())
    case .regionReference:
      return HDF5ScopedIdentifier(borrowing: chdf5_region_reference())
    case .variableLength(let element):
      let base = try element.makeIdentifier(at: place)
      let baseID = base.id
      return try HDF5Datatype.make(at: place) { H5Tvlen_create(baseID) }
    case .unsupported(_, let name):
      throw place.error(.unsupported, HDF5Datatype.making, "there is no support for \(name) types")
    }
  }

  private static let making: StaticString = "set up the datatype of"

  private static func invalid(_ message: String, at place: HDF5Place) -> HDF5Error {
    place.error(.invalidArgument, making, message)
  }

  private static func make(
    at place: HDF5Place, _ body: () -> hid_t
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    HDF5ScopedIdentifier(owning: try HDF5Library.call(making, at: place, body))
  }

  private static func set(
    _ type: borrowing HDF5ScopedIdentifier, at place: HDF5Place, _ body: (hid_t) -> herr_t
  ) throws(HDF5Error) {
    let id = type.id
    try HDF5Library.call(making, at: place) { body(id) }
  }

  private static func makeInteger(
    _ bytes: Int, _ signed: Bool, _ order: HDF5ByteOrder, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let standard = chdf5_standard_integer(Int32(clamping: bytes), signed ? 1 : 0, order.isBig)
    if standard > 0 { return HDF5ScopedIdentifier(borrowing: standard) }
    guard (1...maximumIntegerBytes).contains(bytes) else {
      throw invalid("there is no integer of \(bytes) bytes", at: place)
    }
    let base = chdf5_standard_integer(8, signed ? 1 : 0, order.isBig)
    let type = try make(at: place) { H5Tcopy(base) }
    // Growing keeps the precision, shrinking cuts it.
    try set(type, at: place) { H5Tset_size($0, bytes) }
    try set(type, at: place) { H5Tset_precision($0, 8 * bytes) }
    return type
  }

  private static func makeFloat(
    _ format: HDF5FloatFormat, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let isBig = format.order.isBig
    switch format.ordered(.little) {
    case .float32: return HDF5ScopedIdentifier(borrowing: chdf5_ieee_float32(isBig))
    case .float64: return HDF5ScopedIdentifier(borrowing: chdf5_ieee_float64(isBig))
    default: break
    }
    guard format.isConsistent else {
      throw invalid("the fields of the float format do not fit together", at: place)
    }
    let isSmall = format.bytes <= 4
    let base = isSmall ? chdf5_ieee_float32(isBig) : chdf5_ieee_float64(isBig)
    let baseBytes = isSmall ? 4 : 8
    let type = try make(at: place) { H5Tcopy(base) }
    // libhdf5 checks each step against the fields as they are then. A larger type needs room
    // before its fields; a smaller one must have its fields in the lower bits before the rest
    // can be cut off; the bias comes last, for it has to fit the new exponent.
    if format.bytes > baseBytes {
      try set(type, at: place) { H5Tset_size($0, format.bytes) }
      try set(type, at: place) { H5Tset_precision($0, format.precision) }
    }
    try set(type, at: place) {
      H5Tset_fields(
        $0, format.signPosition, format.exponentPosition, format.exponentSize,
        format.mantissaPosition, format.mantissaSize)
    }
    if format.bytes <= baseBytes {
      try set(type, at: place) { H5Tset_precision($0, format.precision) }
      try set(type, at: place) { H5Tset_size($0, format.bytes) }
    }
    try set(type, at: place) { H5Tset_ebias($0, format.exponentBias) }
    let normalization: Int32 =
      switch format.normalization {
      case .implied: 0
      case .stored: 1
      case .none: 2
      }
    try set(type, at: place) { chdf5_set_normalization($0, normalization) }
    return type
  }

  private static func makeString(
    _ format: HDF5StringFormat, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let type = try make(at: place) { chdf5_copy_string() }
    switch format.length {
    case .variable:
      try set(type, at: place) { chdf5_set_variable_size($0) }
    case .fixed(let bytes):
      guard bytes > 0 else { throw invalid("HDF5 has no string of \(bytes) bytes", at: place) }
      try set(type, at: place) { H5Tset_size($0, bytes) }
    }
    let padding: Int32 =
      switch format.padding {
      case .nullTerminated: 0
      case .nullPadded: 1
      case .spacePadded: 2
      }
    try set(type, at: place) { chdf5_set_string_padding($0, padding) }
    try set(type, at: place) { chdf5_set_string_utf8($0, format.characterSet == .utf8 ? 1 : 0) }
    return type
  }

  private static func makeEnumeration(
    _ base: HDF5Datatype, _ members: [HDF5EnumerationMember], at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    guard case .integer(let bytes, _, let order) = base, (1...8).contains(bytes) else {
      throw invalid("an enumeration names integers of at most 8 bytes", at: place)
    }
    let baseType = try base.makeIdentifier(at: place)
    let baseID = baseType.id
    let type = try make(at: place) { H5Tenum_create(baseID) }
    for member in members {
      var value = order == .big ? member.value.bigEndian : member.value.littleEndian
      try set(type, at: place) { id in
        withUnsafeBytes(of: &value) { raw in
          // The value takes the lowest bytes: the last ones of a big-endian number.
          H5Tenum_insert(
            id, member.name, raw.baseAddress.map { $0 + (order == .big ? 8 - bytes : 0) })
        }
      }
    }
    return type
  }

  private static func makeCompound(
    _ bytes: Int, _ members: [HDF5CompoundMember], at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    guard bytes > 0, !members.isEmpty else {
      throw invalid("a compound needs members and a size", at: place)
    }
    let type = try make(at: place) { chdf5_create_compound(bytes) }
    for member in members {
      guard member.offset >= 0, let size = member.datatype.byteCount, size <= bytes,
        member.offset <= bytes - size
      else {
        throw invalid("the member '\(member.name)' lies outside of its compound", at: place)
      }
      let memberType = try member.datatype.makeIdentifier(at: place)
      let memberID = memberType.id
      try set(type, at: place) { H5Tinsert($0, member.name, member.offset, memberID) }
    }
    return type
  }

  private static func makeArray(
    _ dimensions: [Int], _ element: HDF5Datatype, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    guard (1...HDF5Dataspace.maximumRank).contains(dimensions.count),
      dimensions.allSatisfy({ $0 > 0 }), dimensions.checkedProduct != nil
    else { throw invalid("an array type cannot have the shape \(dimensions)", at: place) }
    let base = try element.makeIdentifier(at: place)
    let baseID = base.id
    let sizes = dimensions.map { hsize_t($0) }
    return try make(at: place) { H5Tarray_create2(baseID, UInt32(sizes.count), sizes) }
  }
}

extension HDF5ByteOrder {
  /// What the shims take for the order.
  fileprivate var isBig: Int32 { self == .big ? 1 : 0 }
}
