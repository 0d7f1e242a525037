/// Judges the samples of one operation.
struct OperationJudge: SampleJudge {
  let file: SampleFile
  let name: String
  let operation: Operation

  func judge(_ sample: Value, _ checks: inout Checks) throws {
    let (call, leaves) = try file.call(sample)
    // As the operations of `op_db` that draw random numbers seed themselves.
    manualSeed(42)
    Child.call = call
    let results = try operation(call)
    try call.requireAllRead()
    if let refusal = sample["raises"]?.stringValue {
      return try accept(results, sample, refusal, &checks)
    }
    let isSum = OperationTable.areSums(name)
    let (found, expected) = (results.map(\.array), try file.arrays(sample["values"]) ?? [])
    let settled = try OpenAnswers.settled(expected, by: found, of: name, call)
    let isOpen = zip(settled, expected).contains { one, other in
      one.map { one in other.map { !one.isBitwiseEqual(to: $0) } ?? false } ?? false
    }
    if isOpen { checks.excuse(.open) }
    checks.compare(
      "values", found, settled, truths: try file.arrays(sample["truth"]),
      elements: results.map { _ in isSum ? .sums : .single })
    // The gradient goes to the element that was named.
    if isOpen { return }
    // An operand that is repeated gathers its gradient from several elements.
    let shapes = results.map(\.shape)
    try compareGradients(
      sample, of: results, for: leaves,
      isSum: { isSum || OperationTable.repeats(name) || !shapes.contains($0.shape) }, &checks)
  }

  /// Judges an answer to what PyTorch refuses.
  private func accept(
    _ results: [Tensor], _ sample: Value, _ refusal: String, _ checks: inout Checks
  ) throws {
    let truths = try file.arrays(sample["truth"]) ?? []
    for (result, truth) in zip(results, truths) {
      guard let truth, result.dtype != .bool else { continue }
      // Half precision, whatever the type of the result: an operand may have been in it.
      checks.compare(
        "values", [result.array.cast(to: .bfloat16)], [truth.cast(to: .bfloat16)],
        elements: [OperationTable.areSums(name) ? .sums : .any])
    }
    guard checks.isSound else { return }
    throw Accepted(
      answer: results.first.map { "\($0.dtype) \($0.shape)" } ?? "nothing", refusal: refusal)
  }
}
