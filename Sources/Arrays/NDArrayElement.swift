/// A Swift type that is the element of an array of one ``DType``.
public protocol NDArrayElement: BitwiseCopyable, Sendable {
  /// The type of an array of these.
  static var dtype: DType { get }
}

extension Bool: NDArrayElement {
  /// `bool`, a byte of 0 or 1.
  public static var dtype: DType { .bool }
}
extension UInt8: NDArrayElement {
  /// `uint8`.
  public static var dtype: DType { .uint8 }
}
extension UInt16: NDArrayElement {
  /// `uint16`.
  public static var dtype: DType { .uint16 }
}
extension UInt32: NDArrayElement {
  /// `uint32`.
  public static var dtype: DType { .uint32 }
}
extension UInt64: NDArrayElement {
  /// `uint64`.
  public static var dtype: DType { .uint64 }
}
extension Int8: NDArrayElement {
  /// `int8`.
  public static var dtype: DType { .int8 }
}
extension Int16: NDArrayElement {
  /// `int16`.
  public static var dtype: DType { .int16 }
}
extension Int32: NDArrayElement {
  /// `int32`.
  public static var dtype: DType { .int32 }
}
extension Int64: NDArrayElement {
  /// `int64`.
  public static var dtype: DType { .int64 }
}
extension Int: NDArrayElement {
  /// `int64`.
  public static var dtype: DType { .int64 }
}
extension Float: NDArrayElement {
  /// `float32`.
  public static var dtype: DType { .float32 }
}
extension Double: NDArrayElement {
  /// `float64`.
  public static var dtype: DType { .float64 }
}
#if !(os(macOS) && arch(x86_64))
  extension Float16: NDArrayElement {
    /// `float16`.
    public static var dtype: DType { .float16 }
  }
#endif

/// A float of 8 exponent and 7 fraction bits: the upper half of a `Float`.
public struct BFloat16: NDArrayElement, Hashable {
  /// The sign, exponent and fraction.
  public var bitPattern: UInt16
  /// The number of this bit pattern.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }
  /// The nearest number to `value`, ties to even.
  public init(_ value: Float) { bitPattern = UInt16(FloatFormat.bfloat16.encode(value)) }
  /// `bfloat16`.
  public static var dtype: DType { .bfloat16 }
}

extension Float {
  /// The value of a `BFloat16`, exactly.
  public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}

/// A complex number of two parts, as `complex64` and `complex128` store it.
public struct Complex<Part: NDArrayElement & BinaryFloatingPoint>: NDArrayElement, Hashable {
  /// The real part.
  public var real: Part
  /// The imaginary part.
  public var imaginary: Part
  /// A number of these parts.
  public init(_ real: Part, _ imaginary: Part = 0) {
    self.real = real
    self.imaginary = imaginary
  }
  /// `complex64` for parts of type `Float`, `complex128` for `Double`.
  public static var dtype: DType {
    switch Part.dtype {
    case .float16: .complex32
    case .float32: .complex64
    default: .complex128
    }
  }
}
