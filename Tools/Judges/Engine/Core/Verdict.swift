/// What became of a sample.
enum Outcome: String, CaseIterable {
  case right
  /// Another answer than PyTorch's.
  case wrong
  /// Ended with a sentence where PyTorch answers.
  case trapped
  /// Ended without a sentence: a signal, or a report of a sanitizer.
  case crashed
  /// An answer where PyTorch refuses: the right one of what was asked, as far as one can tell.
  case accepted
  /// The interface has no words for it.
  case notExpressible = "not expressible"
  /// Right by a rule which says why it differs.
  case excused

  /// Whether it is a fault of the engine.
  var isFault: Bool { self == .wrong || self == .trapped || self == .crashed }
}

/// The judgement of one sample, as a line that a child process writes.
struct Verdict {
  var number: Int
  /// The operation or class.
  var name = ""
  var group: String
  var outcome: Outcome
  /// What of the sample: `values`, `gradients`, `seconds`, `state`, `text`.
  var part = ""
  /// The most tolerances that an element is away from what float64 gives, or from PyTorch's where that
  /// is not known; nil if it is no matter of distance.
  var distance: Double?
  var detail = ""

  var line: String {
    [
      String(number), name, group, outcome.rawValue, part, distance.map { "\($0)" } ?? "",
      Self.plain(detail),
    ].joined(separator: "\t")
  }

  init(
    _ number: Int, _ group: String, _ outcome: Outcome, _ part: String = "", _ detail: String = ""
  ) {
    self.number = number
    self.group = group
    self.outcome = outcome
    self.part = part
    self.detail = detail
  }

  init?(line: Substring) {
    let parts = line.split(separator: "\t", maxSplits: 6, omittingEmptySubsequences: false)
    guard parts.count == 7, let number = Int(parts[0]),
      let outcome = Outcome(rawValue: String(parts[3]))
    else { return nil }
    self.init(number, String(parts[2]), outcome, String(parts[4]), String(parts[6]))
    distance = Double(parts[5])
    name = String(parts[1])
  }

  private static func plain(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.prefix(300))
  }
}
