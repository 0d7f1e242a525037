import ArgumentParser
import Arrays
import Checkpoints
import Interchange
import Models
import States
import ToolSupport

/// Converts a checkpoint from one format to another.
@main
struct ConvertCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-convert",
    abstract: "Convert a checkpoint from one format to another.",
    discussion: """
      The input's format is told by its content, the output's by its name. Nothing in the input \
      is executed, whatever it asks for, and a damaged input is refused. The output takes its \
      place only when it is whole.

      Tensors are left out first, then renamed. A rule is split at its last '='; \\1 to \\9 in \
      the replacement stand for the groups of the expression.

      Examples:
        ballast-convert model.pth model.h5
        ballast-convert model.pth model.h5 --compress 4 --shuffle
        ballast-convert model.pth backbone.h5 --map '^module\\.=' --exclude '^fc\\.'
        ballast-convert weights.pth weights.h5 --like trained.h5 --dtype bfloat16
        ballast-convert weights.pth weights.h5 --model 'resnet18(num_classes=10)'

      Exit status: 0 converted; 64 wrong usage; 65 the input is damaged, refused, or not what \
      it claims; 66 no such input; 73 the output exists or cannot be made; 74 reading or writing \
      failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint to read.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String

  @Option(
    help: ArgumentHelp("The input's format, if its content does not tell.", valueName: "format"))
  var from: FileFormat?

  @Option(
    help: ArgumentHelp("The output's format, if its name does not tell.", valueName: "format"))
  var to: FileFormat?

  @Option(help: ArgumentHelp("Compress tensors with deflate, 1 to 9.", valueName: "level"))
  var compress: Int?

  @Flag(
    help: "With --compress: shuffle the bytes first, which shrinks floating-point weights more.")
  var shuffle = false

  @Option(
    help: ArgumentHelp(
      "Convert the model's floating-point tensors to this type.", valueName: "type"))
  var dtype: FloatingPointType?

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Rename keys: replace what matches. May be repeated.", valueName: "REGEX=REPLACEMENT"))
  var maps: [String] = []

  @Option(help: ArgumentHelp("Keep only keys that match. May be repeated.", valueName: "regex"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out keys that match. May be repeated.", valueName: "regex"))
  var exclude: [String] = []

  @Option(help: ArgumentHelp("Take the roles from another checkpoint.", valueName: "file"))
  var like: String?

  @Option(
    help: ArgumentHelp(
      "Take the roles from a fresh model, and describe it in the output.", valueName: "spec"))
  var model: String?

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Do not compare the input with its checksums; converts what a damaged file holds.")
  var noVerify = false

  @Flag(help: "Do not wait for the disk: faster, but a power cut may damage the output.")
  var noSync = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let compress, !(1...9).contains(compress) {
      throw ValidationError("--compress takes a level from 1 to 9, not \(compress).")
    }
    if shuffle && compress == nil {
      throw ValidationError("--shuffle only works with --compress.")
    }
    if like != nil && model != nil {
      throw ValidationError("--like and --model both tell the roles: give one of them.")
    }
  }

  func perform(_ console: Console) throws -> ExitStatus {
    let format = try outputFormat()
    let selection = try KeySelection(include: include, exclude: exclude, maps: maps)
    console.progress("Reading \(input)")
    var opened = try OpenedCheckpoint(
      input, format: from, reading: noVerify ? .unverified : .mapped)
    if !noVerify {
      let problems = try FileVerification(input, format: opened.format).problems
      if !problems.isEmpty { throw DamagedInput(problems: problems) }
    }
    try takeRoles(&opened)
    try selection.apply(to: &opened)
    noteRounding(&opened)

    console.progress("Writing \(output)")
    var options = ExportOptions()
    options.save.compression = compress.map { .init(level: $0, shuffle: shuffle) }
    options.save.floatingPointType = dtype?.dtype
    options.save.overwrite = overwrite ? .replace : .refuse
    options.save.isDurable = !noSync
    let summary = try opened.checkpoint.write(to: output, format: format, options: options)
    let report = ConversionReport(opened, output: output, format: format, summary.save)
    console.clearProgress()
    report.lines.forEach(console.print)
    console.report(report.value)
    return .success
  }

  private func outputFormat() throws -> FileFormat {
    guard let format = to ?? FileFormat(fileName: output) else {
      throw UsageError(
        "the name '\(output)' does not tell the format to write; give --to, one of "
          + FileFormat.names)
    }
    return format
  }

  private func takeRoles(_ opened: inout OpenedCheckpoint) throws {
    let reference: StateDict
    if let like {
      reference = try OpenedCheckpoint(like).checkpoint.state
    } else if let model {
      let description = try ModelSpec(model).description
      reference = try description.build().stateDict()
      opened.checkpoint.architecture = description.value
    } else {
      return
    }
    let unknown = opened.takeRoles(from: reference)
    if !unknown.isEmpty {
      opened.notes.append(
        "\(like ?? model ?? "") does not have \(unknown.count.of("key")) of the input")
    }
  }

  private func noteRounding(_ opened: inout OpenedCheckpoint) {
    guard let dtype = dtype?.dtype else { return }
    let narrowed = opened.checkpoint.state.entries.values.count {
      $0.array.dtype.isFloatingPoint && !$0.array.dtype.isLosslesslyConvertible(to: dtype)
    }
    if narrowed > 0 { opened.notes.append("\(narrowed.of("tensor")) rounded to \(dtype)") }
  }
}

/// The input does not match its own checksums.
private struct DamagedInput: Error, CustomStringConvertible {
  let problems: [any Error]

  var description: String {
    let first = problems.first.map { "\($0)" } ?? ""
    let others = problems.count > 1 ? "; and \((problems.count - 1).of("other part")) like it" : ""
    return "\(first)\(others). --no-verify converts what the file holds"
  }
}

extension FileFormat: ExpressibleByArgument {
  /// The names of all formats, for messages.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// A type to which tensors can be converted.
struct FloatingPointType: ExpressibleByArgument {
  let dtype: DType

  init?(argument: String) {
    guard Self.allValueStrings.contains(argument), let dtype = DType(rawValue: argument) else {
      return nil
    }
    self.dtype = dtype
  }

  static var allValueStrings: [String] {
    DType.allCases.filter { $0.isFloatingPoint && $0 != .float4E2M1FNx2 }.map(\.rawValue)
  }
}
