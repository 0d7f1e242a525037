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
    if options.root != nil { _ = try OpenedCheckpoint(path, access: .mapped, options: options) }
    let result = try Verification(path, options: options)
    let values = try result.tensorCount == 0 && result.problems.isEmpty ? otherContent() : nil
    console.clearProgress()
    let problems = result.problems.map { "\($0)" }
    let untold = (values?.untold).map { ["nothing of it could be verified; it holds \($0)"] } ?? []
    let isVerified = problems.isEmpty && values?.untold == nil
    if isVerified {
      let more = (values?.count).map { $0 == 0 ? "" : ", \($0.of("value"))" } ?? ""
      console.print(
        "verified: \(path): \(result.tensorCount.of("tensor")), \(result.byteCount.byteCountText)"
          + more)
    } else if problems.isEmpty {
      for reason in untold { console.alert("\(path): \(reason)") }
    } else {
      let isOnlyGone = result.problems.allSatisfy { $0.code == .missing }
      console.alert(
        isOnlyGone ? "\(path) is not whole:" : "\(path) is damaged:")
      for problem in problems { console.alert("  \(problem)") }
    }
    for note in result.notes { console.print("  note: \(note)") }
    console.report([
      "file": .string(path), "verified": .bool(isVerified),
      "tensors": .int(result.tensorCount), "bytes": .int(result.byteCount),
      "problems": .list(problems.map { .string($0) }),
      "notes": .list((result.notes + untold).map { .string($0) }),
    ])
    return isVerified ? .success : .checkFailed
  }

  /// What a file without tensors holds: the number of its values, or if nothing of it was understood,
  /// what that is.
  private func otherContent() throws -> (count: Int, untold: String?) {
    let opened = try OpenedCheckpoint(path, access: .mapped, options: options)
    let count = CheckpointContents(opened.checkpoint).userValueCount
    return (count, count == 0 ? opened.contentText : nil)
  }
}
