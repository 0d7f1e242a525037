/// What judges the samples of one kind: operations, modules, optimizers, schedulers or seeds.
protocol SampleJudge {
  var file: SampleFile { get }

  /// Judges a sample: its checks gather what differs.
  ///
  /// - Throws: ``NotExpressible``, ``Accepted``, or an error of the engine, which is a fault.
  func judge(_ sample: Value, _ checks: inout Checks) throws
}

/// A sample that the engine's interface has no words for.
struct NotExpressible: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// An answer to what PyTorch refuses, as half types in some of its modules.
struct Accepted: Error {
  var answer = ""
  let refusal: String
}

extension SampleJudge {
  /// The verdict on the sample of a number.
  func verdict(on number: Int) -> Verdict {
    let sample = file.samples[number]
    let group = SampleFile.group(of: sample)
    var checks = Checks(allowsRoundings: group != "edges")
    do {
      try judge(sample, &checks)
    } catch let error as NotExpressible {
      return Verdict(number, group, .notExpressible, "", error.reason)
    } catch let error as Accepted {
      return Verdict(
        number, group, .accepted, "", "\(error.answer) where PyTorch refuses: \(error.refusal)")
    } catch {
      return Verdict(number, group, .wrong, "error", "\(error)")
    }
    return checks.verdict(number, group)
  }

  /// Compares the gradients of results, and where a sample has them the gradients of those: towards the
  /// leaves, and towards the gradients that the results were given.
  ///
  /// - Parameter isSum: Whether the elements of a leaf's gradient are sums.
  func compareGradients(
    _ sample: Value, of results: [Tensor], for leaves: [Tensor], names: [String]? = nil,
    isSum: (Tensor) -> Bool, _ checks: inout Checks
  ) throws {
    guard checks.isSound, let expected = try file.arrays(sample["gradients"]) else { return }
    let directions = try file.arrays(sample["directions"])
    let upstream = (try file.arrays(sample["upstream"]) ?? []).map {
      $0.map { Tensor($0, requiresGrad: directions != nil) }
    }
    let wanted = zip(results, upstream).compactMap { result, gradient in
      gradient.map { (result, $0) }
    }
    guard wanted.allSatisfy({ $0.0.requiresGrad }) else {
      return checks.fail("gradients", "the result has no graph")
    }
    let found = Tensor.gradients(
      of: wanted.map(\.0), for: leaves, wanted.map(\.1), createGraph: directions != nil)
    checks.compare(
      "gradients", found.map { $0?.array }, expected,
      truths: try file.arrays(sample["gradientTruth"]),
      elements: leaves.map { isSum($0) ? .sums : .any }, names: names)
    guard checks.isSound, let directions, let seconds = try file.arrays(sample["seconds"]) else {
      return
    }
    let parts = zip(found, directions).compactMap { gradient, direction in
      direction.flatMap { direction in
        gradient.flatMap { $0.requiresGrad ? ($0, Tensor(direction)) : nil }
      }
    }
    let inputs = leaves + wanted.map(\.1)
    let again: [Tensor?] =
      parts.isEmpty
      ? inputs.map { _ in nil }
      : Tensor.gradients(of: parts.map(\.0), for: inputs, parts.map(\.1))
    // What does not depend on an input may be nothing here and zeros there.
    func filled(_ arrays: [NDArray?]) -> [NDArray] {
      zip(arrays, inputs).map { $0 ?? NDArray(zeros: $1.shape, dtype: $1.dtype) }
    }
    guard seconds.count == inputs.count else {
      return checks.fail("seconds", "\(inputs.count) results, not \(seconds.count)")
    }
    checks.compare(
      "seconds", filled(again.map { $0?.array }), filled(seconds),
      truths: try file.arrays(sample["secondTruth"]),
      elements: inputs.map { isSum($0) ? .sums : .any })
  }
}
