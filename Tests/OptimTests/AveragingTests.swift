import Arrays
import Autograd
import NN
import Optim
import States
import Testing

/// A model that multiplies by a table from elsewhere, whose memory it shares.
private final class Tabled: Module {
  let table: Parameter

  init(_ table: Tensor) { self.table = Parameter(table) }

  override func forward(_ input: Tensor) -> Tensor { input.matmul(table.transposed(0, 1)) }
}

/// Averages of models against PyTorch's: see `Fixtures/make_averaging.py`.
@Suite struct AveragingTests {
  private func expect(
    _ found: StateDict, _ golden: Value?, _ place: String
  ) throws {
    #expect(Array(found.keys) == golden?.keys, "\(place)")
    for key in found.keys {
      let array = try #require(found[key])
      #expect(isClose(array.doubles, golden?[key]?.flat ?? [], 1e-5), "\(place): \(key)")
    }
  }

  /// The average has running statistics and modes of its own, and a call of it leaves the model, and the
  /// graph that it is part of, as they were.
  @Test(arguments: [nil, 0.3] as [Double?]) func averagesAreCopies(_ decay: Double?) throws {
    let golden = try #require(Fixture.averaging[decay == nil ? "mean" : "moving"])
    let (first, norm) = (Linear(3, 4), BatchNorm1d(4))
    let model = Sequential(first, BatchNorm1d(4), Linear(4, 4), norm, Linear(4, 2))
    noGrad {
      for (salt, parameter) in model.parameters().enumerated() {
        parameter.assign(pattern(parameter.shape, salt))
      }
    }
    norm.eval()
    let average = AveragedModel(model, decay: decay)
    for step in 0..<3 {
      let loss = model(pattern([5, 3], 10 + step)).square().mean()
      let output = average(pattern([5, 3], 20 + step))
      #expect(isClose(output.array.doubles, golden["output \(step)"]?.flat ?? [], 1e-5))
      loss.backward()
      noGrad {
        for parameter in model.parameters() {
          guard let gradient = parameter.grad else { continue }
          parameter.assign(parameter - gradient * 0.1)
        }
      }
      let gradient = try #require(first.weight.grad)
      #expect(isClose(gradient.array.doubles, golden["gradient \(step)"]?.flat ?? [], 1e-5))
      try expect(average.stateDict(), golden["average \(step)"], "average \(step)")
      try expect(model.stateDict(), golden["model \(step)"], "model \(step)")
      if step < 2 { average.updateParameters(model) }
    }
    average.eval()
    let evaluated = average(pattern([5, 3], 30))
    #expect(isClose(evaluated.array.doubles, golden["evaluated"]?.flat ?? [], 1e-5))
    #expect(model.modules().map { $0.isTraining ? 1.0 : 0.0 } == golden["modes"]?.flat)
    average.train()
    let trained = average(pattern([5, 3], 31))
    #expect(isClose(trained.array.doubles, golden["trained"]?.flat ?? [], 1e-5))
    try expect(average.stateDict(), golden["last"], "last")
  }

  /// Where PyTorch would record a gradient for the input, it is refused.
  @Test func inputsThatRequireGradientsAreRefused() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AveragedModel(Linear(2, 1))(Tensor([[1.0, 2]], requiresGrad: true))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("AveragedModel: no gradient flows through it"), "\(text)")
    let average = AveragedModel(Linear(2, 1))
    #expect(!noGrad { average(Tensor([[1.0, 2]], requiresGrad: true)) }.requiresGrad)
  }

  /// A call leaves no trace in the model: a graph can be walked, and memory that is shared stays so.
  @Test func aCallLeavesTheModelAsItIs() {
    let table = Tensor([[1.0, 2], [3, 4]])
    let held = Tabled(table)
    let result = held(Tensor.ones([1, 2]))
    _ = AveragedModel(held)(Tensor.ones([1, 2]))
    result.sum().backward()
    #expect([Float](held.table.grad?.flattened() ?? table) == [1, 1, 1, 1])
    noGrad { table.add_(1) }
    #expect([Float](held.table.flattened()) == [2, 3, 4, 5])
  }
}
