/// The type of the elements of a dataset or attribute: a value that describes it, without any tie
/// to a file or to the C library.
///
/// Types made without a byte order are little-endian, on every machine.
public indirect enum HDF5Datatype: Hashable, Sendable {
  /// A whole number of 1 to 16 bytes, two's complement if signed.
  case integer(bytes: Int, signed: Bool, order: HDF5ByteOrder = .little)
  /// A floating-point number.
  case float(HDF5FloatFormat)
  /// A set of bits.
  case bitfield(bytes: Int, order: HDF5ByteOrder = .little)
  /// A text.
  case string(HDF5StringFormat)
  /// Names for some values of an integer type.
  case enumeration(base: HDF5Datatype, members: [HDF5EnumerationMember])
  /// A record of named members, `bytes` long.
  case compound(bytes: Int, members: [HDF5CompoundMember])
  /// A small grid of elements that counts as one.
  case array(dimensions: [Int], element: HDF5Datatype)
  /// Bytes that HDF5 knows nothing about but a tag. h5py reads those with an empty tag as NumPy's
  /// void type, and refuses most others.
  case opaque(bytes: Int, tag: String)
  /// A pointer to an object of the file: an ``HDF5ObjectReference``.
  case objectReference
  /// A pointer to a part of a dataset: an ``HDF5RegionReference``.
  case regionReference
  /// Any number of elements in each place.
  case variableLength(element: HDF5Datatype)
  /// A type that this module cannot express, with its size and a word for it. Datasets of such a
  /// type are listed, but not read.
  case unsupported(bytes: Int, name: String)
}

/// An order of the bytes of a number.
public enum HDF5ByteOrder: Hashable, Sendable {
  /// Lowest byte first.
  case little
  /// Highest byte first.
  case big

  /// The order of this machine.
  public static var native: HDF5ByteOrder {
    1.littleEndian == 1 ? .little : .big
  }
}

/// A name for a value of an enumeration.
public struct HDF5EnumerationMember: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value. Of unsigned 64-bit numbers beyond `Int64.max`, the bit pattern.
  public var value: Int64

  /// A name for a value.
  public init(_ name: String, _ value: Int64) {
    self.name = name
    self.value = value
  }
}

/// A member of a compound type.
public struct HDF5CompoundMember: Hashable, Sendable {
  /// The name.
  public var name: String
  /// Where it starts, in bytes from the start of the record.
  public var offset: Int
  /// Its type.
  public var datatype: HDF5Datatype

  /// A member.
  public init(_ name: String, offset: Int, _ datatype: HDF5Datatype) {
    self.name = name
    self.offset = offset
    self.datatype = datatype
  }
}

extension HDF5Datatype {
  /// A signed byte.
  public static let int8 = HDF5Datatype.integer(bytes: 1, signed: true)
  /// A signed number of 16 bits.
  public static let int16 = HDF5Datatype.integer(bytes: 2, signed: true)
  /// A signed number of 32 bits.
  public static let int32 = HDF5Datatype.integer(bytes: 4, signed: true)
  /// A signed number of 64 bits.
  public static let int64 = HDF5Datatype.integer(bytes: 8, signed: true)
  /// A byte.
  public static let uint8 = HDF5Datatype.integer(bytes: 1, signed: false)
  /// A number of 16 bits.
  public static let uint16 = HDF5Datatype.integer(bytes: 2, signed: false)
  /// A number of 32 bits.
  public static let uint32 = HDF5Datatype.integer(bytes: 4, signed: false)
  /// A number of 64 bits.
  public static let uint64 = HDF5Datatype.integer(bytes: 8, signed: false)
  /// IEEE 754 half precision.
  public static let float16 = HDF5Datatype.float(.float16)
  /// The upper half of a float32.
  public static let bfloat16 = HDF5Datatype.float(.bfloat16)
  /// IEEE 754 single precision.
  public static let float32 = HDF5Datatype.float(.float32)
  /// IEEE 754 double precision.
  public static let float64 = HDF5Datatype.float(.float64)
  /// The upper half of a float16.
  public static let float8E5M2 = HDF5Datatype.float(.float8E5M2)

  /// A truth value as h5py stores it: an enumeration of bytes with FALSE = 0 and TRUE = 1.
  public static let boolean = HDF5Datatype.enumeration(
    base: .int8,
    members: [HDF5EnumerationMember("FALSE", 0), HDF5EnumerationMember("TRUE", 1)])

  /// A complex number as h5py stores it: a compound of `r` and `i`.
  public static func complex(_ part: HDF5FloatFormat) -> HDF5Datatype {
    .compound(
      bytes: 2 * part.bytes,
      members: [
        HDF5CompoundMember("r", offset: 0, .float(part)),
        HDF5CompoundMember("i", offset: part.bytes, .float(part)),
      ])
  }

  /// Whether the type is ``boolean``, whichever integer it is based on.
  public var isBoolean: Bool {
    guard case .enumeration(.integer, let members) = self else { return false }
    return Set(members) == [HDF5EnumerationMember("FALSE", 0), HDF5EnumerationMember("TRUE", 1)]
  }

  /// The size of an element in memory, in bytes; `nil` if it is too large to express.
  ///
  /// For strings and sequences of variable length this is the size of what points to them.
  public var byteCount: Int? {
    switch self {
    case .integer(let bytes, _, _), .bitfield(let bytes, _), .opaque(let bytes, _),
      .compound(let bytes, _), .unsupported(let bytes, _):
      return bytes
    case .float(let format):
      return format.bytes
    case .string(let format):
      guard case .fixed(let bytes) = format.length else {
        return pointerByteCount
      }
      return bytes
    case .enumeration(let base, _):
      return base.byteCount
    case .array(let dimensions, let element):
      return element.byteCount.flatMap { (dimensions + [$0]).checkedProduct }
    case .objectReference:
      return 8
    case .regionReference:
      return 12
    case .variableLength:
      return 2 * pointerByteCount
    }
  }

  /// The size of an address in memory.
  private var pointerByteCount: Int { MemoryLayout<UInt>.size }

  /// Whether elements hold pointers: to texts or sequences in memory.
  public var hasVariableLength: Bool {
    switch self {
    case .integer, .float, .bitfield, .enumeration, .opaque, .objectReference, .regionReference,
      .unsupported:
      return false
    case .string(let format):
      return format.length == .variable
    case .compound(_, let members):
      return members.contains { $0.datatype.hasVariableLength }
    case .array(_, let element):
      return element.hasVariableLength
    case .variableLength:
      return true
    }
  }
}

extension HDF5Datatype {
  /// The maximum size of integers that are read and made, in bytes.
  package static let maximumIntegerBytes = 16
}
