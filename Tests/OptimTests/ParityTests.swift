import Arrays
import Autograd
import Files
import Foundation
import NN
import Optim
import States
import Testing

/// A training of `Fixtures/make_parity.py`.
struct ParitySample: Sendable, CustomTestStringConvertible {
  let model: String
  let optimizer: String
  let dtype: DType

  var testDescription: String { "\(model) \(optimizer) \(dtype)" }

  static let models = ["MLP", "ConvNet", "LSTM", "Transformer"]

  static let all = models.flatMap { model in
    ["SGD", "Adam", "AdamW"].flatMap { optimizer in
      [DType.float32, .float64].map { ParitySample(model: model, optimizer: optimizer, dtype: $0) }
    }
  }

  /// A model, and the shape of its input.
  static func makeModel(_ name: String) -> (model: Module, shape: Shape) {
    switch name {
    case "MLP":
      return (
        Sequential(Linear(6, 16), Tanh(), Linear(16, 16), GELU(), Linear(16, 4)), [12, 6]
      )
    case "ConvNet":
      let model = Sequential(
        Conv2d(1, 4, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(4), ReLU(), MaxPool2d(2),
        Conv2d(4, 6, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(6), ReLU(),
        AdaptiveAvgPool2d(1), Flatten(), Dropout(0.1), Linear(6, 4))
      return (model, [12, 1, 8, 8])
    case "LSTM": return (Recurrent(), [12, 6, 5])
    default: return (Attentive(), [12, 5, 8])
    }
  }

  func makeOptimizer(_ model: Module) -> Optimizer {
    let parameters = model.namedParameters()
    return switch optimizer {
    case "SGD": SGD(parameters, lr: 0.005, momentum: 0.9)
    case "Adam": Adam(parameters, lr: 0.003)
    default: AdamW(parameters, lr: 0.003, weightDecay: 0.1)
    }
  }
}

private final class Recurrent: Module {
  private let lstm = LSTM(5, 8, numLayers: 2, batchFirst: true, dropout: 0.1)
  private let head = Linear(8, 4)

  override func forward(_ x: Tensor) -> Tensor { head(lstm(x).select(1, -1)) }
}

private final class Attentive: Module {
  private let encoder: TransformerEncoder
  private let head: Linear

  override init() {
    var options = TransformerOptions()
    options.dimFeedforward = 16
    options.activation = .gelu
    options.batchFirst = true
    options.bias = false
    encoder = TransformerEncoder(TransformerEncoderLayer(8, 2, options), numLayers: 2)
    head = Linear(8, 4)
  }

  override func forward(_ x: Tensor) -> Tensor { head(encoder(x).mean([1])) }
}

/// Whole trainings from the same seed and data as in PyTorch.
@Suite struct ParityTests {
  /// What of a tensor is in the fixture.
  private func sample(_ array: NDArray) -> [Double] {
    let values = array.doubles
    return stride(from: 0, to: values.count, by: (values.count + 11) / 12).map { values[$0] }
  }

  /// FNV-1a over the bits of all floating-point elements of a state.
  private func fingerprint(_ state: StateDict) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for entry in state.entries.values where entry.array.dtype == .float32 {
      for element in entry.array.elements(as: Float.self) {
        hash = (hash ^ UInt64(element.bitPattern)) &* 0x100_0000_01B3
      }
    }
    return String(format: "%016lx", hash)
  }

  @Test(arguments: ParitySample.models) func modelsBeginAsInPyTorch(_ name: String) throws {
    let golden = try #require(Fixture.parity[name])
    let state = Generator(seed: 42).use { ParitySample.makeModel(name).model.stateDict() }
    let expected = try #require(golden["state"])
    #expect(Array(state.keys) == expected.keys)
    for (key, entry) in state.entries {
      #expect("\(entry.array.dtype)" == expected[key]?.elements?[0].stringValue, "\(key)")
      let lengths = entry.array.shape.dimensions.map(Double.init)
      #expect(lengths == expected[key]?.elements?[1].flat, "\(key)")
    }
    #expect(fingerprint(state) == golden["bits"]?.stringValue)
  }

  @Test(arguments: ParitySample.all) func trainingsGoAsInPyTorch(_ sample: ParitySample) throws {
    let golden = try #require(Fixture.parity[sample.testDescription])
    // Of the last state more, as differences add up over 100 steps.
    let (tolerance, stateTolerance) = sample.dtype == .float32 ? (1e-3, 2e-3) : (1e-9, 1e-8)
    try Generator(seed: 42).use {
      let (model, shape) = ParitySample.makeModel(sample.model)
      model.to(sample.dtype)
      let optimizer = sample.makeOptimizer(model)
      let x = pattern(shape, 0, dtype: sample.dtype)
      let y = Tensor(NDArray((0..<shape[0]).map { $0 * 7 % 4 }))
      for (step, expected) in try #require(golden["losses"]).flat.enumerated() {
        optimizer.zeroGrad()
        let loss = model(x).crossEntropy(y)
        loss.backward()
        optimizer.step()
        let own = loss.array.doubles[0]
        #expect(abs(own - expected) <= tolerance * abs(expected), "step \(step)")
      }

      let state = model.stateDict()
      #expect(Array(state.keys) == golden["model"]?.keys)
      for (key, entry) in state.entries {
        let expected = golden["model"]?[key]?.flat ?? []
        #expect(isClose(self.sample(entry.array), expected, stateTolerance), "\(key)")
      }
      let saved = optimizer.stateDict()
      let slots = try #require(golden["optimizer"]?.dictionary)
      #expect(saved.state.count == slots.count)
      for (own, expected) in zip(saved.state.values, slots.values) {
        #expect(Array(own.keys) == expected.keys)
        for (slot, value) in own {
          let array = try #require(value.tensor)
          let expected = try #require(expected[slot]?.elements)
          #expect("\(array.dtype)" == expected[0].stringValue)
          #expect(isClose(self.sample(array), expected[1].flat, stateTolerance), "\(slot)")
        }
      }
    }
  }
}
