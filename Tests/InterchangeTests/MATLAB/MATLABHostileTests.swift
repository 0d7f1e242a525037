import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// MAT-files made to harm, and damaged ones: each is refused with one sentence, or read with what is wrong told.
@Suite(.needsPeers) struct MATLABHostileTests {
  private struct Made: Decodable {
    let name: String
    let path: String
    /// The sort of error; nil for what may be read as well.
    let error: String?
  }

  /// Much more than any takes, also where loops are slow, and much less than what has no bounds.
  private static let maximumTime = Duration.seconds(10)

  @Test(.timeLimit(.minutes(10))) func eachIsASentenceAndNoneACrash() throws {
    let folder = try TemporaryFolder()
    let files = try JSONDecoder().decode(
      [Made].self, from: Data(Peers.run("make_hostile_matlab.py", [folder.path]).utf8))
    #expect(files.count >= 195)
    for file in files {
      for access in [Access.mapped, .verified] {
        var error: CheckpointError?
        let time = ProcessorTime.measure { error = self.error(of: file, access) }
        #expect(time < Self.maximumTime, "\(file.name): \(time)")
        if let expected = file.error {
          #expect(
            error?.code.rawValue == expected, "\(file.name): \(error.map(\.description) ?? "")")
        }
        guard let error else { continue }
        #expect(error.file == file.path && !error.reason.isEmpty, "\(file.name): \(error)")
        #expect(!error.description.contains("\n"), "\(file.name)")
      }
      // Verifying never says of such a file that all is well and reading that it is not.
      let verification = try? Verification(file.path)
      if file.error == "damaged" { #expect(verification?.problems.isEmpty != true, "\(file.name)") }
    }
  }

  /// Why a file is not read; nil if it is, with every element looked at.
  private func error(of file: Made, _ access: Access) -> CheckpointError? {
    do throws(CheckpointError) {
      let opened = try OpenedCheckpoint(file.path, access: access)
      for (_, entry) in opened.checkpoint.state.entries where entry.array.byteCount < 1 << 20 {
        entry.array.withContiguousBytes { _ in }
      }
      return nil
    } catch {
      return error
    }
  }
}
