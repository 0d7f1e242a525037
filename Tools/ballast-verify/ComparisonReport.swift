import Checkpoints
import Interchange
import States
import ToolSupport

/// How two checkpoints compared, for people and for programs.
struct ComparisonReport {
  private let first: String
  private let second: String
  /// What could make them the same, if they are not.
  private let notes: [String]
  /// What reading each of them left out, so that it is not compared.
  private let losses: [(path: String, report: LossReport)]
  private let comparison: CheckpointComparison
  private let tolerance: CheckpointComparison.Tolerance?
  /// Whether everything in the files is the same, be it that nobody understands some of it.
  let isSame: Bool

  init(
    _ first: OpenedCheckpoint, _ second: OpenedCheckpoint, _ comparison: CheckpointComparison,
    _ tolerance: CheckpointComparison.Tolerance? = nil
  ) throws {
    // What nobody understands is the same if all bytes are. A difference that was found is one.
    isSame =
      try comparison.isSame
      || comparison.differences.isEmpty && first.hasSameBytes(as: second)
    self.first = first.path
    self.second = second.path
    self.comparison = comparison
    losses = [first, second].map { ($0.path, LossReport($0.losses)) }
    self.tolerance = tolerance
    let prefixes = [first, second].map { KeyPrefix.common(to: $0.checkpoint.state.keys) }
    notes = zip([first, second], prefixes).compactMap { opened, prefix in
      guard let prefix, prefixes[0] != prefixes[1] else { return nil }
      return "all keys of \(opened.path) begin with '\(prefix)'; --strip-prefix removes it"
    }
  }

  var lines: [String] {
    let values = comparison.comparedValueCount
    let size =
      "\(comparison.comparedCount.of("tensor")), \(comparison.comparedByteCount.byteCountText)"
      + (values == 0 ? "" : "; \(values.of("value"))")
    let sameness = tolerance == nil ? "to the bit" : "within the tolerance"
    if isSame {
      return ["verified: \(first) and \(second) are the same \(sameness) (\(size))"]
        + lossLines
    }
    if comparison.differences.isEmpty {
      return [
        "\(first) and \(second) could not be compared in everything; the rest is equal \(sameness) "
          + "(\(size)):"
      ] + uncomparedLines
    }
    return ["\(first) and \(second) differ (\(size) in both):"]
      + comparison.differences.map { "  \($0.name): \($0.difference)" }
      + lossLines + notes.map { "  note: \($0)" }
  }

  /// What the files hold and nobody could compare.
  private var uncomparedLines: [String] {
    zip(losses.map(\.path), [comparison.uncompared.first, comparison.uncompared.second])
      .flatMap { path, losses in LossReport(losses).lines.map { "  \(path): not compared: \($0)" } }
  }

  private var lossLines: [String] {
    losses.flatMap { path, report in report.lines.map { "  \(path): \($0)" } }
  }

  var value: Value {
    [
      "first": .string(first),
      "second": .string(second),
      "tensors": .int(comparison.comparedCount),
      "bytes": .int(comparison.comparedByteCount),
      "values": .int(comparison.comparedValueCount),
      "same": .bool(isSame),
      "differences": .list(
        comparison.differences.map {
          [
            "tensor": .string($0.name), "kind": .string($0.difference.code),
            "difference": .string($0.difference.description),
          ]
        }),
      "uncompared": .list(
        [comparison.uncompared.first, comparison.uncompared.second].map { LossReport($0).value }),
      "losses": .list(losses.map(\.report.value)),
      "notes": .list(notes.map { .string($0) }),
    ]
  }
}
