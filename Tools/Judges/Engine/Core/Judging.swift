import Dispatch
import Foundation
import Synchronization

/// Judges the files of a folder, each in processes of its own.
struct Judging {
  let options: JudgeOptions
  private let rules: [VerdictRule]

  init(_ options: JudgeOptions) throws {
    self.options = options
    rules = try options.rules.map(VerdictRule.known) ?? []
  }

  /// A file of samples, and what is told of it.
  struct Judged: Sendable {
    let kind: String
    let name: String
    var verdicts: [Verdict]
  }

  /// Judges all, and prints what was found.
  ///
  /// - Returns: Whether something was judged, and nothing is wrong but what is known.
  func run() throws -> Bool {
    let files = try self.files()
    if let what = nothing(in: files) {
      print("NOTHING IS JUDGED: \(what).")
      return false
    }
    let results = Mutex<[Int: Judged]>([:])
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, options.jobs)) { _ in
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < files.count else { return }
        let file = files[place]
        let judged = Judged(kind: file.kind, name: file.name, verdicts: judge(file.path))
        results.withLock { $0[place] = judged }
      }
    }
    let judged = results.withLock { found in files.indices.compactMap { found[$0] } }
    let report = Report(judged, rules, isComplete: options.isComplete)
    print(report.summary)
    if let path = options.report {
      try report.full.write(toFile: path, atomically: true, encoding: .utf8)
    }
    return report.isAcceptable
  }

  private func files() throws -> [(kind: String, name: String, path: String)] {
    let manager = FileManager.default
    var found: [(kind: String, name: String, path: String)] = []
    for kind in try manager.contentsOfDirectory(atPath: options.folder).sorted() {
      let folder = "\(options.folder)/\(kind)"
      for file in ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      where file.hasSuffix(".safetensors") {
        let name = String(file.dropLast(".safetensors".count))
        let isWanted = options.words.isEmpty || options.words.contains { $0 == kind || $0 == name }
        if isWanted { found.append((kind, name, "\(folder)/\(file)")) }
      }
    }
    return found
  }

  /// Why there is nothing to judge, in all or of a word; nil if there is.
  private func nothing(in files: [(kind: String, name: String, path: String)]) -> String? {
    for word in options.words where !files.contains(where: { $0.kind == word || $0.name == word }) {
      return "no kind and no file of samples has the name \(word)"
    }
    return files.isEmpty ? "there are no files of samples in \(options.folder)" : nil
  }

  /// The verdicts on a file. What ends its process is told of the sample that was being judged, or was
  /// judged last: memory that it spoiled may be noticed later.
  private func judge(_ path: String) -> [Verdict] {
    var verdicts: [Verdict] = []
    var first = 0
    while true {
      let run = ChildRun(path, from: first, isStrided: options.isStrided)
      verdicts += run.verdicts
      if run.isWhole { return verdicts }
      guard let begun = run.begun else {
        verdicts.append(Verdict(first, "", .crashed, "", "before a sample: \(run.errors)"))
        return verdicts
      }
      let isJudged = verdicts.last?.number == begun.number
      // A trap has told its sentence as a verdict.
      if !isJudged || run.status != Child.trapStatus {
        var verdict = Verdict(
          begun.number, begun.group, .crashed, isJudged ? "after its verdict" : "")
        verdict.detail = "status \(run.status): \(run.errors)"
        verdict.name = begun.name
        if isJudged { verdicts.removeLast() }
        verdicts.append(verdict)
      }
      first = begun.number + 1
    }
  }
}

/// One process that judges a file from a sample on.
struct ChildRun {
  var verdicts: [Verdict] = []
  /// The last sample that was begun.
  var begun: (number: Int, name: String, group: String)?
  /// How it ended: its status, or the number of a signal below zero.
  var status: Int32 = 0
  /// What it said last.
  var errors = ""
  /// Whether it has judged all, and nothing went wrong after it.
  var isWhole: Bool { status == 0 && hasEnded }
  private var hasEnded = false

  init(_ path: String, from first: Int, isStrided: Bool) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["one", path, String(first)] + (isStrided ? ["--strided"] : [])
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    let (out, err) = (scratch.appendingPathExtension("out"), scratch.appendingPathExtension("err"))
    defer { for file in [out, err] { try? FileManager.default.removeItem(at: file) } }
    do {
      for file in [out, err] { try Data().write(to: file) }
      process.standardOutput = try FileHandle(forWritingTo: out)
      process.standardError = try FileHandle(forWritingTo: err)
      try process.run()
    } catch {
      status = -1
      errors = "\(error)"
      return
    }
    process.waitUntilExit()
    let ended = process.terminationStatus
    status = process.terminationReason == .exit ? ended : -ended
    let output = text(out)
    for line in output.split(separator: "\n") {
      if line == Child.end {
        hasEnded = true
      } else if line.hasPrefix(Child.mark) {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        if parts.count == 4, let number = Int(parts[1]) {
          begun = (number, String(parts[2]), String(parts[3]))
        }
      } else if let verdict = Verdict(line: line) {
        verdicts.append(verdict)
      }
    }
    guard status != 0, status != Child.trapStatus else { return }
    let lines = text(err).split(separator: "\n")
    let words = ["ERROR: ", "Fatal error", "runtime error"]
    let telling = lines.first { line in words.contains { line.contains($0) } }
    errors = String((telling ?? lines.first ?? "").prefix(200))
  }

  private func text(_ url: URL) -> String {
    String(decoding: (try? Data(contentsOf: url)) ?? Data(), as: UTF8.self)
  }
}
