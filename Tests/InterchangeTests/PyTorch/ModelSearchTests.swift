import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Which part of a PyTorch file is the model, told by the structure of files that torch wrote.
@Suite(.needsPeers) struct ModelSearchTests {
  private let folder: TemporaryFolder
  private let files: [Made]

  /// A file that `make_roots.py` made, and what is in it.
  private struct Made: Decodable {
    struct Tensor: Decodable, Equatable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }

    let name: String
    let path: String
    /// The tensors of the model; nil if it is not clear which part is the model.
    let model: [String: Tensor]?
    /// What the note or the refusal must name.
    let root: String?
    let metadata: [String]
    let optimizer: Bool
    /// Whether what is written back is the same to the last entry.
    let exact: Bool
  }

  init() throws {
    folder = try TemporaryFolder()
    let output = try Peers.run("make_roots.py", [folder.path])
    files = try JSONDecoder().decode([Made].self, from: Data(output.utf8))
  }

  private func tensors(_ state: StateDict) -> [String: Made.Tensor] {
    .init(
      uniqueKeysWithValues: state.entries.map { key, entry in
        let hex = entry.array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
        return (
          key,
          .init(dtype: entry.array.dtype.rawValue, shape: Array(entry.array.shape), hex: hex)
        )
      })
  }

  @Test func theModelIsFoundByStructure() throws {
    #expect(files.count >= 40)
    for file in files {
      guard let model = file.model else { continue }
      do throws(CheckpointError) {
        let opened = try OpenedCheckpoint(file.path)
        let found = tensors(opened.checkpoint.state)
        #expect(found == model, "\(file.name): \(found.keys.sorted())")
        #expect(Array(opened.checkpoint.metadata.keys) == file.metadata, "\(file.name)")
        #expect((opened.checkpoint.optimizer != nil) == file.optimizer, "\(file.name)")
        if let root = file.root {
          #expect(
            opened.notes.contains { $0.contains("\"\(root)") }, "\(file.name): \(opened.notes)")
        }
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
  }

  /// All of it is read, and who needs one model is told which there are.
  @Test func whatIsNotClearIsToldWithWhatThereIs() throws {
    let unclear = files.filter { $0.model == nil }
    #expect(unclear.count >= 5)
    for file in unclear {
      let opened = try OpenedCheckpoint(file.path)
      #expect(opened.checkpoint.state.isEmpty, "\(file.name)")
      let error = opened.uncertainty
      let root = try #require(file.root)
      #expect(error?.code == .unsupported)
      #expect(error?.reason.contains("\"\(root)\" (") == true, "\(file.name): \(error as Any)")
      #expect(error?.advice?.contains("--root \(root)") == true, "\(file.name): \(error as Any)")
    }
  }

  /// Every entry is in its place again, with its key of its type, also by way of our own format.
  @Test func whatIsWrittenBackIsTheSameObject() throws {
    var pairs: [String] = []
    for (number, file) in files.enumerated() where file.model != nil {
      do {
        let opened = try OpenedCheckpoint(file.path)
        let kept = folder.file("\(number).h5")
        try opened.checkpoint.write(to: kept, format: .ballast)
        for (name, checkpoint) in [
          ("direct", opened.checkpoint), ("kept", try OpenedCheckpoint(kept).checkpoint),
        ] {
          let path = folder.file("\(number)-\(name).pth")
          let summary = try checkpoint.write(to: path, format: .pytorch)
          let again = try OpenedCheckpoint(path)
          #expect(tensors(again.checkpoint.state) == file.model, "\(file.name)")
          #expect(again.checkpoint.optimizer != nil || !file.optimizer, "\(file.name)")
          guard file.exact else { continue }
          #expect(summary.losses == [], "\(file.name)")
          pairs += [file.path, path]
        }
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
    let differences = try Peers.run("compare_pytorch.py", ["values"] + pairs)
    #expect(differences == "")
  }

  /// What no longer fits the place from which the model came is written beside it.
  @Test func whatDoesNotFitAnyMoreIsNotLost() throws {
    let file = try #require(files.first { $0.name == "arguments beside the state dict" })
    var checkpoint = try OpenedCheckpoint(file.path).checkpoint
    checkpoint.metadata["model"] = "mine"
    let path = folder.file("changed.pth")
    try checkpoint.write(to: path, format: .pytorch)
    let again = try OpenedCheckpoint(path).checkpoint
    #expect(tensors(again.state) == file.model)
    #expect(again.metadata["model"] == "mine")
  }
}
