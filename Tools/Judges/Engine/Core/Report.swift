/// What was found, as text.
struct Report {
  private let judged: [Judging.Judged]
  private let rules: Rules
  /// How many faults each rule of the known covers, by its place.
  private var known: [Int: Int] = [:]
  /// Faults that no rule covers.
  private var unknown: [Verdict] = []
  private var excuses: [String: Int] = [:]

  init(_ judged: [Judging.Judged], _ rules: Rules) {
    self.rules = rules
    var judged = judged
    for file in judged.indices {
      for place in judged[file].verdicts.indices {
        let verdict = judged[file].verdicts[place]
        if verdict.outcome.isFault,
          let rule = rules.excused.first(where: { $0.covers(verdict) })
        {
          judged[file].verdicts[place].outcome = .excused
          judged[file].verdicts[place].detail = rule.reason
        }
      }
    }
    self.judged = judged
    for file in judged {
      for verdict in file.verdicts {
        if verdict.outcome == .excused { excuses[verdict.detail, default: 0] += 1 }
        guard verdict.outcome.isFault else { continue }
        if let rule = rules.known.firstIndex(where: { $0.covers(verdict) }),
          known[rule, default: 0] < rules.known[rule].most
        {
          known[rule, default: 0] += 1
        } else {
          unknown.append(verdict)
        }
      }
    }
  }

  /// Whether nothing is wrong but what is known.
  var isAcceptable: Bool { unknown.isEmpty }

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
    lines += faults + knownLines + excuseLines
    lines.append(
      isAcceptable
        ? "Nothing is wrong but what is known (\(known.values.reduce(0, +)) samples)."
        : "WRONG beyond what is known: \(unknown.count) samples.")
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
    let used = rules.known.indices.filter { known[$0] != nil }
    guard !used.isEmpty else { return [] }
    return ["Known to differ, by the reasons of known.tsv:"]
      + used.map {
        "  \(known[$0] ?? 0)\t\(rules.known[$0].name)\t\(rules.known[$0].reason)"
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
      file.verdicts.filter { $0.outcome != .right }.map { "\(file.kind)\t\($0.line)" }
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
