/// How a floating-point number is laid out in bits.
///
/// Positions count from the least significant bit, whatever the order of the bytes. The fields are
/// those of a datatype message of class 1 (specification, IV.A.2.d), which libhdf5 gives by
/// `H5Tget_fields`, `H5Tget_ebias` and `H5Tget_norm`. A number is
///
/// ```
/// (-1)^sign × significand × 2^(exponent - bias)
/// ```
///
/// where the significand is the mantissa as a binary fraction, with a 1 before the point if the
/// normalization is `implied`. As in IEEE 754, an exponent of zeros makes a subnormal number, and
/// one of ones an infinity or NaN.
public struct HDF5FloatFormat: Hashable, Sendable {
  /// What stands before the binary point of a number: `H5T_norm_t` of libhdf5.
  public enum Normalization: Hashable, Sendable {
    /// A 1 that is not stored, as in IEEE 754.
    case implied
    /// A 1 that is stored.
    case stored
    /// Whatever is stored.
    case none
  }

  /// The size of a number in bytes: 1 to 16 in what is read and made.
  public var bytes: Int
  /// The bits in use, from the lowest one on; the rest is padding.
  public var precision: Int
  /// The order of the bytes.
  public var order: HDF5ByteOrder
  /// The position of the sign.
  public var signPosition: Int
  /// The position of the lowest bit of the exponent.
  public var exponentPosition: Int
  /// The number of bits of the exponent: 1 to 31.
  public var exponentSize: Int
  /// What is subtracted from the stored exponent: 127 for a float32.
  public var exponentBias: Int
  /// The position of the lowest bit of the mantissa.
  public var mantissaPosition: Int
  /// The number of stored bits of the mantissa, 1 to 112: 23 for a float32.
  public var mantissaSize: Int
  /// What stands before the binary point.
  public var normalization: Normalization

  /// A format with all its fields given.
  ///
  /// Nothing is checked here. A type whose fields overlap or lie outside of the precision is
  /// refused with an ``HDF5Error`` when it is written.
  public init(
    bytes: Int, precision: Int, order: HDF5ByteOrder, signPosition: Int, exponentPosition: Int,
    exponentSize: Int, exponentBias: Int, mantissaPosition: Int, mantissaSize: Int,
    normalization: Normalization
  ) {
    self.bytes = bytes
    self.precision = precision
    self.order = order
    self.signPosition = signPosition
    self.exponentPosition = exponentPosition
    self.exponentSize = exponentSize
    self.exponentBias = exponentBias
    self.mantissaPosition = mantissaPosition
    self.mantissaSize = mantissaSize
    self.normalization = normalization
  }

  /// A format that fills its bytes with sign, exponent and mantissa, with a bias of half the
  /// exponents, as those of IEEE 754 do.
  ///
  /// - Parameters:
  ///   - exponentSize: The bits of the exponent, at least 1.
  ///   - mantissaSize: The stored bits of the mantissa. With the exponent's and the sign, they make
  ///     whole bytes.
  ///   - order: The order of the bytes.
  public init(exponentSize: Int, mantissaSize: Int, order: HDF5ByteOrder = .little) {
    let bits = 1 + exponentSize + mantissaSize
    self.init(
      bytes: bits / 8, precision: bits, order: order, signPosition: bits - 1,
      exponentPosition: mantissaSize, exponentSize: exponentSize,
      exponentBias: (1 << (exponentSize - 1)) - 1, mantissaPosition: 0, mantissaSize: mantissaSize,
      normalization: .implied)
  }

  /// IEEE 754 half precision, which HDF5 has as a type of its own since 1.14.4.
  public static let float16 = HDF5FloatFormat(exponentSize: 5, mantissaSize: 10)
  /// The upper half of a float32. HDF5 2.0 has it as `H5T_FLOAT_BFLOAT16LE`.
  public static let bfloat16 = HDF5FloatFormat(exponentSize: 8, mantissaSize: 7)
  /// IEEE 754 single precision.
  public static let float32 = HDF5FloatFormat(exponentSize: 8, mantissaSize: 23)
  /// IEEE 754 double precision.
  public static let float64 = HDF5FloatFormat(exponentSize: 11, mantissaSize: 52)
  /// The upper half of a float16. HDF5 2.0 has it as `H5T_FLOAT_F8E5M2`.
  public static let float8E5M2 = HDF5FloatFormat(exponentSize: 5, mantissaSize: 2)

  /// The same format with its bytes in another order.
  public func ordered(_ order: HDF5ByteOrder) -> HDF5FloatFormat {
    var copy = self
    copy.order = order
    return copy
  }
}

extension HDF5FloatFormat {
  /// Whether every number of the format is one of the other.
  func converts(exactlyTo other: HDF5FloatFormat) -> Bool {
    if ordered(other.order) == other { return true }
    guard normalization == .implied, other.normalization == .implied else { return false }
    return mantissaSize <= other.mantissaSize && maximumExponent <= other.maximumExponent
      && minimumExponent >= other.minimumExponent
  }

  /// The number of bits of the whole numbers that the format holds without a gap.
  var integerBits: Int { mantissaSize + (normalization == .implied ? 1 : 0) }

  /// The exponent of the largest finite number.
  var maximumExponent: Int { (1 << exponentSize) - 2 - exponentBias }

  /// The exponent of the smallest number above zero, a subnormal one.
  private var minimumExponent: Int { 1 - exponentBias - mantissaSize }

  /// The number that stored bits stand for, rounded to a double.
  package func decode(_ bits: UInt64) -> Double {
    func field(_ position: Int, _ size: Int) -> UInt64 {
      (bits >> UInt64(position)) & (size >= 64 ? .max : (1 << UInt64(size)) - 1)
    }
    let sign: FloatingPointSign = field(signPosition, 1) == 1 ? .minus : .plus
    let exponent = Int(field(exponentPosition, exponentSize))
    let mantissa = field(mantissaPosition, mantissaSize)
    if exponent == (1 << exponentSize) - 1 {
      return mantissa == 0 ? Double(sign: sign, exponent: 0, significand: .infinity) : .nan
    }
    let isSubnormal = exponent == 0
    let leading: UInt64 =
      normalization == .implied && !isSubnormal ? 1 << UInt64(mantissaSize) : 0
    return Double(
      sign: sign, exponent: (isSubnormal ? 1 : exponent) - exponentBias - mantissaSize,
      significand: Double(leading | mantissa))
  }
}

extension HDF5FloatFormat {
  /// Whether the fields lie within the precision, apart from each other, and are of sizes that the
  /// arithmetic of this module takes.
  package var isConsistent: Bool {
    guard (1...16).contains(bytes), (1...8 * bytes).contains(precision),
      (0..<precision).contains(signPosition), (1...31).contains(exponentSize),
      (0..<precision).contains(exponentPosition), (0..<precision).contains(mantissaPosition),
      (1...112).contains(mantissaSize), exponentPosition + exponentSize <= precision,
      mantissaPosition + mantissaSize <= precision, (0...(1 << 31)).contains(exponentBias)
    else { return false }
    let exponent = exponentPosition..<exponentPosition + exponentSize
    let mantissa = mantissaPosition..<mantissaPosition + mantissaSize
    return !exponent.overlaps(mantissa) && !exponent.contains(signPosition)
      && !mantissa.contains(signPosition)
  }
}
