import ArgumentParser
import Arrays
import Checkpoints
import Interchange
import KerasFiles
import States
import ToolSupport

/// Checks a checkpoint against its digests, or checkpoints against each other.
@main
struct VerifyCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-verify",
    abstract: "Check that a checkpoint is whole, or that checkpoints are the same to the bit.",
    usage: """
      ballast-verify <file> [<other> ...] [<options>]
      ballast-verify --round-trip <file> [--through <format>] [<options>]
      """,
    discussion: """
      One file: its structure and the digest of every tensor and value. Two or more: the first \
      against each of the others, whatever their formats, in everything: tensors wherever they \
      are, ties, the optimizer, metadata, the types of keys and containers. Every tensor that \
      differs is named, with how: values (by how much, and where), type, shape, another name or \
      the dimensions in another order. What cannot be compared is named too, and the files are \
      then not called the same. A damaged file is not compared.

      A manifest has a line for each tensor, its SHA-256 and its name: of the type and shape, as \
      in "float32[64,3]" and a line feed, and the values in row-major order, little-endian; and a \
      line for each value of the metadata and of the optimizer. It is the same for files of any \
      format that hold the same.

      Examples:
        ballast-verify model.h5
        ballast-verify model.pth model.h5
        ballast-verify model.h5 half.h5 --rtol 1e-2
        ballast-verify --round-trip model.pth --through safetensors
        ballast-verify training.pth averaged.h5 --root ema
        ballast-verify model.pth --manifest > model.sha256
        ballast-verify model.h5 --check-manifest model.sha256

      Exit status: 0 all is well; 1 damage, a difference, or something that cannot be compared; \
      64 wrong usage; 65 a file is not what it claims, or is damaged and was to be compared; \
      66 no such file; 74 reading failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoints.")
  var files: [String] = []

  @Option(
    name: .customLong("round-trip"),
    help: ArgumentHelp(
      "Convert this file to another format and back, and compare.", valueName: "file"))
  var roundTrip: String?

  @Option(help: ArgumentHelp("With --round-trip: the format in between.", valueName: "format"))
  var through: OutputFormat?

  @Option(
    name: .customLong("keras-template"),
    help: ArgumentHelp(
      "With --through keras: a Keras file of the same model, or its config as JSON.",
      valueName: "file"))
  var kerasTemplate: String?

  @Flag(help: "Print the SHA-256 of every tensor and value.")
  var manifest = false

  @Option(
    name: .customLong("check-manifest"),
    help: ArgumentHelp("Compare the file with what --manifest printed.", valueName: "manifest"))
  var checkManifest: String?

  @Option(
    name: .customLong("strip-prefix"), defaultAsFlag: KeyOptions.anyPrefix, parsing: .next,
    help: ArgumentHelp(
      "Take a prefix away from keys before they are compared: the one given, or a known one that "
        + "all keys have. Stands last if no prefix is given.",
      valueName: "prefix"))
  var stripPrefix: String?

  @Option(help: "How far values may lie apart, relative to the second.")
  var rtol: Double?

  @Option(help: "How far values may lie apart, absolutely.")
  var atol: Double?

  @OptionGroup var reading: ReadingOptions

  @Option(
    name: .customLong("other-root"),
    help: ArgumentHelp(
      "With several files: --root of all but the first, for which --root is.", valueName: "key"))
  var otherRoot: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !files.isEmpty || roundTrip != nil else {
      throw ValidationError("Give a file to verify, or several to compare.")
    }
    guard files.isEmpty || roundTrip == nil else {
      throw ValidationError("--round-trip takes its one file itself.")
    }
    guard through == nil || roundTrip != nil else {
      throw ValidationError("--through needs --round-trip.")
    }
    if kerasTemplate != nil {
      guard let through, through.format.understands(KerasOptions.self) else {
        throw ValidationError("--keras-template needs --through with a format of Keras.")
      }
    }
    if manifest || checkManifest != nil {
      guard files.count == 1, !(manifest && checkManifest != nil) else {
        throw ValidationError("Give one file with --manifest or --check-manifest.")
      }
    }
    guard stripPrefix == nil || files.count > 1 || manifest || checkManifest != nil else {
      throw ValidationError("--strip-prefix is for comparisons of several files and manifests.")
    }
    guard otherRoot == nil || files.count > 1 else {
      throw ValidationError("--other-root is for the comparison of several files.")
    }
    guard files.count > 1 || (rtol == nil && atol == nil) else {
      throw ValidationError("--rtol and --atol are for the comparison of several files.")
    }
    for tolerance in [rtol, atol].compactMap(\.self) where !(tolerance >= 0) {
      throw ValidationError("A tolerance is not negative.")
    }
  }

  func perform(_ console: Console) throws -> ExitStatus {
    if let roundTrip {
      return try RoundTrip(
        roundTrip, reading.readOptions, through: through?.format ?? .ballast,
        kerasTemplate: kerasTemplate
      ).verify(console)
    }
    if manifest { return try ManifestReport(open(files[0], root: reading.root)).print(console) }
    if let checkManifest {
      return try ManifestReport(open(files[0], root: reading.root)).check(
        against: checkManifest, console)
    }
    if files.count == 1 {
      return try SingleFile(files[0], reading.readOptions).verify(console)
    }
    let tolerance =
      rtol == nil && atol == nil
      ? nil : CheckpointComparison.Tolerance(absolute: atol ?? 0, relative: rtol ?? 0)
    let first = try open(files[0], root: reading.root)
    var status = ExitStatus.success
    var reports: [Value] = []
    for path in files.dropFirst() {
      console.progress("Comparing \(files[0]) with \(path)")
      let second = try open(path, root: otherRoot)
      let comparison = try CheckpointComparison(
        first.checkpoint, second.checkpoint, tolerance: tolerance, extent: .files)
      let report = try ComparisonReport(first, second, comparison, tolerance)
      console.clearProgress()
      report.lines.forEach(report.isSame ? console.print : console.alert)
      reports.append(report.value)
      if !report.isSame { status = .checkFailed }
    }
    console.report(["comparisons": .list(reports), "verified": .bool(status == .success)])
    return status
  }

  /// Opens a file, compares it with its own checksums, and takes the prefix away that is to go.
  ///
  /// - Throws: `DamagedInput` too: of what is damaged nobody can say whether it is the same.
  private func open(_ path: String, root: String?) throws -> OpenedCheckpoint {
    var options = try readOptions(path)
    options.root = root
    var opened = try OpenedCheckpoint(path, access: .mapped, options: options)
    try opened.check().finish()
    guard let stripPrefix else { return opened }
    let keys = opened.checkpoint.state.keys
    let prefix = stripPrefix == KeyOptions.anyPrefix ? KeyPrefix.common(to: keys) : stripPrefix
    // One of the files has it, and the other has not: that is what the option is for.
    guard let prefix, keys.contains(where: { $0.hasPrefix(prefix) }) else { return opened }
    opened.checkpoint = try KeyPrefix.stripping(prefix).apply(to: opened.checkpoint).checkpoint
    return opened
  }

  /// What is read of a path: of several, a variant is that of the folders among them.
  private func readOptions(_ path: String) throws -> ReadOptions {
    guard files.count > 1, reading.variant != nil else { return reading.readOptions }
    let folders = try files.filter { try FileProbe($0).isFolder }
    guard !folders.isEmpty else { throw UsageError("--variant is for folders, and none is given") }
    var options = reading.readOptions
    if !folders.contains(path) { options.variant = nil }
    return options
  }
}
