import Checkpoints
import Interchange
import States
import ToolSupport

/// The writing of the output, with all that was lost on the way to it.
struct Conversion {
  private let opened: OpenedCheckpoint
  private let output: String
  private let format: FileFormat
  private let options: ExportOptions

  init(
    _ opened: OpenedCheckpoint, output: String, format: FileFormat, options: ExportOptions
  ) {
    self.opened = opened
    self.output = output
    self.format = format
    self.options = options
  }

  /// Writes the output.
  func write() throws -> (summary: SaveSummary, losses: [Loss]) {
    let losses = opened.losses(for: format) + (try opened.checkpoint.roundingLosses(options.save))
    let summary = try opened.checkpoint.write(to: output, format: format, options: options)
    return (summary.save, losses + Self.unknown(summary.losses, beside: losses))
  }

  /// Writes the output if nothing is lost.
  ///
  /// What a format cannot hold is known when the file is written, so that it is written elsewhere
  /// first.
  ///
  /// - Throws: ``StrictRefusal``; nothing is left then.
  func writeStrictly() throws -> (summary: SaveSummary, losses: [Loss]) {
    var losses = opened.losses(for: format)
    if losses.isEmpty { losses = try opened.checkpoint.roundingLosses(options.save) }
    if losses.isEmpty {
      let rehearsal = try ScratchFolder(beside: output)
      defer { rehearsal.remove() }
      var options = options
      options.save.isDurable = false
      losses = try opened.checkpoint.write(
        to: rehearsal.path(for: output), format: format, options: options
      ).losses
    }
    guard losses.isEmpty else { throw StrictRefusal(input: opened.path, losses: losses) }
    return try write()
  }

  /// The losses that were not told already: a writer sees types that are to be converted too.
  private static func unknown(_ losses: [Loss], beside known: [Loss]) -> [Loss] {
    losses.filter { loss in
      !known.contains { $0.kind == loss.kind && $0.subject == loss.subject }
    }
  }
}

/// The conversion would lose something, and was asked not to.
private struct StrictRefusal: Error, CustomStringConvertible {
  let input: String
  let losses: [Loss]

  var description: String {
    let lines = LossReport(losses).lines
    let advice =
      losses.contains { $0.kind == .roleGuessed } ? "; --like or --model tells the roles" : ""
    return "\(input) cannot be converted without loss (--strict): "
      + lines.joined(separator: "; ") + advice
  }
}
