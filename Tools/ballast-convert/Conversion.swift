import Checkpoints
import Interchange
import States
import ToolSupport

/// The writing of the output, with all that was lost on the way to it.
struct Conversion {
  let opened: OpenedCheckpoint
  let output: String
  let format: FileFormat
  let options: WriteOptions
  /// Which losses are errors.
  let strictness: Strictness
  /// The check of the input against its checksums; nil if nobody wants it.
  let check: InputCheck?

  /// Writes the output.
  ///
  /// - Throws: ``StrictRefusal`` too, before anything is written.
  func write() throws -> (summary: WriteSummary, losses: [ConversionLoss]) {
    var losses = opened.result.losses(for: format)
    // Before tensors are read for their rounding: most refusals come at once.
    try review(losses)
    let plan = try opened.checkpoint.plan(to: output, format: format, options: options)
    losses += try opened.checkpoint.roundingLosses(options, checking: check)
    losses += plan.losses
    try review(losses)
    return (try plan.write(checking: check), losses)
  }

  private func review(_ losses: [ConversionLoss]) throws {
    let errors = losses.filter(strictness.refuses)
    guard errors.isEmpty else { throw StrictRefusal(input: opened.path, losses: errors) }
  }
}

/// Which losses are errors.
enum Strictness {
  /// None is.
  case none
  /// All but that a role was guessed: nothing that was in the input is lost by that.
  case losses
  /// A guessed role too.
  case roles

  fileprivate func refuses(_ loss: ConversionLoss) -> Bool {
    switch self {
    case .none: false
    case .losses: loss.kind != .roleGuessed
    case .roles: true
    }
  }
}

/// The conversion would lose something, and was asked not to.
private struct StrictRefusal: Error, CustomStringConvertible {
  let input: String
  let losses: [ConversionLoss]

  var description: String {
    let lines = LossReport(losses).lines
    let advice =
      losses.contains { $0.kind == .roleGuessed } ? "; --like or --model tells the roles" : ""
    return "\(input) cannot be converted without loss (--strict): "
      + lines.joined(separator: "; ") + advice
  }
}
