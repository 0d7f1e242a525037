import ArgumentParser
import Arrays
import Checkpoints
import States

/// What the four tools have in common: options, the report, and how they end.
public protocol ToolCommand: ParsableCommand {
  /// The options that every tool has.
  var common: CommonOptions { get }
  /// Does the work.
  ///
  /// - Returns: How the tool ends. Errors are thrown, and told on standard error.
  func perform(_ console: Console) throws -> ExitStatus
}

/// The options that every tool has.
public struct CommonOptions: ParsableArguments {
  /// Whether the report is JSON.
  @Flag(help: "Print the report as JSON on standard output.")
  public var json = false

  /// Whether nothing is said when all is well.
  @Flag(name: .shortAndLong, help: "Print nothing but errors, and the report if --json is given.")
  public var quiet = false

  /// The defaults.
  public init() {}
}

extension ToolCommand {
  /// Runs the tool and ends with its status.
  public func run() throws {
    let console = Console(json: common.json, quiet: common.quiet)
    var status = ExitStatus.success
    do {
      status = try perform(console)
      console.clearProgress()
    } catch {
      console.clearProgress()
      status = ExitStatus(error)
      Console.error("\(error)", tool: Self.configuration.commandName ?? "ballast")
      console.report([
        "error": .string("\(error)"), "status": .int(Int(status.rawValue)),
      ])
    }
    throw ExitCode(status.rawValue)
  }
}

/// The version of the tools.
public let toolVersion = CheckpointWriter.producer
