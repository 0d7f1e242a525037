import Kernels

/// How near a result has to be, as `torch.testing.assert_close` decides: within
/// `absolute + relative * |expected|`, not-a-numbers being equal, type and shape the same.
struct Tolerance {
  var relative: Double
  var absolute: Double

  /// PyTorch's standard for a type.
  init(_ dtype: DType) {
    switch dtype {
    case .float16: self.init(1e-3, 1e-5)
    case .bfloat16: self.init(1.6e-2, 1e-5)
    case .float32: self.init(1.3e-6, 1e-5)
    case .float64: self.init(1e-7, 1e-7)
    default: self.init(0, 0)
    }
  }

  init(_ relative: Double, _ absolute: Double) {
    self.relative = relative
    self.absolute = absolute
  }

  /// How much of the tolerance a difference takes: up to 1 is near enough.
  func share(_ found: Double, _ expected: Double) -> Double {
    if found == expected || (found.isNaN && expected.isNaN) { return 0 }
    guard found.isFinite, expected.isFinite else { return .infinity }
    let allowed = absolute + relative * abs(expected)
    return allowed > 0 ? abs(found - expected) / allowed : .infinity
  }
}

/// What a comparison found.
enum Closeness: Equatable {
  case near
  /// Farther from PyTorch's answer than allowed, but no farther than that is from the result in float64.
  case nearTruth
  /// Within some roundings of the largest number of the tensor.
  case rounded
  case different(String)
}

enum Comparison {
  /// Compares a result with PyTorch's, and where that is inexact with what float64 gives.
  static func closeness(
    _ found: NDArray, _ expected: NDArray, truth: NDArray?, checkingType: Bool = true
  ) -> Closeness {
    if checkingType, found.dtype != expected.dtype {
      return .different("type \(found.dtype), not \(expected.dtype)")
    }
    if found.shape != expected.shape {
      return .different("shape \(found.shape), not \(expected.shape)")
    }
    let dtype = expected.dtype
    if !dtype.isFloatingPoint {
      let (ours, theirs) = (whole(found), whole(expected))
      guard let place = ours.indices.first(where: { ours[$0] != theirs[$0] }) else { return .near }
      return .different("\(ours[place]), not \(theirs[place])" + at(place, ours.count))
    }
    let (ours, theirs) = (real(found), real(expected))
    let tolerance = Tolerance(dtype)
    let shares = zip(ours, theirs).map(tolerance.share)
    guard let worst = shares.indices.max(by: { shares[$0] < shares[$1] }), shares[worst] > 1
    else { return .near }
    var distances = ""
    if let truth, truth.shape == found.shape {
      let exact = real(truth.cast(to: dtype))
      let own = zip(ours, exact).map(tolerance.share).max() ?? 0
      let other = zip(theirs, exact).map(tolerance.share).max() ?? 0
      if own <= max(other, 1) { return .nearTruth }
      distances = "; from float64 \(rounded(own)) tolerances, PyTorch's \(rounded(other))"
    }
    if shares[worst].isFinite {
      let scale = theirs.lazy.filter(\.isFinite).map(abs).max() ?? 0
      let largest = zip(ours, theirs).lazy.filter { $0.0.isFinite }.map { abs($0.0 - $0.1) }.max()
      if (largest ?? 0) <= 3 * epsilon(dtype) * scale { return .rounded }
    }
    let what = "\(ours[worst]), not \(theirs[worst])" + at(worst, ours.count)
    return .different(what + distances)
  }

  private static func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

  private static func at(_ place: Int, _ count: Int) -> String {
    count == 1 ? "" : " (element \(place) of \(count))"
  }

  /// The distance from 1 to the next number.
  private static func epsilon(_ dtype: DType) -> Double {
    switch dtype {
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    case .float32: 0x1p-23
    default: 0x1p-52
    }
  }

  static func real(_ array: NDArray) -> [Double] {
    array.cast(to: .float64).elements(as: Double.self)
  }

  private static func whole(_ array: NDArray) -> [Int64] {
    array.cast(to: .int64).elements(as: Int64.self)
  }
}
