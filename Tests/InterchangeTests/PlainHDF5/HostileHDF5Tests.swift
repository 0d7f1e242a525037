import Foundation
import TestSupport
import Testing

/// HDF5 files whose structure leads in circles, out of the file, or into far more than they hold.
@Suite(.needsPeers) struct HostileHDF5Tests {
  /// A file that the script made.
  private struct Made: Decodable {
    let name: String
    let path: String
    /// Whether it must be refused. What need not be has to be answered as quickly.
    let refused: Bool
  }

  /// What a command came to.
  private struct Measured: Decodable {
    let status: Int32
    let seconds: Double
    let kibibytes: Int
    let errors: String
  }

  /// Of the processor's time; builds without optimization take several times as long.
  #if DEBUG
    private static let patience = 10.0
  #else
    private static let patience = 2.0
  #endif
  private static let maximumKibibytes = 256 << 10

  /// The time is the processor's, and of each command; the limit, which counts what other tests take too, is
  /// only for what would never end.
  @Test(.timeLimit(.minutes(60))) func everyToolAnswersInLittleTimeAndMemory() throws {
    let folder = try TemporaryFolder()
    let files = try JSONDecoder().decode(
      [Made].self, from: Data(Peers.run("make_hostile_hdf5.py", [folder.path]).utf8))
    #expect(files.count >= 110)
    let output = folder.file("out.npz")
    let commands = files.flatMap { file in
      [
        ["ballast-verify", file.path], ["ballast-inspect", file.path],
        ["ballast-convert", file.path, output, "--overwrite", "--no-sync"],
      ]
    }
    let list = commands.map { ["\(Command.buildFolder)/\($0[0])"] + $0.dropFirst() }
    try folder.write(JSONEncoder().encode(list), to: "commands.json")
    let results = try JSONDecoder().decode(
      [Measured].self,
      from: Data(Peers.run("run_measured.py", [folder.file("commands.json")]).utf8))
    #expect(results.count == commands.count)
    for (number, (command, result)) in zip(commands, results).enumerated() {
      let file = files[number / 3]
      let told: Comment = "\(command[0]), \(file.name): \(result)"
      #expect([0, 1, 65].contains(result.status), told)
      // To inspect is to list: tensors that are never looked at are not refused.
      #expect(!file.refused || number % 3 == 1 || result.status != 0, told)
      #expect(result.seconds < Self.patience, told)
      #expect(result.kibibytes < Self.maximumKibibytes, told)
    }
  }
}
