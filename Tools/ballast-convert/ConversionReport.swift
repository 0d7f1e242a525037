import Checkpoints
import Interchange
import States
import ToolSupport

/// What a conversion did, for people and for programs.
struct ConversionReport {
  private let opened: OpenedCheckpoint
  private let output: String
  private let format: FileFormat
  private let summary: WriteSummary
  private let losses: LossReport

  init(
    _ opened: OpenedCheckpoint, output: String, format: FileFormat, _ summary: WriteSummary,
    losses: [ConversionLoss]
  ) {
    self.opened = opened
    self.output = summary.indexPath ?? output
    self.format = format
    self.summary = summary
    self.losses = LossReport(losses)
  }

  private var state: StateDict { opened.checkpoint.state }
  private var parameterCount: Int { state.entries.values.count { $0.role != .buffer } }
  private var bufferCount: Int { state.entries.values.count { $0.role == .buffer } }

  var lines: [String] {
    var lines = [
      "\(opened.path) (\(opened.format.displayName)) → \(output) (\(format.displayName))",
      "  \(parameterCount.of("parameter")), \(bufferCount.of("buffer")), \(optimizerText)",
      "  \(summary.tensorByteCount.byteCountText) of tensors, "
        + "\(summary.fileByteCount.byteCountText) in the file",
    ]
    if !opened.result.roleCounts.isEmpty {
      let rules = opened.result.roleCounts.map { "\($0.count) by \($0.rule.explanation)" }
      lines.append("  roles told: " + rules.joined(separator: ", "))
    }
    let models = opened.checkpoint.models.map {
      "\($0.key.isEmpty ? "''" : $0.key) (\($0.value.count.of("tensor")))"
    }
    if !models.isEmpty { lines.append("  further models: " + models.joined(separator: ", ")) }
    let optimizers = opened.checkpoint.optimizers.map {
      "\($0.key) (\($0.value.type ?? "unknown type"), \($0.value.tensorCount.of("tensor")))"
    }
    if !optimizers.isEmpty {
      lines.append("  further optimizers: " + optimizers.joined(separator: ", "))
    }
    if !metadata.isEmpty { lines.append("  metadata: " + metadata.joined(separator: ", ")) }
    lines += losses.lines.map { "  \($0)" }
    lines += opened.notes.map { "  note: \($0)" }
    return lines
  }

  private var metadata: [String] { Array(opened.checkpoint.metadata.keys) }

  private var optimizerText: String {
    guard let optimizer = opened.checkpoint.optimizer else { return "no optimizer" }
    let text =
      "\(optimizer.tensorCount.of("optimizer tensor")) (\(optimizer.type ?? "unknown type"))"
    return optimizer.naming == .keys ? text : text + ", by position"
  }

  var value: Value {
    [
      "input": .string(opened.path),
      "input_format": .string(opened.format.id),
      "output": .string(output),
      "output_format": .string(format.id),
      "parameters": .int(parameterCount),
      "buffers": .int(bufferCount),
      "optimizer": opened.checkpoint.optimizer.map { optimizer in
        [
          "type": optimizer.type.map { .string($0) } ?? .none,
          "tensors": .int(optimizer.tensorCount),
          "naming": .string(optimizer.naming.rawValue),
        ]
      } ?? .none,
      "models": .list(opened.checkpoint.models.keys.map { .string($0) }),
      "optimizers": .list(opened.checkpoint.optimizers.keys.map { .string($0) }),
      "roles": .dict(
        .init(
          uniqueKeysWithValues: opened.result.roleCounts.map {
            (.string($0.rule.rawValue), .int($0.count))
          })),
      "tensor_bytes": .int(summary.tensorByteCount),
      "file_bytes": .int(summary.fileByteCount),
      "metadata": .list(metadata.map { .string($0) }),
      "losses": losses.value,
      "notes": .list(opened.notes.map { .string($0) }),
    ]
  }
}
