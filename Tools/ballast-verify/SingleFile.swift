import Arrays
import Checkpoints
import Interchange
import States
import ToolSupport

/// The check of one file against what it says of itself.
struct SingleFile {
  private let path: String

  init(_ path: String) { self.path = path }

  func verify(_ console: Console) throws -> ExitStatus {
    console.progress("Verifying \(path)")
    switch try FileFormat.detect(path) {
    case .ballast: return try verifyBallast(console)
    case .pytorch: return try verifyPyTorch(console)
    case .safetensors: return try verifySafetensors(console)
    }
  }

  private func verifyBallast(_ console: Console) throws -> ExitStatus {
    do {
      let result = try CheckpointFile(path).verify()
      console.clearProgress()
      return report(
        console, tensorCount: result.tensorCount, byteCount: result.byteCount,
        problems: result.problems.map(\.description),
        notes: result.unknownTensors.map { "\($0): nothing vouches for it; another tool added it" })
    } catch let error as CheckpointError where error.code == .damaged {
      console.clearProgress()
      return report(console, tensorCount: 0, byteCount: 0, problems: [error.description], notes: [])
    }
  }

  private func verifyPyTorch(_ console: Console) throws -> ExitStatus {
    do throws(InterchangeError) {
      let file = try PyTorchFile(path: path, access: .read)
      let checksums = try file.verifyChecksums()
      let state = try file.checkpoint().checkpoint.state
      console.clearProgress()
      let notes =
        checksums.without > 0
        ? ["\(checksums.without.of("part")) of the file without a checksum"] : []
      return report(
        console, tensorCount: state.count,
        byteCount: state.entries.values.reduce(0) { $0 + $1.array.byteCount }, problems: [],
        notes: notes)
    } catch {
      console.clearProgress()
      guard error.code == .damaged else { throw error }
      return report(console, tensorCount: 0, byteCount: 0, problems: [error.description], notes: [])
    }
  }

  /// The format has no digests: what can be held is that the header describes the file.
  private func verifySafetensors(_ console: Console) throws -> ExitStatus {
    do {
      let state = try OpenedCheckpoint(path).checkpoint.state
      console.clearProgress()
      return report(
        console, tensorCount: state.count,
        byteCount: state.entries.values.reduce(0) { $0 + $1.array.byteCount }, problems: [],
        notes: ["safetensors keeps no checksums; only the structure was verified"])
    } catch let error as InterchangeError {
      console.clearProgress()
      guard error.code == .damaged else { throw error }
      return report(console, tensorCount: 0, byteCount: 0, problems: [error.description], notes: [])
    }
  }

  private func report(
    _ console: Console, tensorCount: Int, byteCount: Int, problems: [String], notes: [String]
  ) -> ExitStatus {
    if problems.isEmpty {
      console.print("verified: \(path): \(tensorCount.of("tensor")), \(byteCount.byteCountText)")
    } else {
      console.print("\(path) is damaged:")
    }
    for problem in problems { console.print("  \(problem)") }
    for note in notes { console.print("  note: \(note)") }
    console.report([
      "file": .string(path), "verified": .bool(problems.isEmpty), "tensors": .int(tensorCount),
      "bytes": .int(byteCount), "problems": .list(problems.map { .string($0) }),
      "notes": .list(notes.map { .string($0) }),
    ])
    return problems.isEmpty ? .success : .checkFailed
  }
}
