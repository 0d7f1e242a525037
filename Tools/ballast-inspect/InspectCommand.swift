import ArgumentParser
import Arrays
import Checkpoints
import Files
import Interchange
import States
import ToolSupport

/// Shows what is inside a checkpoint.
@main
struct InspectCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-inspect",
    abstract: "Show what is inside a checkpoint: tensors, optimizer, metadata.",
    usage: "ballast-inspect <file> [<options>]",
    discussion: """
      Examples:
        ballast-inspect model.h5
        ballast-inspect model.pth --stats
        ballast-inspect model.h5 --tensor conv1.weight
        ballast-inspect model.h5 --html report.html
        ballast-inspect model.pth --facts
        ballast-inspect checkpoint/ --ranks

      Exit status: 0 shown; 64 wrong usage; 65 the file is damaged, refused, or not what it \
      claims, or has no such tensor; 66 no such file; 73 the report exists or cannot be made; \
      74 reading or writing failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint.")
  var file: String

  @Flag(help: "Read every tensor and show minimum, maximum, mean, deviation and NaN count.")
  var stats = false

  @Option(help: ArgumentHelp("Show the values of one tensor.", valueName: "key"))
  var tensor: String?

  @Option(help: ArgumentHelp("Write a report for the browser.", valueName: "report"))
  var html: String?

  @Flag(help: "Replace the report of --html if it exists.")
  var overwrite = false

  @Flag(help: "List the classes and functions that a PyTorch file names. Nothing is run.")
  var globals = false

  @Flag(
    help: """
      Show how the file is made: the members of an archive, what a pickle names, the texts of \
      safetensors, who wrote it.
      """)
  var facts = false

  @Flag(
    help: "Show what each process wrote of a distributed checkpoint: pieces of tensors, and bytes.")
  var ranks = false

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if [tensor != nil, html != nil, globals, facts, ranks].count(where: \.self) > 1 {
      throw ValidationError("Give one of --tensor, --html, --globals, --facts and --ranks.")
    }
    if stats && (globals || facts || ranks) {
      throw ValidationError(
        "--stats reads tensors, which --globals, --facts and --ranks do not show.")
    }
    if overwrite && html == nil { throw ValidationError("--overwrite needs --html.") }
  }

  func perform(_ console: Console) throws -> ExitStatus {
    if globals { return try showGlobals(console) }
    if facts { return try showFacts(console) }
    if ranks { return try showRanks(console) }
    console.progress("Reading \(file)")
    let opened = try OpenedCheckpoint(file, access: .mapped, options: reading.readOptions)
    if let tensor { return try show(tensor, opened, console) }
    let inventory = try Inventory(opened, readsValues: stats)
    console.clearProgress()
    if let html {
      let page = Array(HTMLReport(inventory).text.utf8)
      let output = try ReplacementFile(html, overwrite: overwrite ? .replace : .refuse)
      try output.write(page, at: 0)
      try output.commit()
      console.print("report written to \(html)")
    } else {
      console.print(TreeReport(inventory).lines)
    }
    console.report(inventory.value)
    return .success
  }

  private func showGlobals(_ console: Console) throws -> ExitStatus {
    let facts = try OpenedCheckpoint.facts(of: file, options: reading.readOptions)
    guard let globals = facts["globals"]?.elements else {
      throw UsageError("--globals is for files with pickles, as PyTorch's; \(file) has none")
    }
    let names = globals.compactMap(\.stringValue)
    names.forEach(console.print)
    console.report(["file": .string(file), "globals": .list(names.map { .string($0) })])
    return .success
  }

  private func showRanks(_ console: Console) throws -> ExitStatus {
    let facts = try OpenedCheckpoint.facts(of: file, options: reading.readOptions)
    guard let ranks = facts["ranks"]?.elements else {
      throw UsageError(
        "--ranks is for distributed checkpoints, which several processes write; \(file) is none")
    }
    console.print(file)
    let counts = ["tensors", "pieces", "in_one_piece", "in_several_pieces", "objects"]
    for name in counts {
      if let fact = facts[name] { FactLines(name, fact).lines.forEach(console.print) }
    }
    FactLines("ranks", .list(ranks)).lines.forEach(console.print)
    console.report(["file": .string(file), "ranks": .list(ranks)])
    return .success
  }

  private func showFacts(_ console: Console) throws -> ExitStatus {
    let facts = try OpenedCheckpoint.facts(of: file, options: reading.readOptions)
    console.print(file)
    for (name, fact) in facts { FactLines(name, fact).lines.forEach(console.print) }
    console.report([
      "file": .string(file),
      "facts": .dict(.init(uniqueKeysWithValues: facts.map { (.string($0.key), $0.value) })),
    ])
    return .success
  }

  private func show(
    _ key: String, _ opened: OpenedCheckpoint, _ console: Console
  ) throws -> ExitStatus {
    guard let array = opened.checkpoint.state[key] else {
      let similar = KeySuggestion.closest(to: key, among: Array(opened.checkpoint.state.keys))
      throw CheckpointError(
        .unsupported, file: file, reason: "it has no tensor \"\(key)\"",
        advice: similar.map { "Did you mean \"\($0)\"?" }
          ?? "ballast-inspect without --tensor lists all.")
    }
    let statistics = try TensorStatistics(array)
    let digest = try Digest(array)
    let kind = Inventory.kind(opened.checkpoint.state.entries[key]?.role)
    let preview = try ValuePreview(array)
    try [array].checkMappedFiles()
    console.clearProgress()
    console.print(
      "\(key)  \(kind)  \(array.dtype)  \(array.shape)  \(array.byteCount.byteCountText)")
    console.print("  \(statistics.text)")
    console.print("  digest \(digest)")
    preview.lines.forEach { console.print("  \($0)") }
    let losses = LossReport(opened.losses.filter { $0.subject == key })
    losses.lines.forEach { console.print("  \($0)") }
    console.report([
      "file": .string(file), "key": .string(key), "kind": .string(kind),
      "dtype": .string(array.dtype.rawValue), "shape": .list(array.shape.map { .int($0) }),
      "statistics": statistics.value, "digest": .string(digest.description),
      "losses": losses.value,
    ])
    return .success
  }
}
