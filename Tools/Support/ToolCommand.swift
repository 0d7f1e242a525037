import ArgumentParser
import Arrays
import BallastFiles
import Checkpoints
import Files
import Platform
import States

/// What the four tools have in common: options, the report, and how they end.
public protocol ToolCommand: ParsableCommand {
  /// The options that every tool has.
  var common: CommonOptions { get }
  /// Does the work.
  ///
  /// - Returns: How the tool ends. Errors are thrown, and printed on standard error.
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
    let tool = Self.toolName
    var status = ExitStatus.success
    do {
      try ProcessSetup.prepare(tool)
      status = try perform(console)
      console.clearProgress()
    } catch {
      status = Self.report(error, console)
    }
    // Whoever reads the report must not take a part of it for the whole.
    if let failure = console.reportFailure {
      Console.error("\(failure)", tool: tool)
      if status == .success { status = ExitStatus(failure) }
    }
    // To throw success too would make the parser of arguments write a usage that nobody sees.
    if status != .success { throw ExitCode(status.rawValue) }
  }

  /// The tool's name, with which its messages begin.
  public static var toolName: String { configuration.commandName ?? "ballast" }

  /// Says what went wrong, on standard error and in the report for programs.
  ///
  /// - Returns: How the tool ends.
  public static func report(_ error: any Error, _ console: Console) -> ExitStatus {
    console.clearProgress()
    let status = ExitStatus(error)
    let text = sentence(error)
    Console.error(text, tool: toolName)
    console.report(["error": .string(text), "status": .int(Int(status.rawValue))])
    return status
  }

  /// What went wrong, and what to do about it where the error itself does not know.
  private static func sentence(_ error: any Error) -> String {
    let cause = error as? FileError ?? (error as? CheckpointError)?.cause
    guard let error = cause, error.operation == "create" else { return "\(error)" }
    switch error.errno {
    case EEXIST: return "\(error.path) exists already; --overwrite replaces it"
    case ENOENT: return "\(error); make the folder first"
    default: return "\(error)"
    }
  }
}

/// The version of the tools.
public let toolVersion = CheckpointWriter.producer
