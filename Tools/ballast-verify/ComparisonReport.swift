import Interchange
import States
import ToolSupport

/// How two checkpoints compared, for people and for programs.
struct ComparisonReport {
  private let first: String
  private let second: String
  private let comparison: CheckpointComparison
  private let tolerance: CheckpointComparison.Tolerance?

  init(
    _ first: String, _ second: String, _ comparison: CheckpointComparison,
    _ tolerance: CheckpointComparison.Tolerance? = nil
  ) {
    self.first = first
    self.second = second
    self.comparison = comparison
    self.tolerance = tolerance
  }

  var lines: [String] {
    let size =
      "\(comparison.comparedCount.of("tensor")), \(comparison.comparedByteCount.byteCountText)"
    guard !comparison.differences.isEmpty else {
      let sameness = tolerance == nil ? "to the bit" : "within the tolerance"
      return ["verified: \(first) and \(second) are the same \(sameness) (\(size))"]
    }
    return ["\(first) and \(second) differ (\(size) in both):"]
      + comparison.differences.map { "  \($0.name): \($0.difference)" }
  }

  var value: Value {
    [
      "first": .string(first),
      "second": .string(second),
      "tensors": .int(comparison.comparedCount),
      "bytes": .int(comparison.comparedByteCount),
      "same": .bool(comparison.differences.isEmpty),
      "differences": .list(
        comparison.differences.map {
          ["tensor": .string($0.name), "difference": .string($0.difference.description)]
        }),
    ]
  }
}
