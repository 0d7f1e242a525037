import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Parts of files that are read as if they were all of it.
@Suite(.needsPeers) struct RootTests {
  private let folder: TemporaryFolder
  private let parts: [Part]

  /// A part of a file that `make_parts.py` made, and what is in it.
  private struct Part: Decodable {
    struct Tensor: Decodable, Equatable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }

    let path: String
    let root: String
    let tensors: [String: Tensor]
    let metadata: [String]
    /// What the note about the rest must name.
    let outside: String
    let optimizer: Bool
  }

  init() throws {
    folder = try TemporaryFolder()
    let output = try Peers.run("make_parts.py", [folder.path])
    parts = try JSONDecoder().decode([Part].self, from: Data(output.utf8))
  }

  private func tensors(_ checkpoint: Checkpoint) -> [String: Part.Tensor] {
    .init(
      uniqueKeysWithValues: checkpoint.state.entries.map { key, entry in
        let hex = entry.array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
        return (
          key, .init(dtype: entry.array.dtype.rawValue, shape: Array(entry.array.shape), hex: hex)
        )
      })
  }

  @Test func aPartIsReadAsIfItWereAll() throws {
    #expect(parts.count >= 20)
    for part in parts {
      let name = "\(part.path.split(separator: "/").last ?? "") \(part.root)"
      do throws(CheckpointError) {
        let opened = try OpenedCheckpoint(part.path, options: ReadOptions(root: part.root))
        #expect(tensors(opened.checkpoint) == part.tensors, "\(name)")
        #expect(Array(opened.checkpoint.metadata.keys) == part.metadata, "\(name)")
        #expect((opened.checkpoint.optimizer != nil) == part.optimizer, "\(name)")
        #expect(opened.notes.contains { $0.contains(part.outside) }, "\(name): \(opened.notes)")
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
  }

  /// Also of a file of ours, where the other parts are values.
  @Test func aPartIsFoundAgainInOtherFormats() throws {
    let source = try #require(parts.first { $0.root == "discriminator" })
    let whole = try OpenedCheckpoint(
      source.path, options: ReadOptions(root: "run.1")
    ).checkpoint
    var checkpoint = try OpenedCheckpoint(
      source.path, options: ReadOptions(root: "discriminator")
    ).checkpoint
    checkpoint.metadata["twin"] = .dict(["weight": .tensor(try #require(whole.state["0.weight"]))])
    for format in [FileFormat.ballast, .safetensors, .numpy] {
      let path = folder.file("x.\(format.endings[0])")
      try checkpoint.write(to: path, format: format)
      let opened = try OpenedCheckpoint(path, options: ReadOptions(root: "twin"))
      #expect(opened.checkpoint.state.keys == ["weight"], "\(format)")
      #expect(opened.roleRules == ["weight": .default], "\(format)")
      let layer = try OpenedCheckpoint(path, options: ReadOptions(root: "0")).checkpoint
      #expect(Set(layer.state.keys) == ["weight", "bias"], "\(format)")
      // The check of the input is about all of the file.
      try opened.check().finish()
    }
  }

  @Test func whatThereIsNotIsRefusedWithWhatThereIs() throws {
    for name in ["gan.pth", "named.npz", "named.h5"] {
      let root = name == "gan.pth" ? "generatr" : "gg"
      let error = #expect(throws: CheckpointError.self) {
        try OpenedCheckpoint(folder.file(name), options: ReadOptions(root: root))
      }
      #expect(error?.reason.contains("no part \"\(root)\"") == true, "\(error as Any)")
      #expect(error?.advice?.contains("\"g") == true, "\(error as Any)")
    }
    let twice = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("twice.pth"), options: ReadOptions(root: "a.b.model"))
    }
    #expect(twice?.reason.contains("more than one way") == true)
    let text = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("gan.pth"), options: ReadOptions(root: "epoch"))
    }
    #expect(text?.description.contains("(epoch): it holds an integer") == true)
  }

  @Test func candidatesSayWhatThereIs() throws {
    let opened = try OpenedCheckpoint(folder.file("gan.pth"))
    let roots = Dictionary(uniqueKeysWithValues: opened.candidates.map { ($0.root, $0) })
    #expect(roots["module"]?.isTaken == true && roots["module"]?.tensorCount == 9)
    #expect(roots["ema"] == ModelCandidate(root: "ema", tensorCount: 1, isTaken: false))
    // One object has one name.
    #expect(roots["folds.1"]?.tensorCount == 4)
  }

  @Test func theModelAloneIsAPlainStateDict() throws {
    var opened = try OpenedCheckpoint(folder.file("gan.pth"))
    opened.keepModelOnly()
    #expect(opened.checkpoint.metadata.isEmpty && opened.checkpoint.optimizer == nil)
    #expect(opened.notes.contains { $0.hasPrefix("left behind: the optimizer") })
    let path = folder.file("model.pth")
    try opened.checkpoint.write(to: path, format: .pytorch)
    let lines = try Peers.run("show_pytorch.py", [path]).split(separator: "\n")
    #expect(lines.first == "OrderedDict" && lines.count == 10)
  }
}
