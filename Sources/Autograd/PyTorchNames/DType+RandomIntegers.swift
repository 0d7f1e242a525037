import Arrays
import Kernels

extension DType {
  /// Whether an integer is in the range of this type, to be drawn at random.
  func draws(_ number: Int) -> Bool {
    switch kind {
    case .boolean: return (0...1).contains(number)
    case .complex: return false
    case .floatingPoint:
      switch self {
      case .float16: return number.magnitude <= 65504
      case .bfloat16, .float32, .float64: return true
      default: return false
      }
    case .signedInteger:
      return itemSize == 8 || (-1 << (itemSize * 8 - 1)..<1 << (itemSize * 8 - 1)).contains(number)
    case .unsignedInteger: return number >= 0 && (itemSize == 8 || number < 1 << (itemSize * 8))
    }
  }

  /// A range of integers, without those at its ends that this type would round out of it. PyTorch
  /// draws from that.
  func rounded(_ low: Int, _ high: Int) -> (low: Int, high: Int) {
    let digits: Int
    switch self {
    case .float64: digits = 53
    case .float32: digits = 24
    case .float16: digits = 11
    case .bfloat16: digits = 8
    default: return (low, high)
    }
    /// A number in this type, and the distance of its neighbors.
    func nearest(_ number: Int) -> (number: Double, spacing: Double)? {
      let value = NDArray(Double(number)).cast(to: self).cast(to: .float64)
      guard let value = value.elements(as: Double.self).first, value.isFinite else { return nil }
      let bits = Int.bitWidth - 1 - number.magnitude.leadingZeroBitCount
      return (value, Double(sign: .plus, exponent: bits - digits + 1, significand: 1))
    }
    var (first, end) = (low, high)
    if let (number, spacing) = nearest(low + 1), number < Double(low) {
      first = Int(exactly: number + spacing) ?? low
    }
    if let (number, spacing) = nearest(high - 1), number >= Double(high) {
      end = Int(exactly: number - spacing) ?? high
    }
    return (first, end)
  }
}
