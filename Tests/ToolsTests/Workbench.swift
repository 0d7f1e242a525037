import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import States
import TestSupport
import Testing

/// A folder in which a test runs the tools, and what they are run on.
struct Workbench {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The checkpoint that PyTorch made for the samples.
  static let sample = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Samples/Data/convnet.pth").standardized.path

  /// A file of Keras among the fixtures of the formats.
  static func keras(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../InterchangeTests/Fixtures/keras/\(name)").standardized.path
  }

  /// Runs a tool in the folder.
  @discardableResult
  func run(_ tool: String, _ arguments: String...) throws -> Command {
    try Command.tool("ballast-\(tool)", arguments, in: folder.path)
  }

  /// Runs a tool in the folder through the shell, which sets `"$@"` to the tool and its arguments.
  func shell(_ script: String, _ tool: String, _ arguments: String...) throws -> Command {
    try Command.run(
      "/bin/sh", ["-c", script, "sh", Command.buildFolder + "/ballast-\(tool)"] + arguments,
      in: folder.path)
  }

  /// Converts the sample to `name` and gives the bytes of the result.
  @discardableResult
  func convertedSample(
    to name: String = "sample.h5", _ options: String...
  ) throws -> [UInt8] {
    let command = try Command.tool(
      "ballast-convert", [Self.sample, name, "--quiet"] + options, in: folder.path)
    try #require(command.status == 0, "\(command.errors)")
    return try folder.bytes(name)
  }

  /// Writes a checkpoint of these tensors, all of them parameters.
  func write(_ tensors: KeyValuePairs<String, NDArray>, to name: String) throws {
    var state = StateDict()
    for (key, array) in tensors { state.entries[key] = .init(array, role: .parameter) }
    try CheckpointWriter.write(Checkpoint(state: state), to: folder.file(name))
  }

  /// What is in a checkpoint of the folder.
  func read(_ name: String) throws -> Checkpoint {
    try CheckpointFile(folder.file(name)).read(.verified)
  }

  /// The names in the folder that are neither the output nor the input of a test.
  func litter(besides names: String...) -> [String] {
    folder.names.filter { !names.contains($0) }
  }
}

extension Command {
  /// The report of `--json`.
  func json() throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(value as? [String: Any])
  }
}

/// Expects that a tool refused, with one line on standard error that says why.
///
/// - Parameters:
///   - status: The exit status.
///   - words: What the line must say.
func expectRefusal(
  _ command: Command, _ status: Int32, _ words: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(command.status == status, "\(command.errors)", sourceLocation: sourceLocation)
  for word in words {
    #expect(command.errors.contains(word), "\(command.errors)", sourceLocation: sourceLocation)
  }
  #expect(command.errors.hasPrefix("ballast-"), sourceLocation: sourceLocation)
  #expect(
    command.errors.split(separator: "\n").count == 1, "\(command.errors)",
    sourceLocation: sourceLocation)
}
