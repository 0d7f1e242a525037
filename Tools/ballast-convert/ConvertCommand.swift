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
      The input's format is told by its content, the output's by its name. Nothing in the input is
      executed, whatever it asks for. The output takes its place only when it is whole.

      Examples:
        ballast-convert model.pth model.h5
        ballast-convert model.pth model.h5 --compress 4 --shuffle
        ballast-convert model.pth backbone.h5 --map '^module\\.=' --exclude '^fc\\.'
        ballast-convert weights.pth weights.h5 --like trained.h5 --dtype bfloat16
        ballast-convert weights.pth weights.h5 --model 'resnet18(num_classes=10)'

      Exit status: 0 converted; 64 wrong usage; 65 the input is damaged, refused, or not what it
      claims; 66 no such input; 73 the output exists or cannot be made; 74 reading or writing failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint to read.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String

  @Option(help: "The input's format, if its content does not tell: \(FileFormat.names).")
  var from: FileFormat?

  @Option(help: "The output's format, if its name does not tell: \(FileFormat.names).")
  var to: FileFormat?

  @Option(help: ArgumentHelp("Compress tensors with deflate, 1 to 9.", valueName: "level"))
  var compress: Int?

  @Flag(
    help: "With --compress: shuffle the bytes first, which shrinks floating-point weights more.")
  var shuffle = false

  @Option(help: "Convert the model's floating-point tensors to this type, such as bfloat16.")
  var dtype: DType?

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
    if let dtype, !dtype.isFloatingPoint || dtype == .float4E2M1FNx2 {
      throw ValidationError("--dtype takes a floating-point type, not \(dtype).")
    }
  }

  func perform(_ console: Console) throws -> ExitStatus {
    let format = try outputFormat()
    console.progress("Reading \(input)")
    var opened = try OpenedCheckpoint(input, format: from)
    try takeRoles(&opened)
    try transform(&opened)

    console.progress("Writing \(output)")
    var options = SaveOptions(
      compression: compress.map { SaveOptions.Compression(level: $0, shuffle: shuffle) })
    options.floatingPointType = dtype
    options.overwrite = overwrite ? .replace : .refuse
    let summary: SaveSummary
    switch format {
    case .ballast:
      summary = try CheckpointWriter.write(opened.checkpoint, to: output, options: options)
    case .pytorch, .safetensors:
      throw UsageError("\(format.displayName) files can be read, but not written yet")
    }
    let report = ConversionReport(opened, output: output, format: format, summary)
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

  private func transform(_ opened: inout OpenedCheckpoint) throws {
    let rules = try maps.map { try KeyRenaming($0) }
    let filter: KeyFilter
    do {
      filter = try KeyFilter(include: include, exclude: exclude)
    } catch {
      throw UsageError("a regular expression cannot be used: \(error)")
    }
    let count = opened.checkpoint.state.count
    opened.checkpoint = opened.checkpoint.filtered(filter)
    if opened.checkpoint.state.count < count {
      opened.notes.append("\((count - opened.checkpoint.state.count).of("tensor")) left out")
    }
    opened.checkpoint = try opened.checkpoint.renamed(rules)
    if let dtype {
      let narrowed = opened.checkpoint.state.entries.values.count {
        $0.array.dtype.isFloatingPoint && !$0.array.dtype.isLosslesslyConvertible(to: dtype)
      }
      if narrowed > 0 {
        opened.notes.append("\(narrowed.of("tensor")) rounded to \(dtype)")
      }
    }
  }
}

extension FileFormat: ExpressibleByArgument {
  /// The names of all formats, for help texts.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension DType: ExpressibleByArgument {}
