/// The type of one array element.
///
/// The cases are those of PyTorch 2.13 that hold plain values, and the raw value of each is
/// PyTorch's name for it, so that `DType(rawValue: "bfloat16")` reads what `str(tensor.dtype)`
/// prints after `torch.`. Quantised and bit types are refused where files are read.
public enum DType: String, CaseIterable, Hashable, Sendable, Codable {
  case bool
  case uint8
  case uint16
  case uint32
  case uint64
  case int8
  case int16
  case int32
  case int64
  case float16
  case bfloat16
  case float32
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
  /// What sort of number an element is.
  public enum Kind: Sendable {
    case boolean
    case signedInteger
    case unsignedInteger
    case floatingPoint
    case complex
  }

  /// What sort of number an element is.
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

  /// True for integers and booleans.
  public var isIntegral: Bool {
    switch kind {
    case .boolean, .signedInteger, .unsignedInteger: true
    case .floatingPoint, .complex: false
    }
  }

  /// The type of the real and imaginary parts of a complex type.
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
