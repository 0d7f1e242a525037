import Arrays
import States

/// What can be said of a tensor's values in a line. Complex numbers count as their two parts.
struct TensorStatistics {
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var mean = 0.0
  private(set) var deviation = 0.0
  private(set) var nanCount = 0
  private(set) var infinityCount = 0
  private var finiteCount = 0
  private let isNumeric: Bool

  /// - Throws: `FileError` if the tensor cannot be read.
  init(_ array: NDArray) throws {
    isNumeric = array.dtype != .float4E2M1FNx2
    guard isNumeric else { return }
    var squares = 0.0
    let wide: DType = array.dtype.isComplex ? .complex128 : .float64
    try array.forEachBlock(as: wide) { bytes, _ in
      for value in bytes.assumingMemoryBound(to: Double.self) {
        guard value.isFinite else {
          if value.isNaN { nanCount += 1 } else { infinityCount += 1 }
          continue
        }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        finiteCount += 1
        // Welford's update: sums of squares would cancel.
        let delta = value - mean
        mean += delta / Double(finiteCount)
        squares += delta * (value - mean)
      }
    }
    deviation = finiteCount > 1 ? (squares / Double(finiteCount - 1)).squareRoot() : 0
  }

  /// The statistics in a line.
  var text: String {
    guard isNumeric else { return "packed pairs of 4-bit floats" }
    var parts: [String] = []
    if finiteCount > 0 {
      parts.append(
        "min \(minimum.short), max \(maximum.short), mean \(mean.short), std \(deviation.short)")
    }
    if nanCount > 0 { parts.append("\(nanCount) NaN") }
    if infinityCount > 0 { parts.append("\(infinityCount) infinite") }
    return parts.isEmpty ? "no values" : parts.joined(separator: ", ")
  }

  /// The statistics for programs.
  var value: Value {
    guard finiteCount > 0 else { return ["nan": .int(nanCount), "infinite": .int(infinityCount)] }
    return [
      "min": .float(minimum), "max": .float(maximum), "mean": .float(mean),
      "std": .float(deviation), "nan": .int(nanCount), "infinite": .int(infinityCount),
    ]
  }
}

extension Double {
  /// About five significant digits, for a column.
  var short: String {
    guard isFinite, self != 0 else { return "\(self)" }
    var exponent = Int(magnitude.exponent10)
    if (-4..<6).contains(exponent) {
      var scale = 1.0
      for _ in 0..<max(0, 4 - exponent) { scale *= 10 }
      let rounded = (self * scale).rounded() / scale
      return "\(rounded)"
    }
    var mantissa = self
    let step = exponent > 0 ? 0.1 : 10.0
    for _ in 0..<exponent.magnitude { mantissa *= step }
    if mantissa.magnitude >= 10 {
      mantissa /= 10
      exponent += 1
    }
    return "\((mantissa * 1e4).rounded() / 1e4)e\(exponent)"
  }

  /// The power of ten of the first digit, about.
  private var exponent10: Double {
    (Double(exponent) * 0.301_029_995_663_981_2).rounded(.down)
  }
}
