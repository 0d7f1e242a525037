import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Objects beside the weights, as torch and Python pickle them: they never cost the weights.
@Suite(.needsPeers) struct ObjectTests {
  private let folder: TemporaryFolder
  private let files: [Made]

  /// A file that `make_objects.py` made.
  private struct Made: Decodable {
    struct Tensor: Decodable, Equatable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }

    let name: String
    let path: String
    let tensors: [String: Tensor]
    /// What the value that is kept must have in it.
    let kept: String
    /// What would have to be run; nil if the file can be read without.
    let wants: String?
  }

  init() throws {
    folder = try TemporaryFolder()
    let output = try Peers.run("make_objects.py", [folder.path])
    files = try JSONDecoder().decode([Made].self, from: Data(output.utf8))
  }

  private func tensors(_ checkpoint: Checkpoint) -> [String: Made.Tensor] {
    .init(
      uniqueKeysWithValues: checkpoint.state.entries.map { key, entry in
        let hex = entry.array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
        return (
          key, .init(dtype: entry.array.dtype.rawValue, shape: Array(entry.array.shape), hex: hex)
        )
      })
  }

  @Test func objectsBesideTheWeightsCostNothing() throws {
    let readable = files.filter { $0.wants == nil }
    #expect(readable.count >= 100)
    for file in readable {
      do throws(CheckpointError) {
        let opened = try OpenedCheckpoint(file.path)
        #expect(tensors(opened.checkpoint) == file.tensors, "\(file.name)")
        let value = opened.checkpoint.metadata["object"]
        if !file.tensors.isEmpty, !file.name.hasPrefix("a fused module,") {
          let text = value.map(Dump.text) ?? "nothing"
          #expect(
            value != nil && (file.kept.isEmpty || text.contains(file.kept)),
            "\(file.name): \(text.prefix(300))")
        }
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
  }

  /// What is kept goes into our own format and comes back the same, and into a file that torch loads.
  @Test func whatIsKeptTravels() throws {
    var written: [String] = []
    for (number, file) in files.enumerated() where file.wants == nil {
      do {
        let checkpoint = try OpenedCheckpoint(file.path).checkpoint
        let path = folder.file("\(number).h5")
        try checkpoint.write(to: path, format: .ballast)
        let again = try OpenedCheckpoint(path).checkpoint
        #expect(again.metadata == checkpoint.metadata, "\(file.name)")
        written.append(folder.file("\(number)-again.pth"))
        try again.write(to: written[written.count - 1], format: .pytorch)
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
    let count = try Peers.run("load_safely.py", written).split(separator: "\n").count
    #expect(count == written.count)
  }

  @Test func whatATensorHangsOnIsRefusedByItsName() throws {
    let refused = files.filter { $0.wants != nil }
    #expect(refused.count >= 10)
    for file in refused {
      let error = #expect(throws: CheckpointError.self, "\(file.name)") {
        try OpenedCheckpoint(file.path)
      }
      #expect(error?.code == .refused, "\(file.name): \(error as Any)")
      let name = try #require(file.wants)
      #expect(error?.reason.contains(name) == true, "\(file.name): \(error as Any)")
      #expect(error?.reason.contains("to be called") == true, "\(file.name): \(error as Any)")
    }
  }

  /// What could run a program is named and refused, unless the caller allows its name; and never run.
  @Test(arguments: [
    ("system", "posix.system"), ("eval", "__builtin__.eval"), ("named", "posix.system"),
    ("inner", "__class__"), ("getter", "__globals__"),
  ])
  func dangerousNamesAreRefusedUnlessAllowed(_ file: String, _ name: String) throws {
    let path = folder.file("dangerous-\(file).pth")
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(error?.code == .refused && error?.reason.contains(name) == true, "\(error as Any)")
    #expect(error?.advice?.contains("--allow-dangerous-names") == true)
    var options = ReadOptions()
    options.allowsDangerousNames = true
    let opened = try OpenedCheckpoint(path, options: options)
    #expect(opened.checkpoint.state.keys == ["weight", "bias"])
    let kept = Dump.text(try #require(opened.checkpoint.metadata["object"]))
    let last = name.split(separator: ".").last ?? ""
    #expect(kept.contains(last), "\(kept)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("OWNED")))
    guard name.contains(".") else { return }
    let facts = try OpenedCheckpoint.facts(of: path)
    #expect(facts["dangerous"] == .list([.string(name)]), "\(facts["dangerous"] as Any)")
  }
}
