/// Gathers what the comparisons of one sample find.
struct Checks {
  /// Whether sums may differ by roundings of the largest element. Not beside special values, where an
  /// element of any size stands beside one of 1e30.
  let allowsRoundings: Bool
  private var fault: (part: String, what: String, distance: Double?)?
  private var excuses: Set<Excuse> = []

  init(allowsRoundings: Bool) { self.allowsRoundings = allowsRoundings }

  var isSound: Bool { fault == nil }

  /// Tells of a fault: the first part that has one, and of its tensors the one that is farthest off.
  mutating func fail(_ part: String, _ what: String, distance: Double? = nil) {
    if let fault {
      guard fault.part == part, let least = fault.distance, distance ?? .infinity > least else {
        return
      }
    }
    fault = (part, what, distance)
  }

  mutating func excuse(_ excuse: Excuse) { excuses.insert(excuse) }

  /// Compares tensors with those of PyTorch.
  ///
  /// - Parameters:
  ///   - part: What they are of the sample.
  ///   - truths: What float64 gives, where PyTorch's own are far from it.
  ///   - elements: What the elements of each are.
  ///   - names: What each is called.
  mutating func compare(
    _ part: String, _ found: [NDArray?], _ expected: [NDArray?], truths: [NDArray?]? = nil,
    elements: [Elements]? = nil, names: [String]? = nil
  ) {
    guard found.count == expected.count else {
      return fail(part, "\(found.count) results, not \(expected.count)")
    }
    for (place, (ours, theirs)) in zip(found, expected).enumerated() {
      let name = names.map { "\($0[place]): " } ?? (found.count > 1 ? "\(place): " : "")
      switch (ours, theirs) {
      case (nil, nil): continue
      case (nil, _): fail(part, "\(name)nothing")
      case (let ours?, nil) where Comparison.real(ours).allSatisfy({ $0 == 0 }): excuse(.zero)
      case (_, nil): fail(part, "\(name)something where PyTorch has None")
      case (let ours?, let theirs?):
        let truth = truths.flatMap { place < $0.count ? $0[place] : nil }
        var kind = elements?[place] ?? .any
        if kind == .sums, !allowsRoundings { kind = .any }
        switch Comparison.closeness(ours, theirs, truth: truth, elements: kind) {
        case .near(let needed): excuses.formUnion(needed)
        case .different(let what, let distance): fail(part, name + what, distance: distance)
        }
      }
    }
  }

  /// Compares a tensor to the last bit.
  mutating func compareBits(
    _ part: String, _ found: NDArray, _ expected: NDArray, name: String
  ) {
    if found.isBitwiseEqual(to: expected) { return }
    switch Comparison.closeness(found, expected, truth: nil, elements: .any) {
    case .near: fail("bits", "\(part), \(name): near, with other last bits", distance: 1)
    case .different(let what, let distance):
      fail(part, "\(name): \(what)", distance: distance)
    }
  }

  func verdict(_ number: Int, _ group: String) -> Verdict {
    if let fault {
      var verdict = Verdict(number, group, .wrong, fault.part, fault.what)
      verdict.distance = fault.distance
      return verdict
    }
    guard let first = Excuse.allCases.first(where: excuses.contains) else {
      return Verdict(number, group, .right)
    }
    return Verdict(number, group, .excused, "", first.rawValue)
  }
}

/// Why a sample is right although it differs.
enum Excuse: String, CaseIterable {
  case open = "PyTorch leaves it open: which of equal elements, or what an integer cannot hold"
  case rounded = "a sum, within three roundings of the largest element"
  case zero = "a gradient of zeros, where PyTorch has none"
  case nearTruth = "where PyTorch is inexact, each element is no farther from what float64 gives"
}
