import Autograd
import NN
import Optim
import States
import Testing

/// Searches of LBFGS along its directions against PyTorch's: see `Fixtures/make_searches.py`.
@Suite struct LineSearchTests {
  private static let losses: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "valley": { a, b in
      let (bend, rest) = (b - a * a, 1 - a)
      return (bend * bend * 100 + rest * rest).sum()
    },
    "quartic": { a, b in
      let (fourth, product) = ((a - 3).square().square(), a * b)
      return fourth.sum() + (product * product).sum() + (b * b).sum()
    },
    "kink": { a, b in (a - 0.3).abs().sum() + (b + 0.7).abs().sum() * 2 },
    "slide": { a, b in (-a).exp().sum() + (-b / 2).exp().sum() },
    "waves": { a, b in
      let apart = b - a
      return (a * 3).sin().sum() + (a * a).sum() / 4 + (apart * apart).sum()
    },
  ]

  @Test func stepsAndEvaluationsAreThoseOfPyTorch() throws {
    let samples = try #require(Fixture.searches.elements)
    #expect(samples.count == 20)
    for sample in samples {
      let name = try #require(sample["loss"]?.stringValue)
      let loss = try #require(Self.losses[name])
      let options = try #require(sample["options"])
      let a = Parameter(Tensor([-1.25, 0.5]).to(.float64))
      let b = Parameter(Tensor([1.5, -2]).to(.float64))
      let optimizer = LBFGS(
        [("a", a), ("b", b)], lr: options["lr"]?.doubleValue ?? 1,
        maxIter: options["max_iter"]?.intValue ?? 20, maxEval: options["max_eval"]?.intValue,
        historySize: options["history_size"]?.intValue ?? 100, lineSearchFn: .strongWolfe)
      var evaluations = 0
      for (number, step) in try #require(sample["steps"]?.elements).enumerated() {
        optimizer.step {
          evaluations += 1
          optimizer.zeroGrad()
          let value = loss(a, b)
          value.backward()
          return value
        }
        let place = "\(name) \(options) \(number)"
        #expect(evaluations == step["evaluations"]?.intValue, "\(place)")
        let values = a.array.doubles + b.array.doubles
        #expect(isClose(values, step["values"]?.flat ?? [], 1e-7), "\(place): \(values)")
      }
    }
  }

  @Test func theSearchIsAnOption() {
    let parameter = Parameter(Tensor.zeros([1]))
    let optimizer = LBFGS([("p", parameter)], lineSearchFn: .strongWolfe)
    #expect(optimizer.groups[0]["line_search_fn"] == .string("strong_wolfe"))
    #expect(LBFGS([("p", parameter)]).groups[0]["line_search_fn"] == Value.none)
  }
}
