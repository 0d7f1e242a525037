import Arrays
import Autograd
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

  static let all = ["MLP", "ConvNet"].flatMap { model in
    ["SGD", "Adam", "AdamW"].flatMap { optimizer in
      [DType.float32, .float64].map { ParitySample(model: model, optimizer: optimizer, dtype: $0) }
    }
  }

  /// The model, and the shape of its input.
  func makeModel() -> (model: Module, shape: Shape) {
    if model == "MLP" {
      return (
        Sequential(Linear(6, 16), Tanh(), Linear(16, 16), GELU(), Linear(16, 4)), [12, 6]
      )
    }
    return (
      Sequential(
        Conv2d(1, 4, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(4), ReLU(), MaxPool2d(2),
        Conv2d(4, 6, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(6), ReLU(),
        AdaptiveAvgPool2d(1), Flatten(), Dropout(0.1), Linear(6, 4)),
      [12, 1, 8, 8]
    )
  }

  func makeOptimizer(_ model: Module) -> Optimizer {
    let parameters = model.namedParameters()
    return switch optimizer {
    case "SGD": SGD(parameters, lr: 0.005, momentum: 0.9)
    case "Adam": Adam(parameters, lr: 0.003)
    default: AdamW(parameters, lr: 0.003, weightDecay: 0.05)
    }
  }
}

/// Whole trainings from the same seed and data as in PyTorch.
@Suite struct ParityTests {
  /// What of a tensor is in the fixture.
  private func sample(_ array: NDArray) -> [Double] {
    let values = array.doubles
    return values.count > 40 ? stride(from: 0, to: values.count, by: 7).map { values[$0] } : values
  }

  @Test(arguments: ParitySample.all) func trainingsGoAsInPyTorch(_ sample: ParitySample) throws {
    let golden = try #require(Fixture.parity[sample.testDescription])
    // Of the last state more, as differences add up over 100 steps.
    let (tolerance, stateTolerance) = sample.dtype == .float32 ? (1e-3, 2e-3) : (1e-9, 1e-8)
    try Generator(seed: 42).use {
      let (model, shape) = sample.makeModel()
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
