import Files
import Foundation
import Synchronization

/// The process that judges one file. A mistake ends it; its parent starts another after the sample.
enum Child {
  /// How it ends after a trap, having told it.
  static let trapStatus: Int32 = 3
  /// What begins the line that says which sample comes next.
  static let mark = "@"
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
        let (name, group) = (file.name(of: sample), sample["group"]?.stringValue ?? "")
        current.withLock {
          $0 = Current(
            number: number, name: name, group: group, isRefused: sample["raises"] != nil)
        }
        write("\(mark)\t\(number)\t\(name)\t\(group)")
        alarm(patience)
        call = nil
        var verdict = judge(number, name, in: file)
        verdict.name = name
        write(verdict.line)
      }
    }
  }

  /// Judges one sample.
  private static func judge(_ number: Int, _ name: String, in file: SampleFile) -> Verdict {
    switch file.kind {
    case "operation":
      if let operation = OperationTable.all[name] {
        return OperationJudge(file: file, operation: operation).judge(number)
      }
    case "module":
      if let make = ModuleTable.all[name] {
        return ModuleJudge(file: file, make: make).judge(number)
      }
    case "optimizer":
      if let make = OptimizerTable.all[name] {
        return OptimizerJudge(file: file, make: make).judge(number)
      }
    case "scheduler":
      if let make = SchedulerTable.all[name] {
        return SchedulerJudge(file: file, make: make).judge(number)
      }
    case "seed": return SeedJudge(file: file).judge(number)
    default: break
    }
    let group = file.samples[number]["group"]?.stringValue ?? ""
    return Verdict(number, group, .notExpressible, "", "no \(file.kind) \(name) in the table")
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
