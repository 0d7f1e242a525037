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

  /// The relative one alone, for elements that depend on one number of each operand: a small result of
  /// theirs is as exact as a large one.
  init(relative dtype: DType) {
    let least: Double =
      switch dtype {
      case .float16: 0x1p-24
      case .bfloat16: 0x1p-133
      case .float32: 0x1p-149
      default: 0x1p-1074
      }
    self.init(Tolerance(dtype).relative, 2 * least)
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
enum Closeness {
  /// Near enough, with what excuses some of the elements.
  case near(Set<Excuse>)
  /// Different: how, and by how many tolerances at most, from float64 where that is known.
  case different(String, distance: Double?)
}

/// What the elements of a tensor are, by which it is said how near they have to be.
enum Elements {
  /// Sums of numbers as large as the largest of the tensor, of which some roundings stay where they cancel.
  case sums
  /// Those that depend on one number of each operand.
  case single
  /// Others.
  case any
}

enum Comparison {
  /// Compares each element with PyTorch's, and where that is inexact with what float64 gives.
  ///
  /// - Parameters:
  ///   - found: What was computed here.
  ///   - expected: What PyTorch computed.
  ///   - truth: What PyTorch computes in float64, if what it computes in the type is far from it. An
  ///     element of its own that is far from it excuses the same one here, as far as it is itself.
  ///   - elements: What the elements are.
  static func closeness(
    _ found: NDArray, _ expected: NDArray, truth: NDArray?, elements: Elements
  ) -> Closeness {
    if found.dtype != expected.dtype {
      return .different("type \(found.dtype), not \(expected.dtype)", distance: nil)
    }
    if found.shape != expected.shape {
      return .different("shape \(found.shape), not \(expected.shape)", distance: nil)
    }
    let dtype = expected.dtype
    if !dtype.isFloatingPoint {
      let (ours, theirs) = (whole(found), whole(expected))
      guard let place = ours.indices.first(where: { ours[$0] != theirs[$0] }) else {
        return .near([])
      }
      return .different(
        "\(ours[place]), not \(theirs[place])" + at(place, ours.count), distance: nil)
    }
    let (ours, theirs) = (real(found), real(expected))
    let exact = truth.flatMap { $0.shape == found.shape ? real($0.cast(to: dtype)) : nil }
    let scale = elements == .sums ? theirs.lazy.filter(\.isFinite).map(abs).max() ?? 0 : 0
    let tolerance = elements == .single ? Tolerance(relative: dtype) : Tolerance(dtype)
    var excuses: Set<Excuse> = []
    var worst: (place: Int, distance: Double)?
    for (place, (own, other)) in zip(ours, theirs).enumerated() {
      let share = tolerance.share(own, other)
      if share <= 1 { continue }
      let ownDistance = exact.map { tolerance.share(own, $0[place]) }
      if let exact, let ownDistance, ownDistance.isFinite,
        ownDistance <= max(tolerance.share(other, exact[place]), 1)
      {
        excuses.insert(.nearTruth)
        continue
      }
      if share.isFinite, abs(own - other) <= 3 * epsilon(dtype) * scale {
        excuses.insert(.rounded)
        continue
      }
      let distance = ownDistance ?? share
      if worst.map({ distance > $0.distance }) ?? true { worst = (place, distance) }
    }
    guard let worst else { return .near(excuses) }
    var what = "\(ours[worst.place]), not \(theirs[worst.place])" + at(worst.place, ours.count)
    what += "; \(rounded(worst.distance)) tolerances"
    if let exact {
      let other = tolerance.share(theirs[worst.place], exact[worst.place])
      what += " from float64, PyTorch's \(rounded(other))"
    }
    return .different(what, distance: worst.distance)
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

  static func whole(_ array: NDArray) -> [Int64] {
    array.cast(to: .int64).elements(as: Int64.self)
  }
}
