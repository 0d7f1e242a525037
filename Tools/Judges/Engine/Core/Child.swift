import Files
import Foundation
import Synchronization

/// The process that judges one file. A mistake ends it; its parent starts another after the sample.
enum Child {
  /// How it ends after a trap, having told it.
  static let trapStatus: Int32 = 3
  /// What begins the line that says which sample comes next.
  static let mark = "@"
  /// The line after the last verdict: without it the process ended before its time.
  static let end = "@end"
  /// How long a sample may take, in seconds.
  private static let patience: UInt32 = 300

  /// The sample that is being judged, for what its trap says.
  private struct Current {
    var number = 0
    var name = ""
    var group = ""
    var isRefused = false
  }
  private static let current = Mutex(Current())
  /// The call that is being judged. A trap that follows from leaving an argument out is no fault.
  nonisolated(unsafe) static var call: Call?

  /// Judges the samples of a file from one on, and writes a line for each.
  static func judge(_ path: String, from first: Int, isStrided: Bool) throws {
    let file = try SampleFile(path, isStrided: isStrided)
    TrapHandler.with({ message in trapped(message) }) {
      for number in file.samples.indices.dropFirst(first) {
        let sample = file.samples[number]
        let (name, group) = (file.name(of: sample), SampleFile.group(of: sample))
        current.withLock {
          $0 = Current(
            number: number, name: name, group: group, isRefused: sample["raises"] != nil)
        }
        write("\(mark)\t\(number)\t\(name)\t\(group)")
        alarm(patience)
        call = nil
        var verdict = verdict(number, name, in: file)
        verdict.name = name
        write(verdict.line)
      }
    }
    alarm(0)
    write(end)
  }

  /// The judge of a kind, or nil where its table has nothing of the name.
  private static func judge(of name: String, in file: SampleFile) -> (any SampleJudge)? {
    switch file.kind {
    case "operation":
      OperationTable.all[name].map { OperationJudge(file: file, name: name, operation: $0) }
    case "module": ModuleTable.all[name].map { ModuleJudge(file: file, name: name, make: $0) }
    case "optimizer": OptimizerTable.all[name].map { OptimizerJudge(file: file, make: $0) }
    case "scheduler": SchedulerTable.all[name].map { SchedulerJudge(file: file, make: $0) }
    case "seed": SeedJudge(file: file)
    default: nil
    }
  }

  /// Judges one sample.
  private static func verdict(_ number: Int, _ name: String, in file: SampleFile) -> Verdict {
    if let judge = judge(of: name, in: file) { return judge.verdict(on: number) }
    return Verdict(
      number, SampleFile.group(of: file.samples[number]), .notExpressible, "",
      "no \(file.kind) \(name) in the table")
  }

  private static func trapped(_ message: String) -> Never {
    let now = current.withLock { $0 }
    var verdict = Verdict(now.number, now.group, now.isRefused ? .right : .trapped, "", message)
    if !now.isRefused, let unread = call?.unread {
      verdict = Verdict(now.number, now.group, .notExpressible, "", unread)
    }
    verdict.name = now.name
    write(verdict.line)
    _exit(trapStatus)
  }

  private static func write(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
