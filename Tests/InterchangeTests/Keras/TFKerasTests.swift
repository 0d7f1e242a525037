import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files as the Keras of TensorFlow 2 wrote them, before Keras 3.
@Suite(.needsPeers) struct TFKerasTests {
  private struct Tensor: Decodable, Equatable {
    let shape: [Int]
    let hex: String
  }

  private let folder: TemporaryFolder
  private let expected: [String: [String: Tensor]]

  init() throws {
    folder = try TemporaryFolder()
    let json = try Peers.run("write_tf_keras.py", [folder.path])
    expected = try JSONDecoder().decode(
      [String: [String: Tensor]].self, from: Data(json.utf8))
  }

  private func tensors(_ state: StateDict) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: state.entries.map { key, entry in
        let hex = entry.array.withContiguousBytes { bytes in
          bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return (key, Tensor(shape: entry.array.shape.dimensions, hex: hex))
      })
  }

  @Test(arguments: ["image.h5", "only.h5", "sequence.h5"])
  func theTensorsArePyTorchs(_ name: String) throws {
    let path = folder.file(name)
    #expect(try FileFormat.detect(path) == .kerasLegacy)
    let opened = try OpenedCheckpoint(path)
    let found = tensors(opened.checkpoint.state)
    let wanted = try #require(expected[name])
    #expect(found.keys.sorted() == wanted.keys.sorted())
    for (key, tensor) in wanted { #expect(found[key] == tensor, "\(key)") }
    #expect(try Verification(path).problems.isEmpty)
  }

  @Test func buffersAreToldFromParameters() throws {
    let state = try OpenedCheckpoint(folder.file("image.h5")).checkpoint.state
    let buffers = state.entries.filter { $0.value.role == .buffer }.keys.sorted()
    #expect(
      buffers == [
        "inner.bn.num_batches_tracked", "inner.bn.running_mean", "inner.bn.running_var",
      ])
  }

  /// All first moments stand before all second ones, and Keras 3 has them in turn.
  @Test func theOptimizersVariablesAreNotTakenForThoseOfKeras3() throws {
    let opened = try OpenedCheckpoint(folder.file("image.h5"))
    #expect(opened.checkpoint.optimizer == nil)
    #expect(opened.notes.contains { $0.contains("the order of TF-Keras 2") }, "\(opened.notes)")
  }

  @Test(arguments: ["image.h5", "only.h5", "sequence.h5"])
  func theWayBackGivesTheSameBits(_ name: String) throws {
    let opened = try OpenedCheckpoint(folder.file(name))
    try opened.checkpoint.write(to: folder.file("between.h5"), format: .ballast)
    let between = try OpenedCheckpoint(folder.file("between.h5")).checkpoint
    let summary = try between.write(to: folder.file("back.h5"), format: .kerasLegacy)
    #expect(summary.losses.allSatisfy { $0.kind == .optimizerDropped })
    let back = try OpenedCheckpoint(folder.file("back.h5")).checkpoint
    #expect(tensors(back.state) == tensors(opened.checkpoint.state))
  }
}
