import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The optimizer of a recurrent model that Keras trained with Adam and decay.
@Suite(.needsPeers) struct KerasDecayTests {
  /// A variable of Keras's optimizer.
  private struct Variable: Decodable {
    let shape: [Int]
    let hex: String
  }

  private let folder: TemporaryFolder
  /// What Keras's optimizer holds, by the paths of its variables.
  private let variables: [String: Variable]

  init() throws {
    folder = try TemporaryFolder()
    let json = try Peers.run("keras_decay.py", [folder.path])
    variables = try JSONDecoder().decode([String: Variable].self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  private func optimizer(_ name: String) throws -> OptimizerState {
    try #require(OpenedCheckpoint(folder.file(name)).checkpoint.optimizer)
  }

  /// Keras never adds decay to the gradient, which is what PyTorch calls AdamW.
  @Test(arguments: ["decay.keras", "decay.h5"])
  func adamWithDecayIsPyTorchsAdamW(_ name: String) throws {
    let optimizer = try optimizer(name)
    #expect(optimizer.type == "AdamW")
    let options = try #require(optimizer.groups.first?.options)
    #expect(options["weight_decay"]?.doubleValue == 0.02)
    #expect(options["decoupled_weight_decay"]?.boolValue == true)
  }

  /// PyTorch's two biases have the gradient of Keras's one, and so its moments.
  @Test(arguments: ["decay.keras", "decay.h5"])
  func bothBiasesHaveTheMomentsOfTheOne(_ name: String) throws {
    let state = try optimizer(name).state
    for (keras, slot) in [("momentum", "exp_avg"), ("velocity", "exp_avg_sq")] {
      let expected = try #require(variables["adam/decay_cell_lstm_cell_bias_\(keras)"])
      for bias in ["bias_ih", "bias_hh"] {
        let key = try #require(state.keys.first { $0.contains(bias) })
        let moments = try #require(state[key]?[slot]?.tensor)
        #expect(moments.shape == Shape(expected.shape))
        #expect(hex(moments) == expected.hex, "\(key) \(slot)")
      }
    }
  }

  /// Keras has one count of steps.
  @Test func differentNumbersOfStepsAreNotWritten() throws {
    var checkpoint = try OpenedCheckpoint(folder.file("decay.keras")).checkpoint
    let same = try checkpoint.write(to: folder.file("same.keras"), format: .keras)
    #expect(!same.losses.contains { $0.kind == .optimizerDropped }, "\(same.losses)")
    let key = try #require(checkpoint.optimizer?.state.keys.last)
    let step = try #require(checkpoint.optimizer?.state[key]?["step"])
    checkpoint.optimizer?.state[key]?["step"] =
      step.tensor == nil ? 9 : .tensor(NDArray(Float(9)))
    let summary = try checkpoint.write(to: folder.file("other.keras"), format: .keras)
    #expect(
      summary.losses.contains {
        $0.kind == .optimizerDropped && $0.detail.contains("different numbers of steps")
      }, "\(summary.losses)")
  }
}
