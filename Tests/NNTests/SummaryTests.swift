import Arrays
import Autograd
import NN
import Testing

/// Summaries against the tables of torchinfo; see `Fixtures/make_summaries.py`.
@Suite struct SummaryTests {
  private func convNet() -> Sequential {
    Sequential(
      Conv2d(3, 64, kernelSize: 3, padding: 1), BatchNorm2d(64), ReLU(),
      Sequential(
        Conv2d(64, 96, kernelSize: 3, stride: 2, bias: false),
        Sequential(Conv2d(96, 8, kernelSize: 1), Sequential(Dropout(), ReLU()))),
      AdaptiveAvgPool2d(2), Flatten(), Linear(32, 1000))
  }

  @Test func tablesAreTorchinfos() {
    let golden = Fixture.summaries
    #expect(mlp().summary(inputShape: [16, 4]).description == golden["mlp"])
    #expect(convNet().summary(inputShape: [2, 3, 32, 32]).description == golden["conv net"])
    let frozen = mlp()
    frozen[0].requiresGrad(false)
    #expect(frozen.summary(inputShape: [1, 4]).description == golden["frozen"])
    let recurrent = Sequential(LSTM(3, 4, numLayers: 2))
    #expect(recurrent.summary(inputShape: [5, 2, 3]).description == golden["recurrent"])
    let bilinear = Bilinear(3, 4, 2)
    let summary = bilinear.summary(inputShapes: [[5, 3], [5, 4]]) { _ = bilinear($0[0], $0[1]) }
    #expect(summary.description == golden["Bilinear"])
  }

  @Test func everythingIsLeftAsItWas() {
    let model = convNet()
    model.train()
    model[1].eval()
    let before = model.stateDict()
    let x = pattern([2, 3, 8, 8], 0)
    // A graph that holds the running statistics can still be walked afterwards.
    let loss = model(x).sum()
    // Generators of their own: other tests draw from the common one meanwhile.
    let expected = Generator(seed: 7).use { Tensor.rand([4]).doubles }
    let drawn = Generator(seed: 7).use {
      _ = model.summary(inputShape: [2, 3, 8, 8])
      return Tensor.rand([4]).doubles
    }
    #expect(drawn == expected)
    #expect(model.isTraining && !model[1].isTraining && model[3].isTraining)
    let after = model.stateDict()
    for (key, entry) in before.entries {
      #expect(after[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
    loss.backward()
    #expect(model.parameters().allSatisfy { $0.grad != nil })
  }

  @Test func modelsWithoutStorageCanBeSummed() {
    let model = Device.with(.meta) { Sequential(Linear(4096, 4096), ReLU()) }
    let summary = model.summary(inputShape: [8, 4096])
    #expect(summary.totalParameters == 4096 * 4097)
    #expect(summary.layers.map(\.outputShape) == [[8, 4096], [8, 4096], [8, 4096]])
    #expect(model.parameters().allSatisfy { $0.device == .meta })
  }

  @Test func tiedAndUncalledPartsAreCountedOnce() {
    final class Tied: Module {
      let embedding = Embedding(10, 4)
      let spare = Linear(2, 2)
      let head: Linear

      override init() {
        head = Linear(4, 10, bias: false)
        super.init()
      }

      override func forward(_ input: Tensor) -> Tensor {
        head(embedding(input)) + head(embedding(input))
      }
    }
    let summary = Tied().summary(inputShape: [3, 5], dtype: .int64)
    #expect(summary.totalParameters == 40 + 6 + 40)
    #expect(summary.layers.map(\.path) == ["", "embedding", "spare", "head"])
    #expect(summary.layers.map(\.outputShape) == [[3, 5, 10], [3, 5, 4], nil, [3, 5, 10]])
    // Two calls of a product for each of fifteen rows.
    #expect(summary.multiplyAdds == 2 * 15 * 40)
  }
}
