/// What was found, as text.
struct Report {
  private let judged: [Judging.Judged]
  private let rules: [VerdictRule]
  private let isComplete: Bool
  /// How many faults each rule of the known covers, by its place.
  private var known: [Int: Int] = [:]
  /// Faults that no rule covers.
  private var unknown: [Verdict] = []
  private var excuses: [String: Int] = [:]

  init(_ judged: [Judging.Judged], _ rules: [VerdictRule], isComplete: Bool) {
    (self.judged, self.rules, self.isComplete) = (judged, rules, isComplete)
    for verdict in judged.flatMap(\.verdicts) {
      if verdict.outcome == .excused { excuses[verdict.detail, default: 0] += 1 }
      guard verdict.outcome.isFault else { continue }
      let rule = rules.indices.first {
        rules[$0].covers(verdict) && known[$0, default: 0] < rules[$0].count
      }
      if let rule { known[rule, default: 0] += 1 } else { unknown.append(verdict) }
    }
  }

  /// Whether something was judged, nothing is wrong but what is known, and what is known is so.
  var isAcceptable: Bool { hasVerdicts && unknown.isEmpty && untrue.isEmpty }

  private var hasVerdicts: Bool { judged.contains { !$0.verdicts.isEmpty } }

  /// The rules that cover fewer samples than they say, if all were judged. Those that they cover beyond
  /// are not known.
  private var untrue: [Int] {
    isComplete ? rules.indices.filter { known[$0, default: 0] != rules[$0].count } : []
  }

  /// Counts, and the faults by name.
  var summary: String {
    var lines: [String] = []
    for kind in Set(judged.map(\.kind)).sorted() {
      let files = judged.filter { $0.kind == kind }
      let verdicts = files.flatMap(\.verdicts)
      let names = Set(verdicts.map(\.name)).count
      lines.append("\(kind): \(names) by name, \(verdicts.count) samples")
      lines.append(Self.row("group", ["samples"] + Outcome.allCases.map(\.rawValue)))
      for group in Set(verdicts.map(\.group)).sorted() + ["all"] {
        let part = verdicts.filter { group == "all" || $0.group == group }
        let counts = Outcome.allCases.map { outcome in part.count { $0.outcome == outcome } }
        lines.append(Self.row(group, ([part.count] + counts).map(String.init)))
      }
      lines.append("")
    }
    lines += faults + knownLines + untrueLines + excuseLines
    if !hasVerdicts { lines.append("NOTHING IS JUDGED: the files have no samples.") }
    if !unknown.isEmpty {
      lines.append("WRONG beyond what is known: \(unknown.count) samples.")
    }
    if !untrue.isEmpty { lines.append("KNOWN is what is not so: \(untrue.count) rules.") }
    if isAcceptable {
      lines.append("Nothing is wrong but what is known (\(known.values.reduce(0, +)) samples).")
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    pad(name, 12) + cells.map { String(repeating: " ", count: max(1, 15 - $0.count)) + $0 }.joined()
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Faults that are not known: the first of each operation, group and part.
  private var faults: [String] {
    var seen: [String: Int] = [:]
    var firsts: [(key: String, text: String)] = []
    for verdict in unknown {
      let key = "\(verdict.name)\t\(verdict.group)\t\(verdict.outcome.rawValue) \(verdict.part)"
      seen[key, default: 0] += 1
      if seen[key] == 1 { firsts.append((key, "sample \(verdict.number): \(verdict.detail)")) }
    }
    guard !firsts.isEmpty else { return [] }
    return ["Wrong, and not known:"]
      + firsts.map { "  \($0.key)\t\(seen[$0.key] ?? 0) times, first \($0.text)" } + [""]
  }

  private var knownLines: [String] {
    let used = rules.indices.filter { known[$0] != nil }
    guard !used.isEmpty else { return [] }
    return ["Known to differ, by the reasons of known.tsv:"]
      + used.map { "  \(known[$0] ?? 0)\t\(rules[$0].name)\t\(rules[$0].reason)" } + [""]
  }

  private var untrueLines: [String] {
    guard !untrue.isEmpty else { return [] }
    return ["Said by known.tsv of more samples than show it:"]
      + untrue.map {
        let rule = rules[$0]
        let subject = "\(rule.name)\t\(rule.groups.joined(separator: ","))\t\(rule.part)"
        return "  \(subject)\t\(known[$0] ?? 0), not \(rule.count)"
      } + [""]
  }

  private var excuseLines: [String] {
    guard !excuses.isEmpty else { return [] }
    return ["Excused:"]
      + excuses.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
        "  \($0.value)\t\($0.key)"
      }
      + [""]
  }

  /// A line for each sample that is not simply right, and what cannot be expressed by reasons.
  var full: String {
    var lines = judged.flatMap { file in
      file.verdicts.filter { $0.outcome != .right }.map { "\(file.kind)/\(file.name)\t\($0.line)" }
    }
    var reasons: [String: Int] = [:]
    for file in judged {
      for verdict in file.verdicts where verdict.outcome == .notExpressible {
        reasons["\(verdict.name)\t\(verdict.detail)", default: 0] += 1
      }
    }
    lines += reasons.sorted { $0.key < $1.key }.map { "not expressible\t\($0.key)\t\($0.value)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
