/// Judges the samples of one operation.
struct OperationJudge {
  let file: SampleFile
  let operation: Operation

  func judge(_ number: Int) -> Verdict {
    let sample = file.samples[number]
    let group = sample["group"]?.stringValue ?? ""
    do {
      return try judge(sample, number, group)
    } catch let error as NotExpressible {
      return Verdict(number, group, .notExpressible, "", error.reason)
    } catch {
      return Verdict(number, group, .wrong, "", "\(error)")
    }
  }

  private func judge(_ sample: Value, _ number: Int, _ group: String) throws -> Verdict {
    let (call, leaves) = try file.call(sample)
    // As the operations of `op_db` that draw random numbers seed themselves.
    manualSeed(42)
    Child.call = call
    let results = try operation(call)
    try call.requireAllRead()
    if let refusal = sample["raises"]?.stringValue {
      return try accepted(sample, results, number, group, refusal)
    }
    var checks = Checks()
    checks.compare(
      "values", results.map(\.array), try file.arrays(sample["values"]) ?? [],
      truths: try file.arrays(sample["truth"]))
    if checks.isSound, let expected = try file.arrays(sample["gradients"]) {
      try judgeGradients(sample, results, leaves, expected, &checks)
    }
    return checks.verdict(number, group)
  }

  private func judgeGradients(
    _ sample: Value, _ results: [Tensor], _ leaves: [Tensor], _ expected: [NDArray?],
    _ checks: inout Checks
  ) throws {
    let upstream = try file.arrays(sample["upstream"]) ?? []
    let wanted = zip(results, upstream).compactMap { result, gradient in
      gradient.map { (result, Tensor($0)) }
    }
    guard wanted.allSatisfy({ $0.0.requiresGrad }) else {
      checks.fail("gradients", "the result has no graph")
      return
    }
    let directions = try file.arrays(sample["directions"])
    let found = Tensor.gradients(
      of: wanted.map(\.0), for: leaves, wanted.map(\.1), createGraph: directions != nil)
    checks.compare(
      "gradients", found.map { $0?.array }, expected,
      truths: try file.arrays(sample["gradientTruth"]))
    guard checks.isSound, let directions, let seconds = try file.arrays(sample["seconds"]) else {
      return
    }
    let parts = zip(found, directions).compactMap { gradient, direction in
      direction.flatMap { direction in
        gradient.flatMap { $0.requiresGrad ? ($0, Tensor(direction)) : nil }
      }
    }
    let again: [Tensor?] =
      parts.isEmpty
      ? leaves.map { _ in nil }
      : Tensor.gradients(of: parts.map(\.0), for: leaves, parts.map(\.1))
    // What does not depend on an input may be nothing here and zeros there.
    let filled = zip(again, leaves).map { $0?.array ?? NDArray(zeros: $1.shape, dtype: $1.dtype) }
    let theirs = zip(seconds, leaves).map { $0 ?? NDArray(zeros: $1.shape, dtype: $1.dtype) }
    checks.compare("seconds", filled, theirs, truths: nil)
  }

  /// Judges an answer to what PyTorch refuses.
  private func accepted(
    _ sample: Value, _ results: [Tensor], _ number: Int, _ group: String, _ refusal: String
  ) throws -> Verdict {
    let truths = try file.arrays(sample["truth"]) ?? []
    for (result, truth) in zip(results, truths) {
      guard let truth, result.dtype != .bool else { continue }
      // Half precision, whatever the type of the result: an operand may have been in it.
      let wide = Comparison.closeness(
        result.array.cast(to: .bfloat16), truth.cast(to: .bfloat16), truth: nil)
      if case .different(let what) = wide {
        return Verdict(number, group, .wrong, "values", "\(what); PyTorch: \(refusal)")
      }
    }
    return Verdict(
      number, group, .accepted, "",
      "\(results.first.map { "\($0.dtype) \($0.shape)" } ?? "nothing"); PyTorch: \(refusal)")
  }
}

/// Gathers what comparisons find.
struct Checks {
  private var fault: (part: String, what: String)?
  private var isNearTruth = false
  private var isRounded = false
  private var isZero = false

  var isSound: Bool { fault == nil }

  mutating func fail(_ part: String, _ what: String) {
    if fault == nil { fault = (part, what) }
  }

  mutating func compare(
    _ part: String, _ found: [NDArray?], _ expected: [NDArray?], truths: [NDArray?]?,
    names: [String]? = nil
  ) {
    guard found.count == expected.count else {
      return fail(part, "\(found.count) results, not \(expected.count)")
    }
    for (place, (ours, theirs)) in zip(found, expected).enumerated() {
      let name = names.map { "\($0[place]): " } ?? (found.count > 1 ? "\(place): " : "")
      switch (ours, theirs) {
      case (nil, nil): continue
      case (nil, _): fail(part, "\(name)nothing")
      case (let ours?, nil) where Comparison.real(ours).allSatisfy({ $0 == 0 }): isZero = true
      case (_, nil): fail(part, "\(name)something where PyTorch has None")
      case (let ours?, let theirs?):
        let truth = truths.flatMap { place < $0.count ? $0[place] : nil }
        switch Comparison.closeness(ours, theirs, truth: truth) {
        case .near: continue
        case .nearTruth: isNearTruth = true
        case .rounded: isRounded = true
        case .different(let what): fail(part, name + what)
        }
      }
    }
  }

  func verdict(_ number: Int, _ group: String) -> Verdict {
    if let fault { return Verdict(number, group, .wrong, fault.part, fault.what) }
    if isRounded { return Verdict(number, group, .excused, "", Rule.rounded) }
    if isZero { return Verdict(number, group, .excused, "", Rule.zero) }
    if isNearTruth { return Verdict(number, group, .excused, "", Rule.nearTruth) }
    return Verdict(number, group, .right)
  }
}

/// The rules by which a sample is right although it differs, for all operations.
enum Rule {
  static let nearTruth =
    "PyTorch's own answer is inexact, and this is no farther from what float64 gives"
  static let zero = "a gradient of zeros, where PyTorch has none"
  static let rounded = "within three roundings of the largest element"
}
