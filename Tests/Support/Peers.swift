import Foundation
import Testing

/// The programs that the tests compare with: PyTorch, h5py, safetensors, Keras and NumPy.
public enum Peers {
  /// The interpreter of the environment that has them; `Tools/test` makes it and sets the variable.
  public static let python = ProcessInfo.processInfo.environment["BALLAST_PEERS_PYTHON"]

  /// Runs a script in the folder `Peers` of the calling test's target.
  ///
  /// - Returns: What it printed.
  @discardableResult
  public static func run(
    _ script: String, _ arguments: [String], testFile: String = #filePath
  ) throws -> String {
    let folder = TestTarget.folder(of: testFile).appending(path: "Peers")
    let python = try #require(python)
    let command = try Command.run(python, [folder.appending(path: script).path] + arguments)
    try #require(command.status == 0, "\(script) failed: \(command.errors)")
    return command.output
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test out, saying so, where the Python peers are not installed.
  public static var needsPeers: Self {
    .enabled(
      if: Peers.python != nil, "BALLAST_PEERS_PYTHON is not set; Tools/test sets it")
  }
}
