import Files

/// A Swift type whose values are elements as they lie in memory.
///
/// The numbers, `Bool` and the two kinds of reference conform. A trivial struct can conform too,
/// with a compound type whose members have the offsets of its fields:
///
/// ```swift
/// struct Point: HDF5Scalar {
///   var x: Float
///   var y: Float
///   static let datatype = HDF5Datatype.compound(
///     bytes: MemoryLayout<Point>.stride,
///     members: [
///       HDF5CompoundMember("x", offset: 0, Float.datatype),
///       HDF5CompoundMember("y", offset: 4, Float.datatype),
///     ])
/// }
/// ```
public protocol HDF5Scalar: BitwiseCopyable, Sendable {
  /// The type as it lies in the memory of this machine. Its size must be the stride of `Self`.
  static var datatype: HDF5Datatype { get }

  /// Makes sure that the bytes of elements just read are valid values, before Swift sees them as
  /// such. Does nothing unless a type has bit patterns that are no values.
  static func normalize(_ bytes: inout MutableRawSpan)
}

extension HDF5Scalar {
  /// Does nothing: every bit pattern is a value.
  public static func normalize(_ bytes: inout MutableRawSpan) {}
}

extension HDF5Scalar where Self: FixedWidthInteger {
  /// The integer of this size in the machine's byte order.
  public static var datatype: HDF5Datatype {
    .integer(bytes: bitWidth / 8, signed: isSigned, order: .native)
  }
}

extension Int8: HDF5Scalar {}
extension Int16: HDF5Scalar {}
extension Int32: HDF5Scalar {}
extension Int64: HDF5Scalar {}
extension Int: HDF5Scalar {}
extension UInt8: HDF5Scalar {}
extension UInt16: HDF5Scalar {}
extension UInt32: HDF5Scalar {}
extension UInt64: HDF5Scalar {}
extension UInt: HDF5Scalar {}

#if !(os(macOS) && arch(x86_64))
  extension Float16: HDF5Scalar {
    /// IEEE 754 half precision in the machine's byte order.
    public static var datatype: HDF5Datatype { .float(.float16.ordered(.native)) }
  }
#endif

extension Float: HDF5Scalar {
  /// IEEE 754 single precision in the machine's byte order.
  public static var datatype: HDF5Datatype { .float(.float32.ordered(.native)) }
}

extension Double: HDF5Scalar {
  /// IEEE 754 double precision in the machine's byte order.
  public static var datatype: HDF5Datatype { .float(.float64.ordered(.native)) }
}

extension Bool: HDF5Scalar {
  /// The enumeration of FALSE and TRUE.
  public static var datatype: HDF5Datatype { .boolean }

  /// Turns every byte but 0 into 1. A file may hold others, and Swift knows only these two.
  public static func normalize(_ bytes: inout MutableRawSpan) {
    for index in bytes.byteOffsets where bytes[index] > 1 { bytes[index] = 1 }
  }
}
