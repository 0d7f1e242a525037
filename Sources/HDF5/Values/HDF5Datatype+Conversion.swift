/// What may happen to a value whose type in the file is not its type in memory.
///
/// `LibHDF5` takes it wherever it reads or writes values of a Swift type. The readers of this
/// module do not convert: they return stored bytes, texts, or an ``HDF5Value``.
public enum HDF5Conversion: Hashable, Sendable {
  /// Only conversions that keep every value. Others throw ``HDF5Error/Code/typeMismatch``.
  case exact
  /// Any that libhdf5 knows: numbers are rounded, and those out of range become the nearest one.
  case lossy
}

extension HDF5Datatype {
  /// Whether libhdf5 can turn every value of this type into the same value of the other.
  ///
  /// This looks at types, not values: float64 does not convert exactly to float32, even if all the
  /// numbers in question would. The order of bytes of a number never matters.
  ///
  /// ```swift
  /// HDF5Datatype.uint8.converts(exactlyTo: .int16)  // true
  /// HDF5Datatype.int32.converts(exactlyTo: .float32)  // false: 31 bits, and a float32 holds 24
  /// HDF5Datatype.bfloat16.converts(exactlyTo: .float32)  // true
  /// ```
  ///
  /// - Integers convert to integers that have room for all of them, signed ones never to unsigned;
  ///   and to floats whose significand has as many bits.
  /// - Floats convert to floats with at least their significand and exponents, never to integers.
  /// - Enumerations convert to what the integers under them convert to; to each other only if they
  ///   are equal or both ``isBoolean``.
  /// - Compounds convert by the names of members: the other type may have fewer, in another order.
  /// - Arrays convert if their dimensions are equal and their elements convert, bitfields if they
  ///   have the same size.
  /// - All other types convert to an equal type only: strings, opaque types, references, sequences
  ///   of variable length.
  ///
  /// - Parameter other: The type that values are to have.
  public func converts(exactlyTo other: HDF5Datatype) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (.integer(let bytes, let signed, _), .integer(let otherBytes, let otherSigned, _)):
      // Going from unsigned to signed costs a bit, and from signed to unsigned the negative ones.
      return signed == otherSigned
        ? bytes <= otherBytes : !signed && bytes < otherBytes
    case (.integer(let bytes, let signed, _), .float(let format)):
      let bits = 8 * bytes - (signed ? 1 : 0)
      return bits <= format.integerBits && bits <= format.maximumExponent
    case (.float(let format), .float(let otherFormat)):
      return format.converts(exactlyTo: otherFormat)
    case (.bitfield(let bytes, _), .bitfield(let otherBytes, _)):
      return bytes == otherBytes
    case (.enumeration, .enumeration):
      return isBoolean && other.isBoolean
    case (.enumeration(let base, _), .integer), (.enumeration(let base, _), .float):
      return base.converts(exactlyTo: other)
    case (.compound(_, let members), .compound(_, let otherMembers)):
      return otherMembers.allSatisfy { wanted in
        members.contains {
          $0.name == wanted.name && $0.datatype.converts(exactlyTo: wanted.datatype)
        }
      }
    case (.array(let dimensions, let element), .array(let otherDimensions, let otherElement)):
      return dimensions == otherDimensions && element.converts(exactlyTo: otherElement)
    default:
      return false
    }
  }
}

extension HDF5Datatype: CustomStringConvertible {
  /// The type in a few words: `float32`, `uint16 (big-endian)`, or
  /// `compound of r: float32, i: float32`.
  public var description: String {
    switch self {
    case .integer(let bytes, let signed, let order):
      return (signed ? "int" : "uint") + "\(8 * bytes)" + order.suffix
    case .float(let format):
      switch format.ordered(.little) {
      case .bfloat16: return "bfloat16" + format.order.suffix
      case .float8E5M2: return "float8_e5m2"
      default: return "float\(8 * format.bytes)" + format.order.suffix
      }
    case .bitfield(let bytes, let order): return "bitfield\(8 * bytes)" + order.suffix
    case .string(let format):
      guard case .fixed(let bytes) = format.length else { return "string of variable length" }
      return "string of \(bytes) bytes"
    case .enumeration(let base, _):
      return isBoolean ? "boolean" : "enumeration of \(base.description)"
    case .compound(_, let members):
      return "compound of "
        + members.prefix(8).map { "\($0.name): \($0.datatype.description)" }.joined(separator: ", ")
        + (members.count > 8 ? ", …" : "")
    case .array(let dimensions, let element): return "array \(dimensions) of \(element.description)"
    case .opaque(let bytes, let tag): return "opaque of \(bytes) bytes '\(tag)'"
    case .objectReference: return "object reference"
    case .regionReference: return "region reference"
    case .variableLength(let element): return "variable-length sequence of \(element.description)"
    case .unsupported(let bytes, let name): return "\(name) type of \(bytes) bytes"
    }
  }
}

extension HDF5ByteOrder {
  fileprivate var suffix: String { self == .big ? " (big-endian)" : "" }
}

extension HDF5Datatype {
  /// The same type with its numbers little-endian, as values are stored unless a type is given.
  ///
  /// Numbers within enumerations, compounds, arrays and sequences are changed too. Sizes and
  /// offsets stay as they are, and so do strings, opaque types and references, which have no byte
  /// order.
  public var littleEndian: HDF5Datatype { ordered(.little) }

  /// Whether swapping the bytes of every number makes the type little-endian: all its numbers are
  /// big-endian.
  package var isBigEndian: Bool { self != littleEndian && self == ordered(.big) }

  private func ordered(_ order: HDF5ByteOrder) -> HDF5Datatype {
    switch self {
    case .integer(let bytes, let signed, _): .integer(bytes: bytes, signed: signed, order: order)
    case .float(let format): .float(format.ordered(order))
    case .bitfield(let bytes, _): .bitfield(bytes: bytes, order: order)
    case .enumeration(let base, let members):
      .enumeration(base: base.ordered(order), members: members)
    case .compound(let bytes, let members):
      .compound(
        bytes: bytes,
        members: members.map {
          HDF5CompoundMember($0.name, offset: $0.offset, $0.datatype.ordered(order))
        })
    case .array(let dimensions, let element):
      .array(dimensions: dimensions, element: element.ordered(order))
    case .variableLength(let element): .variableLength(element: element.ordered(order))
    case .string, .opaque, .objectReference, .regionReference, .unsupported: self
    }
  }
}
