extension DType {
  /// Whether every value of this type can be converted to `other` without changing it.
  ///
  /// NaN payloads are disregarded; infinities and the sign of zero are not. The test concerns types, not values: `float32` to `bfloat16` is
  /// lossy even if the array at hand holds only small integers. Use it to decide whether a
  /// conversion needs a warning.
  ///
  /// ```swift
  /// DType.bfloat16.isLosslesslyConvertible(to: .float32)   // true
  /// DType.int64.isLosslesslyConvertible(to: .float64)      // false: 53 significant bits
  /// ```
  ///
  /// - Parameter other: The type to convert to.
  /// - Returns: True if the types are equal, or if `other` has the range, the precision and the
  ///   kind of values needed. Always false to and from `float4_e2m1fn_x2`, except to itself.
  public func isLosslesslyConvertible(to other: DType) -> Bool {
    if self == other { return true }
    guard let from = range, let to = other.range else { return false }
    if from.isSigned && !to.isSigned { return false }
    if from.isComplex && !to.isComplex { return false }
    if !from.isExact && to.isExact { return false }
    if from.hasInfinity && !to.hasInfinity || !to.hasZero { return false }
    return from.digits <= to.digits && from.maximumExponent <= to.maximumExponent
      && from.minimumExponent >= to.minimumExponent
  }

  /// What values a type can take, in powers of two.
  private struct Range {
    /// Integers have no fractions, infinities or NaN.
    var isExact: Bool
    var isSigned: Bool
    var isComplex = false
    /// The types with infinities are those that tell 0 from −0 too, but for `float8_e4m3fn`, whose
    /// range no narrower type without −0 has.
    var hasInfinity = false
    var hasZero = true
    /// Significant binary digits.
    var digits: Int
    /// Every finite magnitude is below two to this power.
    var maximumExponent: Int
    /// The smallest positive magnitude is two to this power.
    var minimumExponent: Int
  }

  private var range: Range? {
    func integer(_ bits: Int, signed: Bool) -> Range {
      let digits = signed ? bits - 1 : bits
      return Range(
        isExact: true, isSigned: signed, digits: digits, maximumExponent: digits,
        minimumExponent: 0)
    }
    func float(
      _ digits: Int, _ maximum: Int, _ minimum: Int, signed: Bool = true, infinity: Bool = true
    ) -> Range {
      Range(
        isExact: false, isSigned: signed, hasInfinity: infinity, hasZero: signed, digits: digits,
        maximumExponent: maximum, minimumExponent: minimum)
    }
    switch self {
    case .bool: return integer(1, signed: false)
    case .uint8, .uint16, .uint32, .uint64: return integer(itemSize * 8, signed: false)
    case .int8, .int16, .int32, .int64: return integer(itemSize * 8, signed: true)
    case .float16: return float(11, 16, -24)
    case .bfloat16: return float(8, 128, -133)
    case .float32: return float(24, 128, -149)
    case .float64: return float(53, 1024, -1074)
    case .complex32, .complex64, .complex128:
      var range = realType?.range
      range?.isComplex = true
      return range
    case .float8E4M3FN: return float(4, 9, -9, infinity: false)
    case .float8E5M2: return float(3, 16, -16)
    case .float8E4M3FNUZ: return float(4, 8, -10, infinity: false)
    case .float8E5M2FNUZ: return float(3, 16, -17, infinity: false)
    case .float8E8M0FNU: return float(1, 128, -127, signed: false, infinity: false)
    case .float4E2M1FNx2: return nil
    }
  }
}
