import Arrays
import Autograd
import Files
import NN
import Optim
import States
import Testing

/// An optimizer of the fixture.
struct OptimizerSample: Sendable, CustomTestStringConvertible {
  typealias Parameters = [(name: String, parameter: Parameter)]
  let name: String
  let make: @Sendable (Parameters) -> Optimizer

  init(_ name: String, _ make: @escaping @Sendable (Parameters) -> Optimizer) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }

  static let all: [OptimizerSample] = [
    .init("SGD") { SGD($0, lr: 0.1) },
    .init("SGD momentum") { SGD($0, lr: 0.1, momentum: 0.9) },
    .init("SGD dampening") {
      SGD($0, lr: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 0.05)
    },
    .init("SGD nesterov") {
      SGD($0, lr: 0.1, momentum: 0.8, weightDecay: 0.01, nesterov: true)
    },
    .init("SGD maximize") { SGD($0, lr: 0.01, momentum: 0.5, maximize: true) },
    .init("Adam") { Adam($0, lr: 0.1) },
    .init("Adam options") {
      Adam($0, lr: 0.05, betas: (0.8, 0.95), eps: 1e-4, weightDecay: 0.1)
    },
    .init("Adam amsgrad") { Adam($0, lr: 0.05, betas: (0.8, 0.9), amsgrad: true) },
    .init("Adam maximize") { Adam($0, lr: 0.01, maximize: true) },
    .init("Adam decoupled") {
      Adam($0, lr: 0.05, weightDecay: 0.1, decoupledWeightDecay: true)
    },
    .init("AdamW") { AdamW($0, lr: 0.05) },
    .init("AdamW amsgrad") { AdamW($0, lr: 0.05, weightDecay: 0.2, amsgrad: true) },
    .init("Adam amsgrad maximize decay") {
      Adam($0, lr: 0.01, weightDecay: 0.1, amsgrad: true, maximize: true)
    },
    .init("SGD maximize decay") {
      SGD($0, lr: 0.01, momentum: 0.5, weightDecay: 0.1, maximize: true)
    },
  ]
}

/// SGD, Adam and AdamW against PyTorch's: steps, options, groups and states, matched by name.
@Suite struct OptimizerTests {
  private func train(_ module: Module, _ optimizer: Optimizer, _ steps: Int, dtype: DType) {
    let x = pattern([5, 4], 0, dtype: dtype)
    let y = pattern([5, 2], 1, dtype: dtype)
    for _ in 0..<steps {
      optimizer.zeroGrad()
      module(x).mseLoss(y).backward()
      optimizer.step()
    }
  }

  // 27, 30
  @Test(arguments: OptimizerSample.all) func parametersAndStateAfterSteps(
    _ sample: OptimizerSample
  ) throws {
    let golden = try #require(Fixture.optimizers[sample.name])
    let module = Generator(seed: 42).use { mlp() }.to(.float64)
    let optimizer = sample.make(module.namedParameters())
    train(module, optimizer, 12, dtype: .float64)
    for (name, parameter) in module.namedParameters() {
      let expected = try #require(golden.parameters[name])
      #expect(isClose(parameter.doubles, expected, 1e-12), "\(name)")
    }
    let state = optimizer.stateDict()
    #expect(state.type == String(sample.name.split(separator: " ")[0]))
    let names = try #require(state.groups.first).parameters
    #expect(names == ["fc1.weight", "fc1.bias", "fc2.weight"])
    #expect(state.state.count == golden.state.count)
    for (number, name) in names.enumerated() {
      guard let expected = golden.state["\(number)"] else { continue }
      let slots = try #require(state.state[name])
      #expect(Set(slots.keys) == Set(expected.keys))
      for (slot, values) in expected {
        let tensor = try #require(slots[slot]?.tensor)
        #expect(isClose(tensor.doubles, values, 1e-12), "\(name) \(slot)")
        if slot == "step" {
          #expect(tensor.shape == .scalar && "torch.\(tensor.dtype)" == golden.stepType)
        }
      }
    }
  }

  // 28, 30
  @Test(arguments: OptimizerSample.all) func optionsArePyTorchs(_ sample: OptimizerSample) throws {
    let golden = try #require(Fixture.optimizers[sample.name])
    let options = sample.make(mlp().namedParameters()).groups[0].options
    #expect(Array(options.keys) == golden.options.map { $0[0] })
    for option in golden.options {
      let value = try #require(options[option[0]])
      switch option[1] {
      case "None": #expect(value == .none)
      case "True": #expect(value == true)
      case "False": #expect(value == false)
      case let text where text.hasPrefix("("):
        let numbers = value.elements?.compactMap(\.doubleValue).map { "\($0)" } ?? []
        #expect("(" + numbers.joined(separator: ", ") + ")" == text)
      default: #expect(value.doubleValue == Double(option[1]))
      }
    }
  }

  // 28
  @Test func groupsHaveOptionsOfTheirOwn() {
    let module = mlp()
    let all = module.namedParameters()
    let optimizer = SGD(
      groups: [ParameterGroup([all[0]], options: ["lr": 1]), ParameterGroup([all[1]])], lr: 0)
    optimizer.addParamGroup(ParameterGroup([all[2]], options: ["lr": 0.5]))
    #expect(optimizer.groups.map(\.lr) == [1, 0, 0.5])
    for (_, parameter) in all { parameter.grad = Tensor.ones(parameter.shape) }
    let before = all.map { $0.parameter.doubles }
    optimizer.step()
    for (index, change) in [1, 0, 0.5].enumerated() {
      #expect(isClose(all[index].parameter.doubles, before[index].map { $0 - change }, 1e-6))
    }
    optimizer.groups[1].lr = 2
    optimizer.step()
    #expect(isClose(all[1].parameter.doubles, before[1].map { $0 - 2 }, 1e-6))
  }

  // 28
  @Test func aParameterInTwoGroupsTraps() async {
    await #expect(processExitsWith: .failure) {
      let all = mlp().namedParameters()
      _ = SGD(groups: [ParameterGroup(all), ParameterGroup([all[0]])])
    }
    await #expect(processExitsWith: .failure) {
      let all = mlp().namedParameters()
      SGD(all).addParamGroup(ParameterGroup([(name: "new", parameter: all[0].parameter)]))
    }
    await #expect(processExitsWith: .failure) {
      let all = mlp().namedParameters()
      _ = SGD([all[0], (name: all[0].name, parameter: all[1].parameter)])
    }
    await #expect(processExitsWith: .failure) { _ = Adam(groups: []) }
    await #expect(processExitsWith: .failure) {
      _ = SGD(mlp().namedParameters(), momentum: 0, nesterov: true)
    }
  }

  // 29
  @Test func frozenParametersHaveNoState() {
    let module = mlp()
    module.submodule("fc1")?.requiresGrad(false)
    let optimizer = Adam(module.namedParameters())
    let before = module.parameters()[0].doubles
    train(module, optimizer, 2, dtype: .float32)
    #expect(Array(optimizer.stateDict().state.keys) == ["fc2.weight"])
    #expect(optimizer.stateDict().groups[0].parameters.count == 3)
    #expect(module.parameters()[0].doubles == before)
    // It is unfrozen: its state begins now.
    module.requiresGrad()
    train(module, optimizer, 1, dtype: .float32)
    #expect(optimizer.stateDict().state["fc1.bias"]?["step"]?.tensor?.doubles == [1])
    #expect(optimizer.stateDict().state["fc2.weight"]?["step"]?.tensor?.doubles == [3])
    #expect(
      Array(optimizer.stateDict().state.keys) == ["fc1.weight", "fc1.bias", "fc2.weight"])
  }

  // 31, 33
  @Test(arguments: OptimizerSample.all) func aLoadedRunGoesOnToTheBit(
    _ sample: OptimizerSample
  ) throws {
    let whole = Generator(seed: 42).use { mlp() }
    let uninterrupted = sample.make(whole.namedParameters())
    train(whole, uninterrupted, 8, dtype: .float32)

    let first = Generator(seed: 42).use { mlp() }
    let interrupted = sample.make(first.namedParameters())
    train(first, interrupted, 5, dtype: .float32)
    let second = mlp()
    try second.loadStateDict(first.stateDict())
    let resumed = sample.make(second.namedParameters())
    resumed.groups[0].lr = 99
    try resumed.loadStateDict(interrupted.stateDict())
    train(second, resumed, 3, dtype: .float32)
    for (a, b) in zip(whole.parameters(), second.parameters()) {
      #expect(a.array.isBitwiseEqual(to: b.array))
    }
    #expect(resumed.groups[0].lr == interrupted.groups[0].lr)
  }

  // 31
  @Test func stateIsMatchedByNameWhateverTheOrder() throws {
    let a = Parameter(Tensor.zeros([2]))
    let b = Parameter(Tensor.zeros([2]))
    let forward = Adam([("a", a), ("b", b)])
    a.grad = Tensor([1, 1] as [Float])
    b.grad = Tensor([5, 5] as [Float])
    forward.step()
    let state = forward.stateDict()
    let reversed = Adam([("b", b), ("a", a)])
    try reversed.loadStateDict(state)
    #expect(
      reversed.stateDict().state["a"]?["exp_avg"]?.tensor?.doubles
        == state.state["a"]?["exp_avg"]?.tensor?.doubles)
    #expect(Array(reversed.stateDict().state.keys) == ["b", "a"])
  }

  // 31
  @Test func statesThatDoNotFitAreRefusedAndChangeNothing() throws {
    let module = mlp()
    let optimizer = Adam(module.namedParameters())
    train(module, optimizer, 1, dtype: .float32)
    let good = optimizer.stateDict()
    func expectRefused(_ change: (inout OptimizerState) -> Void, _ reason: String) throws {
      var state = good
      change(&state)
      let error = try #require(throws: OptimizerStateError.self) {
        try optimizer.loadStateDict(state)
      }
      #expect(error.description.contains(reason), "\(error)")
      #expect(optimizer.stateDict().state["fc1.bias"]?["step"]?.tensor?.doubles == [1])
    }
    try expectRefused({ $0.groups = [] }, "0 groups, this optimizer 1")
    try expectRefused({ $0.groups[0].parameters[0] = "other" }, "lacks [\"fc1.weight\"]")
    try expectRefused({ $0.groups[0].parameters.removeLast() }, "2 parameters")
    try expectRefused({ $0.state["other"] = [:] }, "not a parameter")
    try expectRefused({ $0.state["fc1.bias"]?["exp_avg"] = .tensor(NDArray(zeros: [7])) }, "(7,)")
    try expectRefused({ $0.state["fc1.bias"]?["exp_avg"] = "text" }, "is not a tensor")
    try expectRefused({ $0.state["fc1.bias"]?["square_avg"] = 3 }, "not known")
    try expectRefused({ $0.type = "SGD" }, "of SGD")
  }

  // 30, 31
  @Test func numberedStatesAreMatchedByOrder() throws {
    let module = mlp()
    let optimizer = Adam(module.namedParameters())
    train(module, optimizer, 3, dtype: .float32)
    let named = optimizer.stateDict()
    var numbered = OptimizerState(naming: .positions)
    numbered.groups = named.groups
    numbered.groups[0].parameters = ["0", "1", "2"]
    for (number, name) in named.groups[0].parameters.enumerated() {
      numbered.state["\(number)"] = named.state[name]
      // Older versions of PyTorch had a plain number.
      numbered.state["\(number)"]?["step"] = 3
    }
    let other = Adam(module.namedParameters())
    try other.loadStateDict(numbered)
    #expect(
      other.stateDict().state["fc2.weight"]?["exp_avg_sq"]?.tensor?.doubles
        == named.state["fc2.weight"]?["exp_avg_sq"]?.tensor?.doubles)
    #expect(other.stateDict().state["fc2.weight"]?["step"]?.tensor?.doubles == [3])
  }

  // 32
  @Test func buffersAreNeverInTheState() {
    let module = Sequential(Linear(4, 2), BatchNorm1d(2))
    let optimizer = Adam(module.namedParameters())
    train(module, optimizer, 1, dtype: .float32)
    #expect(
      optimizer.stateDict().groups[0].parameters == ["0.weight", "0.bias", "1.weight", "1.bias"])
    #expect(!optimizer.stateDict().state.keys.contains { $0.contains("running") })
  }

  // 10, 30
  @Test func statesAreSnapshots() {
    let module = mlp()
    let optimizer = Adam(module.namedParameters())
    train(module, optimizer, 1, dtype: .float32)
    let state = optimizer.stateDict()
    let before = state.state["fc1.weight"]?["exp_avg"]?.tensor?.doubles
    train(module, optimizer, 1, dtype: .float32)
    #expect(state.state["fc1.weight"]?["exp_avg"]?.tensor?.doubles == before)
    #expect(state.state["fc1.weight"]?["step"]?.tensor?.doubles == [1])
  }

  @Test func zeroGradForgetsGradients() {
    let module = mlp()
    let optimizer = SGD(module.namedParameters())
    module(pattern([5, 4], 0)).sum().backward()
    optimizer.zeroGrad()
    #expect(module.parameters().allSatisfy { $0.grad == nil })
  }
}
