import Arrays
import Checkpoints
import Interchange
import Platform
import States
import ToolSupport

/// The conversion of a file to a format and back into memory, compared with the file.
struct RoundTrip {
  private let path: String
  private let readOptions: ReadOptions
  private let format: FileFormat
  private let kerasTemplate: String?

  init(
    _ path: String, _ options: ReadOptions, through format: FileFormat, kerasTemplate: String?
  ) {
    self.path = path
    readOptions = options
    self.format = format
    self.kerasTemplate = kerasTemplate
  }

  func verify(_ console: Console) throws -> ExitStatus {
    let source = try OpenedCheckpoint(path, access: .mapped, options: readOptions)
    let name = format.displayName
    console.progress("Writing \(path) as \(name)")
    // The copy is thrown away: it need not survive a power cut, and is nobody else's to read.
    var options = WriteOptions()
    options.isDurable = false
    if let kerasTemplate { options.keras.template = kerasTemplate }
    umask(0o077)
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let copy = "\(folder.path)/copy.\(format.endings.first ?? "h5")"
    let summary = try write(source.checkpoint, to: copy, options)
    console.progress("Reading it back")
    let damage = try Verification(copy, format: format).problems
    let opened = try OpenedCheckpoint(copy, format: format, access: .mapped)
    // Without names its files are gone when they are closed, however this ends.
    folder.remove()
    let comparison = try CheckpointComparison(
      source.checkpoint, withoutTemplate(opened.checkpoint, source.checkpoint),
      extent: .everything)
    console.clearProgress()

    let losses = summary.losses + opened.losses
    let unexplained = comparison.differences.filter { name, difference in
      !losses.contains { $0.explains(difference, of: name) }
    }
    let isSame = damage.isEmpty && unexplained.isEmpty
    // What was not read was not compared either.
    let report = LossReport(source.losses + losses)
    if isSame {
      let sameness = report.isEmpty ? "equal to the bit" : "equal but for what is told here"
      console.print(
        "verified: \(path) went to \(name) and back: \(comparison.comparedCount.of("tensor")), "
          + "\(comparison.comparedByteCount.byteCountText), \(sameness)")
    } else {
      console.alert("\(path) did not survive the way to \(name) and back:")
      for problem in damage { console.alert("  \(problem)") }
      for (name, difference) in unexplained { console.alert("  \(name): \(difference)") }
    }
    for line in report.lines { console.print("  \(line)") }
    console.report([
      "file": .string(path), "through": .string(format.id), "verified": .bool(isSame),
      "tensors": .int(comparison.comparedCount), "bytes": .int(comparison.comparedByteCount),
      "problems": .list(
        damage.map { .string("\($0)") }
          + unexplained.map { .string("\($0.name): \($0.difference)") }),
      "losses": report.value,
    ])
    return isSame ? .success : .checkFailed
  }

  /// Writes the copy. What it cannot hold is told of the file, not of a copy that nobody sees.
  private func write(
    _ checkpoint: Checkpoint, to copy: String, _ options: WriteOptions
  ) throws -> WriteSummary {
    do throws(CheckpointError) {
      return try checkpoint.write(to: copy, format: format, options: options)
    } catch {
      guard error.file == copy, error.cause == nil else { throw error }
      throw CheckpointError(
        error.code, file: path, place: error.place, reason: error.reason, advice: error.advice)
    }
  }

  /// What was read back, without what the template told of the model: the file did not have it.
  private func withoutTemplate(_ copy: Checkpoint, _ source: Checkpoint) -> Checkpoint {
    guard kerasTemplate != nil else { return copy }
    var copy = copy
    copy.metadata = copy.metadata.filter { source.metadata[$0.key] != nil }
    copy.state.moduleVersions = copy.state.moduleVersions.filter {
      source.state.moduleVersions[$0.key] != nil
    }
    if source.architecture == nil { copy.architecture = nil }
    return copy
  }
}
