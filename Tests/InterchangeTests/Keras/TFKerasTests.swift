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
          [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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

  /// All first moments stand before all second ones, and Keras 3 has them in turn: names tell.
  @Test func theOptimizersVariablesAreMatchedByName() throws {
    let opened = try OpenedCheckpoint(folder.file("image.h5"))
    let optimizer = try #require(opened.checkpoint.optimizer)
    let own = try OpenedCheckpoint(folder.file("image.h5"), format: .hdf5).checkpoint.state
    for (slot, name) in [("exp_avg", "m"), ("exp_avg_sq", "v")] {
      let array = try #require(optimizer.state["dense.weight"]?[slot]?.tensor)
      let key = try #require(own.keys.first { $0.hasSuffix("Adam.dense.kernel.\(name):0") })
      #expect(own[key].map { array.isBitwiseEqual(to: $0.transposed()) } == true)
    }
    #expect(opened.notes.contains { $0.contains("schedule") }, "\(opened.notes)")
  }

  @Test(arguments: ["image.h5", "only.h5", "sequence.h5"])
  func theWayBackGivesTheSameBits(_ name: String) throws {
    let opened = try OpenedCheckpoint(folder.file(name))
    try opened.checkpoint.write(to: folder.file("between.h5"), format: .ballast)
    let between = try OpenedCheckpoint(folder.file("between.h5")).checkpoint
    let summary = try between.write(to: folder.file("back.h5"), format: .kerasLegacy)
    #expect(summary.losses == [])
    let back = try OpenedCheckpoint(folder.file("back.h5")).checkpoint
    #expect(tensors(back.state) == tensors(opened.checkpoint.state))
  }

  /// Archives of Keras 2.12 to 2.15: metrics are nothing of the model, the optimizer is matched, and
  /// what is written back has all groups that TF-Keras opens.
  @Test func archivesOfTFKerasGoThereAndBack() throws {
    try Peers.run("tf_keras_archives.py", ["make", folder.path])
    let keys = [
      "conv2d.weight", "conv2d.bias", "dense.weight", "dense.bias", "head.out.weight",
      "head.out.bias",
    ]
    let whole = try OpenedCheckpoint(folder.file("model.keras"))
    #expect(Array(whole.checkpoint.state.keys) == keys)
    #expect(whole.losses == [])
    #expect(whole.checkpoint.optimizer?.type == "Adam")
    #expect(whole.checkpoint.optimizer?.state["head.out.weight"]?["exp_avg_sq"] != nil)
    let weights = try OpenedCheckpoint(folder.file("model.weights.h5"))
    #expect(weights.checkpoint.state.count == keys.count)
    #expect(weights.checkpoint.state.keys.allSatisfy { !$0.contains("metric") })
    for (opened, name) in [(whole, "keras"), (weights, "weights.h5")] {
      try opened.checkpoint.write(to: folder.file("between.\(name).h5"), format: .ballast)
      let between = try OpenedCheckpoint(folder.file("between.\(name).h5")).checkpoint
      let summary = try between.write(to: folder.file("back.\(name)"), format: opened.format)
      #expect(summary.losses == [])
    }
    let output = try Peers.run("tf_keras_archives.py", ["judge", folder.path])
    #expect(output.split(separator: "\n").count == 2)
    for line in output.split(separator: "\n") { #expect(line.hasPrefix("ok"), "\(line)") }
  }
}
