import Platform

/// Functions of one number that the C library lacks.
enum SpecialFunctions {
  /// The number whose error function is y.
  static func inverseErf(_ y: Double) -> Double {
    guard abs(y) < 1 else { return abs(y) == 1 ? y * .infinity : .nan }
    guard y != 0 else { return y }
    // Winitzki, "A handy approximation for the error function and its inverse" (2008), then
    // Newton's steps on the side where nothing cancels.
    let (a, tail) = (0.147, log1p(-y * y))
    let half = 2 / (Double.pi * a) + tail / 2
    let start = ((half * half - tail / a).squareRoot() - half).squareRoot()
    var x = y < 0 ? -start : start
    for _ in 0..<4 {
      let error: Double
      if y > 0.5 {
        error = (1 - y) - erfc(x)
      } else if y < -0.5 {
        error = erfc(-x) - (1 + y)
      } else {
        error = erf(x) - y
      }
      let slope = 2 / Double.pi.squareRoot() * exp(-x * x)
      let step = error / slope
      x -= step / (1 + x * step)
    }
    return x
  }

  /// By the recurrence to where the asymptotic series is exact (Abramowitz and Stegun, 6.3.18).
  static func digamma(_ x: Double) -> Double {
    if x == 0 { return x.sign == .minus ? .infinity : -.infinity }
    if x < 0 {
      if x == x.rounded() { return .nan }
      return digamma(1 - x) - .pi / tan(.pi * x.truncatingRemainder(dividingBy: 1))
    }
    var (x, result) = (x, 0.0)
    while x < 10 {
      result -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    let terms = [1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12]
    let series = terms.reversed().reduce(0) { ($0 + $1) * square }
    return result + log(x) - 0.5 / x - series
  }

  /// The derivative of ``digamma(_:)``: infinity at the poles, NaN at −infinity.
  static func trigamma(_ x: Double) -> Double {
    if x <= 0 {
      if x == -.infinity { return .nan }
      if x == x.rounded() { return .infinity }
      let sine = sin(.pi * x)
      return .pi * .pi / (sine * sine) - trigamma(1 - x)
    }
    var (x, result) = (x, 0.0)
    while x < 20 {
      result += 1 / (x * x)
      x += 1
    }
    let square = 1 / (x * x)
    let terms = [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66]
    let series = terms.reversed().reduce(0) { ($0 + $1) * square }
    return result + 1 / x + square / 2 + series / x
  }

  /// The logarithm of the absolute value of the gamma function.
  static func lgamma(_ x: Double) -> Double {
    #if canImport(Darwin)
      return Platform.lgamma(x)
    #else
      var sign: Int32 = 0
      return lgamma_r(x, &sign)
    #endif
  }
}
