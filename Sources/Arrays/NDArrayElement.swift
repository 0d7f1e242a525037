/// A Swift type that can be the element of an ``NDArray``.
public protocol NDArrayElement: BitwiseCopyable, Sendable {
  /// The ``DType`` of an array with these elements.
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
  /// A number from its bit pattern.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }
  /// The number nearest to `value`, ties to even.
  ///
  /// Values beyond the largest finite number become infinite; NaN becomes a quiet NaN of the same
  /// sign.
  public init(_ value: Float) { bitPattern = UInt16(FloatFormat.bfloat16.encode(value)) }
  /// `bfloat16`.
  public static var dtype: DType { .bfloat16 }
}

extension Float {
  /// The value of a `BFloat16`, exactly.
  public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}

/// A complex number, stored as its real part followed by its imaginary part.
///
/// Matches the layout of `complex32`, `complex64` and `complex128`.
public struct Complex<Part: NDArrayElement & BinaryFloatingPoint>: NDArrayElement, Hashable {
  /// The real part.
  public var real: Part
  /// The imaginary part.
  public var imaginary: Part
  /// A number from its real and imaginary parts.
  ///
  /// - Parameters:
  ///   - real: The real part.
  ///   - imaginary: The imaginary part.
  public init(_ real: Part, _ imaginary: Part = 0) {
    self.real = real
    self.imaginary = imaginary
  }
  /// `complex32`, `complex64` or `complex128`, for parts of type `Float16`, `Float` or `Double`.
  public static var dtype: DType {
    switch Part.dtype {
    case .float16: .complex32
    case .float32: .complex64
    default: .complex128
    }
  }
}
