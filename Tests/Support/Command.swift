import Foundation

/// A program that a test runs, and what came of it.
public struct Command: Sendable {
  /// The exit status; a signal's number, negative, if one ended it.
  public let status: Int32
  /// What it wrote to standard output.
  public let output: String
  /// What it wrote to standard error.
  public let errors: String

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - executable: Its path.
  ///   - arguments: What it is given.
  ///   - folder: Where it runs; here if nil.
  ///   - environment: Variables that are added to those of this process.
  public static func run(
    _ executable: String, _ arguments: [String], in folder: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Command {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files rather than pipes: a program that writes much cannot wait for us to read it.
    let scratch = try TemporaryFolder()
    let output = try scratch.emptyFile("output")
    let errors = try scratch.emptyFile("errors")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    let status = process.terminationStatus
    return Command(
      status: process.terminationReason == .exit ? status : -status,
      output: scratch.text(of: "output") ?? "", errors: scratch.text(of: "errors") ?? "")
  }

  /// The folder of the executables that were built with the tests.
  public static let buildFolder: String = {
    let test = URL(filePath: CommandLine.arguments[0])
    return test.deletingLastPathComponent().path
  }()

  /// Runs one of the tools.
  public static func tool(
    _ name: String, _ arguments: [String], in folder: String? = nil
  ) throws -> Command {
    try run("\(buildFolder)/\(name)", arguments, in: folder)
  }
}

extension TemporaryFolder {
  fileprivate func emptyFile(_ name: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(filePath: write([], to: name)))
  }
}
