/// How a float narrower than `Float` is made of bits, and its conversion to and from `Float`.
///
/// Conversion rounds to nearest, ties to even, as PyTorch's does. What a number beyond the largest
/// becomes differs by format: infinity, NaN, or (`float8_e4m3fn`, also for infinity) the largest
/// number, as PyTorch 2.13 does it.
struct FloatFormat: Sendable {
  let exponentBits: Int
  let fractionBits: Int
  let bias: Int
  /// The code of the largest finite number.
  let maximumFinite: UInt32
  /// What a positive number too large becomes.
  let overflow: UInt32
  /// The code of a positive NaN.
  let nan: UInt32
  /// Whether the format has a sign bit that applies to zero, infinity and NaN.
  ///
  /// Without it (the "uz" formats) zero is positive, and the code of a negative zero is the NaN.
  let hasSignedZero: Bool

  static let float16 = FloatFormat(
    exponentBits: 5, fractionBits: 10, bias: 15, maximumFinite: 0x7BFF, overflow: 0x7C00,
    nan: 0x7E00, hasSignedZero: true)
  static let bfloat16 = FloatFormat(
    exponentBits: 8, fractionBits: 7, bias: 127, maximumFinite: 0x7F7F, overflow: 0x7F80,
    nan: 0x7FC0, hasSignedZero: true)
  static let float8E4M3FN = FloatFormat(
    exponentBits: 4, fractionBits: 3, bias: 7, maximumFinite: 0x7E, overflow: 0x7E, nan: 0x7F,
    hasSignedZero: true)
  static let float8E5M2 = FloatFormat(
    exponentBits: 5, fractionBits: 2, bias: 15, maximumFinite: 0x7B, overflow: 0x7C, nan: 0x7F,
    hasSignedZero: true)
  static let float8E4M3FNUZ = FloatFormat(
    exponentBits: 4, fractionBits: 3, bias: 8, maximumFinite: 0x7F, overflow: 0x80, nan: 0x80,
    hasSignedZero: false)
  static let float8E5M2FNUZ = FloatFormat(
    exponentBits: 5, fractionBits: 2, bias: 16, maximumFinite: 0x7F, overflow: 0x80, nan: 0x80,
    hasSignedZero: false)

  private var signBit: UInt32 { 1 << UInt32(exponentBits + fractionBits) }

  /// The code of the number nearest to `value`.
  func encode(_ value: Float) -> UInt32 {
    let sign = value.sign == .minus ? signBit : 0
    if value.isNaN { return hasSignedZero ? nan | sign : nan }
    let magnitude = value.magnitude
    if magnitude.isInfinite { return signed(overflow, sign) }
    if magnitude.isZero { return signed(0, sign) }
    let smallestExponent = 1 - bias
    let exponent = max(Int(magnitude.exponent), smallestExponent)
    // A step between neighbouring numbers is two to this power. The quotient is exact: a power
    // of two only shifts it, and in double precision nothing underflows.
    let quotient =
      Double(magnitude) * Double(sign: .plus, exponent: fractionBits - exponent, significand: 1)
    let steps = UInt32(quotient.rounded(.toNearestOrEven))
    // The leading one of a normal number carries into the exponent field, as does a fraction
    // that rounds up to the next power of two.
    let code = (UInt32(exponent - smallestExponent) << UInt32(fractionBits)) + steps
    return signed(code > maximumFinite ? overflow : code, sign)
  }

  private func signed(_ code: UInt32, _ sign: UInt32) -> UInt32 {
    if hasSignedZero { return code | sign }
    return code == 0 || code == nan ? code : code | sign
  }

  /// The value of a code, exactly.
  func decode(_ code: UInt32) -> Float {
    let isNegative = code & signBit != 0
    let magnitude = code & (signBit - 1)
    if !hasSignedZero && code == nan { return .nan }
    if hasSignedZero && magnitude > maximumFinite {
      if magnitude == overflow && overflow != nan { return isNegative ? -.infinity : .infinity }
      return isNegative ? -Float.nan : .nan
    }
    let field = Int(magnitude >> UInt32(fractionBits))
    let fraction = magnitude & ((1 << UInt32(fractionBits)) - 1)
    let steps = field == 0 ? fraction : fraction | (1 << UInt32(fractionBits))
    let value = Float(
      sign: .plus, exponent: max(field, 1) - bias - fractionBits, significand: Float(steps))
    return isNegative ? -value : value
  }
}

/// The conversion of `float8_e8m0fnu`, which is only an exponent.
enum PowerOfTwoFormat {
  static let nan: UInt8 = 0xFF

  /// The code of `value` rounded to a power of two; its sign is dropped, as in PyTorch.
  ///
  /// PyTorch rounds up where the fraction is above one half, or is one half and the exponent is
  /// not zero (`c10/util/Float8_e8m0fnu.h`).
  static func encode(_ value: Float) -> UInt8 {
    let bits = value.bitPattern
    let exponent = UInt8(truncatingIfNeeded: bits >> 23)
    guard exponent != 0xFF else { return nan }
    let guardBit = bits & 0x40_0000 != 0
    let roundBit = bits & 0x20_0000 != 0
    let stickyBits = bits & 0x1F_FFFF != 0
    let isOdd = exponent > 0
    return guardBit && (isOdd || roundBit || stickyBits) ? exponent + 1 : exponent
  }

  /// The value of a code.
  static func decode(_ code: UInt8) -> Float {
    if code == nan { return .nan }
    return code == 0 ? Float(bitPattern: 0x40_0000) : Float(bitPattern: UInt32(code) << 23)
  }
}

extension DType {
  /// The largest finite number of a floating-point type; nil for other types, and for those whose elements
  /// are several numbers.
  package var largestFinite: Double? {
    func largest(_ format: FloatFormat) -> Double { Double(format.decode(format.maximumFinite)) }
    return switch self {
    case .float64: .greatestFiniteMagnitude
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float16: largest(.float16)
    case .bfloat16: largest(.bfloat16)
    case .float8E4M3FN: largest(.float8E4M3FN)
    case .float8E5M2: largest(.float8E5M2)
    case .float8E4M3FNUZ: largest(.float8E4M3FNUZ)
    case .float8E5M2FNUZ: largest(.float8E5M2FNUZ)
    case .float8E8M0FNU: Double(PowerOfTwoFormat.decode(PowerOfTwoFormat.nan - 1))
    default: nil
    }
  }
}
