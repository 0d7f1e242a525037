/// The type of one array element.
///
/// The cases are those of PyTorch 2.13 that hold plain values, and the raw value of each is
/// PyTorch's name for it, so that `DType(rawValue: "bfloat16")` reads what `str(tensor.dtype)`
/// prints after `torch.`. Quantised and bit types are refused where files are read.
public enum DType: String, CaseIterable, Hashable, Sendable, Codable {
  /// One byte, 0 for false and 1 for true.
  case bool
  /// 8-bit unsigned integer.
  case uint8
  /// 16-bit unsigned integer.
  case uint16
  /// 32-bit unsigned integer.
  case uint32
  /// 64-bit unsigned integer.
  case uint64
  /// 8-bit signed integer, in two's complement.
  case int8
  /// 16-bit signed integer, in two's complement.
  case int16
  /// 32-bit signed integer, in two's complement.
  case int32
  /// 64-bit signed integer, in two's complement. Swift's `Int`.
  case int64
  /// IEEE 754 half precision: 5 exponent and 10 fraction bits.
  case float16
  /// The upper half of a `float32`: 8 exponent and 7 fraction bits. See ``BFloat16``.
  case bfloat16
  /// IEEE 754 single precision: 8 exponent and 23 fraction bits. Swift's `Float`.
  case float32
  /// IEEE 754 double precision: 11 exponent and 52 fraction bits. Swift's `Double`.
  case float64
  /// Two `float16`, real then imaginary.
  case complex32
  /// Two `float32`, real then imaginary.
  case complex64
  /// Two `float64`, real then imaginary.
  case complex128
  /// 4 exponent and 3 mantissa bits, bias 7, no infinity, NaN at `0x7F` and `0xFF`.
  case float8E4M3FN = "float8_e4m3fn"
  /// 5 exponent and 2 mantissa bits, bias 15, IEEE special values.
  case float8E5M2 = "float8_e5m2"
  /// 4 exponent and 3 mantissa bits, bias 8, no infinity, no negative zero, NaN at `0x80`.
  case float8E4M3FNUZ = "float8_e4m3fnuz"
  /// 5 exponent and 2 mantissa bits, bias 16, no infinity, no negative zero, NaN at `0x80`.
  case float8E5M2FNUZ = "float8_e5m2fnuz"
  /// A power of two, 8 exponent bits, bias 127, NaN at `0xFF`. The scale of the OCP MX formats.
  case float8E8M0FNU = "float8_e8m0fnu"
  /// Two 4-bit floats in a byte. An element is the byte: PyTorch never takes it apart.
  case float4E2M1FNx2 = "float4_e2m1fn_x2"
}

extension DType {
  /// The kinds of number that an element can be.
  public enum Kind: Sendable {
    /// `bool`.
    case boolean
    /// `int8` to `int64`.
    case signedInteger
    /// `uint8` to `uint64`.
    case unsignedInteger
    /// All real floating-point types, those of 8 bits and `float4_e2m1fn_x2` included.
    case floatingPoint
    /// `complex32`, `complex64` and `complex128`.
    case complex
  }

  /// The kind of number that an element is.
  public var kind: Kind {
    switch self {
    case .bool: .boolean
    case .uint8, .uint16, .uint32, .uint64: .unsignedInteger
    case .int8, .int16, .int32, .int64: .signedInteger
    case .complex32, .complex64, .complex128: .complex
    case .float16, .bfloat16, .float32, .float64, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ,
      .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2:
      .floatingPoint
    }
  }

  /// The size of one element in bytes.
  public var itemSize: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
      .float8E8M0FNU, .float4E2M1FNx2:
      1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32, .complex32: 4
    case .uint64, .int64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// True for real floating-point types, as `torch.dtype.is_floating_point`.
  public var isFloatingPoint: Bool { kind == .floatingPoint }

  /// True for complex types, as `torch.dtype.is_complex`.
  public var isComplex: Bool { kind == .complex }

  /// True for signed and unsigned integers and for `bool`.
  ///
  /// PyTorch's arithmetic promotes these to floating point where a result is not whole.
  public var isIntegral: Bool {
    switch kind {
    case .boolean, .signedInteger, .unsignedInteger: true
    case .floatingPoint, .complex: false
    }
  }

  /// The type of the real and imaginary parts; nil unless the type is complex.
  public var realType: DType? {
    switch self {
    case .complex32: .float16
    case .complex64: .float32
    case .complex128: .float64
    default: nil
    }
  }
}

extension DType: CustomStringConvertible {
  /// PyTorch's name, such as `float32`.
  public var description: String { rawValue }
}
