import ArgumentParser
import Arrays
import Checkpoints
import Interchange
import States
import ToolSupport

/// Checks a checkpoint against its digests, or checkpoints against each other.
@main
struct VerifyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-verify",
    abstract: "Check that a checkpoint is whole, or that checkpoints are the same to the bit.",
    discussion: """
      One file: its structure and the digest of every tensor. Two or more: the first against \
      each of the others, whatever their formats.

      Examples:
        ballast-verify model.h5
        ballast-verify model.pth model.h5
        ballast-verify model.h5 half.h5 --rtol 1e-2
        ballast-verify --round-trip model.pth

      Exit status: 0 all is well; 1 damage or a difference; 64 wrong usage; 65 a file is not \
      what it claims; 66 no such file; 74 reading failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoints.")
  var files: [String] = []

  @Option(
    name: .customLong("round-trip"),
    help: ArgumentHelp("Convert this file to HDF5 and back, and compare.", valueName: "file"))
  var roundTrip: String?

  @Option(help: "How far values may lie apart, relative to the second.")
  var rtol: Double?

  @Option(help: "How far values may lie apart, absolutely.")
  var atol: Double?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !files.isEmpty || roundTrip != nil else {
      throw ValidationError("Give a file to verify, or several to compare.")
    }
    guard files.isEmpty || roundTrip == nil else {
      throw ValidationError("--round-trip takes its one file itself.")
    }
    guard files.count > 1 || (rtol == nil && atol == nil) else {
      throw ValidationError("--rtol and --atol are for the comparison of several files.")
    }
    for tolerance in [rtol, atol].compactMap(\.self) where !(tolerance >= 0) {
      throw ValidationError("A tolerance is not negative.")
    }
  }

  func perform(_ console: Console) throws -> ExitStatus {
    if let roundTrip { return try RoundTrip(roundTrip).verify(console) }
    if files.count == 1 { return try SingleFile(files[0]).verify(console) }
    let tolerance =
      rtol == nil && atol == nil
      ? nil : CheckpointComparison.Tolerance(absolute: atol ?? 0, relative: rtol ?? 0)
    let first = try OpenedCheckpoint(files[0])
    var status = ExitStatus.success
    var reports: [Value] = []
    for path in files.dropFirst() {
      console.progress("Comparing \(files[0]) with \(path)")
      let comparison = try CheckpointComparison(
        first.checkpoint, OpenedCheckpoint(path).checkpoint, tolerance: tolerance)
      console.clearProgress()
      let report = ComparisonReport(files[0], path, comparison, tolerance)
      report.lines.forEach(comparison.differences.isEmpty ? console.print : console.alert)
      reports.append(report.value)
      if !comparison.differences.isEmpty { status = .checkFailed }
    }
    console.report(["comparisons": .list(reports), "verified": .bool(status == .success)])
    return status
  }
}
