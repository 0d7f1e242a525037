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

  /// The derivative of ``digamma(_:)`` of an order: (−1)ⁿ⁺¹ · n! · Σ 1 / (x + k)ⁿ⁺¹ over k from 0.
  static func polygamma(_ order: Int, _ x: Double) -> Double {
    let sign: Double = order % 2 == 0 ? -1 : 1
    guard !x.isNaN, x != -.infinity else { return .nan }
    if x == .infinity { return sign * 0 }
    if x <= 0, x == x.rounded() { return sign * .infinity }
    let power = Double(order + 1)
    guard x < 0 else { return sign * tgamma(power) * inversePowers(power, x) }
    // Of the places below zero, the sum from the nearest one on without what lies beyond x.
    let nearest = -x - (-x).rounded(.down)
    let below = inversePowers(power, nearest) - inversePowers(power, 1 - x)
    return sign * tgamma(power) * (inversePowers(power, 1 - nearest) + sign * below)
  }

  /// Σ 1 / (x + k)ᵖ over k from 0, for positive x, with the tail of the Euler–Maclaurin formula (Abramowitz
  /// and Stegun, 23.1.30).
  private static func inversePowers(_ power: Double, _ x: Double) -> Double {
    var (place, sum) = (x, 0.0)
    while place < 20 {
      sum += pow(place, -power)
      place += 1
    }
    sum += pow(place, -power) * (place / (power - 1) + 0.5)
    // Of Bernoulli's numbers of even order, divided by the factorials of their orders.
    let terms = [1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160]
    var factor = power * pow(place, -power - 1)
    for (index, term) in terms.enumerated() {
      sum += term * factor
      let next = power + Double(2 * index + 1)
      factor *= next * (next + 1) / (place * place)
    }
    return sum
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
