import Arrays

extension Double {
  /// Five significant digits: `0.018793`, `-4.5`, `1.0e30`.
  var short: String {
    guard isFinite, self != 0 else { return "\(self)" }
    var (mantissa, exponent) = decimalParts
    mantissa = (mantissa * 1e4).rounded() / 1e4
    if mantissa.magnitude >= 10 {
      mantissa /= 10
      exponent += 1
    }
    guard (-4..<6).contains(exponent) else { return "\(mantissa)e\(exponent)" }
    // Multiplied or divided by a power of ten that is exact, so that no digit comes up behind.
    let digits = 4 - exponent
    let scale = Self.powerOfTen(digits.magnitude)
    return digits >= 0
      ? "\((self * scale).rounded() / scale)" : "\((self / scale).rounded() * scale)"
  }

  /// A value of a tensor: whole numbers and truth values without a fraction.
  func text(of dtype: DType) -> String {
    if dtype == .bool { return self == 0 ? "false" : "true" }
    // Beyond 2^53 the last digits are not known.
    guard dtype.isIntegral, magnitude <= 0x1p53 else { return short }
    return "\(Int(self))"
  }

  /// The number as a mantissa of one digit before the point, and a power of ten.
  private var decimalParts: (mantissa: Double, exponent: Int) {
    // About the right power, from the binary exponent; put right by a step below.
    var power = Int((Double(exponent) * 0.301_029_995_663_981_2).rounded(.down))
    var mantissa = scaled(by: -power)
    if mantissa.magnitude >= 10 {
      power += 1
      mantissa = scaled(by: -power)
    } else if mantissa.magnitude < 1 {
      power -= 1
      mantissa = scaled(by: -power)
    }
    return (mantissa, power)
  }

  private func scaled(by power: Int) -> Double {
    // In two steps, since ten to the power of 320 is infinite.
    let half = power / 2
    return [half, power - half].reduce(self) { value, power in
      let factor = Self.powerOfTen(power.magnitude)
      return power >= 0 ? value * factor : value / factor
    }
  }

  private static func powerOfTen(_ power: UInt) -> Double {
    (0..<power).reduce(1.0) { value, _ in value * 10 }
  }
}
