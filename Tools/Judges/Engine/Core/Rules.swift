import Foundation

/// A line of `excused.tsv` or `known.tsv`: which verdicts it is about, and why.
struct VerdictRule: Sendable {
  /// The operation or class; `*` for all, `name*` for all that begin so.
  let name: String
  /// Groups, with commas between them; `*` for all.
  let groups: [String]
  /// What of the sample: `values`, `gradients`, `trapped`, `crashed` and so on; `*` for all.
  let part: String
  /// A text that the verdict's detail holds; `*` for any.
  let words: String
  /// The most samples that it covers.
  let most: Int
  let reason: String

  init?(line: Substring) {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 6, let most = parts[4] == "*" ? Int.max : Int(parts[4]) else { return nil }
    name = parts[0]
    groups = parts[1].split(separator: ",").map(String.init)
    part = parts[2]
    words = parts[3]
    self.most = most
    reason = parts[5]
  }

  func covers(_ verdict: Verdict) -> Bool {
    let subject = verdict.name
    let isNamed =
      name == "*" || name == subject || (name.hasSuffix("*") && subject.hasPrefix(name.dropLast()))
    return isNamed && (groups == ["*"] || groups.contains(verdict.group))
      && (part == "*" || part == verdict.part || part == verdict.outcome.rawValue)
      && (words == "*" || verdict.detail.contains(words))
  }
}

/// The tables of what is excused and of what is known to differ.
struct Rules: Sendable {
  /// Right, though it differs.
  var excused: [VerdictRule] = []
  /// Known to differ, by rounding or because the other answer is chosen.
  var known: [VerdictRule] = []

  init(folder: String?) throws {
    guard let folder else { return }
    excused = try Self.rules("\(folder)/excused.tsv")
    known = try Self.rules("\(folder)/known.tsv")
  }

  private static func rules(_ path: String) throws -> [VerdictRule] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      guard let rule = VerdictRule(line: $0) else {
        throw NotExpressible("\(path): not six columns: \($0)")
      }
      return rule
    }
  }
}
