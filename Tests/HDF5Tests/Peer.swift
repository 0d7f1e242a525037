import Foundation
import Testing

/// The Python interpreter with the peers that this library is tested against.
///
/// The project's test script makes a virtual environment and names its interpreter in
/// `BALLAST_PEERS_PYTHON`. Without it, tests against peers are skipped, and say so.
enum Peer {
  static let python = ProcessInfo.processInfo.environment["BALLAST_PEERS_PYTHON"]

  static let trait: any SuiteTrait & TestTrait = .enabled(
    if: python != nil, "BALLAST_PEERS_PYTHON does not name a Python interpreter with h5py")

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs one of the scripts in `Peers/` and gives what it printed.
  @discardableResult
  static func run(_ script: String, _ arguments: String...) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Peers")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(python))
    process.arguments = [folder.appendingPathComponent(script).path] + arguments
    process.environment = ["HDF5_USE_FILE_LOCKING": "FALSE", "PYTHONDONTWRITEBYTECODE": "1"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(script) exited with \(process.terminationStatus):\n\(text)")
    }
    return text
  }
}
