import Checkpoints
import Interchange
import States
import ToolSupport

/// The check of one file against what it says of itself.
struct SingleFile {
  private let path: String
  private let options: ReadOptions

  init(_ path: String, _ options: ReadOptions) {
    self.path = path
    self.options = options
  }

  func verify(_ console: Console) throws -> ExitStatus {
    console.progress("Verifying \(path)")
    // The whole file is held against its checksums, and has to have the part that is asked for.
    if options.root != nil { _ = try OpenedCheckpoint(path, options: options) }
    let result = try Verification(path, options: options)
    console.clearProgress()
    let problems = result.problems.map { "\($0)" }
    if problems.isEmpty {
      console.print(
        "verified: \(path): \(result.tensorCount.of("tensor")), \(result.byteCount.byteCountText)")
    } else {
      console.alert("\(path) is damaged:")
      for problem in problems { console.alert("  \(problem)") }
    }
    for note in result.notes { console.print("  note: \(note)") }
    console.report([
      "file": .string(path), "verified": .bool(problems.isEmpty),
      "tensors": .int(result.tensorCount), "bytes": .int(result.byteCount),
      "problems": .list(problems.map { .string($0) }),
      "notes": .list(result.notes.map { .string($0) }),
    ])
    return problems.isEmpty ? .success : .checkFailed
  }
}
