import Foundation

/// A line of `known.tsv`: which verdicts it is about, and why.
struct VerdictRule: Sendable {
  /// The operation or class; `*` for all, `name*` for all that begin so.
  let name: String
  /// Groups, with commas between them; `*` for all.
  let groups: [String]
  /// What of the sample: `values`, `gradients`, `trapped`, `crashed` and so on; `*` for all.
  let part: String
  /// A text that the verdict's detail holds; `*` for any.
  let words: String
  /// How many samples it covers.
  let count: Int
  /// The most tolerances that they are off, from float64 where that is known; nil where the difference
  /// is not one of distance, so that any is covered.
  let tolerances: Double?
  let reason: String

  init?(line: Substring) {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 7, let count = Int(parts[4]), count > 0 else { return nil }
    tolerances = Double(parts[5])
    guard tolerances != nil || parts[5] == "*" else { return nil }
    name = parts[0]
    groups = parts[1].split(separator: ",").map(String.init)
    part = parts[2]
    words = parts[3]
    self.count = count
    reason = parts[6]
  }

  func covers(_ verdict: Verdict) -> Bool {
    let subject = verdict.name
    let isNamed =
      name == "*" || name == subject || (name.hasSuffix("*") && subject.hasPrefix(name.dropLast()))
    return isNamed && (groups == ["*"] || groups.contains(verdict.group))
      && (part == "*" || part == verdict.part || part == verdict.outcome.rawValue)
      && (words == "*" || verdict.detail.contains(words))
      && (tolerances.map { ($0 >= verdict.distance ?? .infinity) } ?? true)
  }
}

extension VerdictRule {
  /// The rules of a folder's `known.tsv`: what is known to differ, by rounding or because the other answer
  /// is chosen.
  static func known(in folder: String) throws -> [VerdictRule] {
    let path = "\(folder)/known.tsv"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      guard let rule = VerdictRule(line: $0) else {
        throw NotExpressible("\(path): not seven columns as they should be: \($0)")
      }
      return rule
    }
  }
}
