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

  /// - Parameter isStrict: Whether a loss is an error.
  init(
    _ opened: OpenedCheckpoint, output: String, format: FileFormat, options: ExportOptions,
    isStrict: Bool
  ) {
    self.opened = opened
    self.output = output
    self.format = format
    let input = opened.path
    var options = options
    if isStrict {
      options.reviewLosses = { losses in
        guard losses.isEmpty else { throw StrictRefusal(input: input, losses: losses) }
      }
    }
    self.options = options
  }

  /// Writes the output.
  ///
  /// - Throws: ``StrictRefusal`` too, before anything is written.
  func write() throws -> (summary: SaveSummary, losses: [Loss]) {
    var losses = opened.losses(for: format)
    try options.reviewLosses?(losses)
    losses += try opened.checkpoint.roundingLosses(options.save)
    try options.reviewLosses?(losses)
    let summary = try opened.checkpoint.write(to: output, format: format, options: options)
    return (summary.save, losses + Self.unknown(summary.losses, beside: losses))
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
