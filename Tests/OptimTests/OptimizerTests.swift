import Arrays
import Autograd
import Files
import NN
import Optim
import States
import Testing

/// An optimizer of the fixture.
struct OptimizerSample: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable ([ParameterGroup]) -> Optimizer

  init(_ name: String, _ make: @escaping @Sendable ([ParameterGroup]) -> Optimizer) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }

  static let all: [OptimizerSample] = [
    .init("Adamax") { Adamax(groups: $0) },
    .init("Adamax options") {
      Adamax(
        groups: $0, lr: 0.01, betas: (0.8, 0.95), eps: 1e-4, weightDecay: 0.1, maximize: true)
    },
    .init("NAdam") { NAdam(groups: $0) },
    .init("NAdam options") {
      NAdam(
        groups: $0, lr: 0.001, betas: (0.8, 0.95), eps: 1e-4, weightDecay: 0.1, momentumDecay: 0.01)
    },
    .init("NAdam decoupled") {
      NAdam(groups: $0, weightDecay: 0.1, decoupledWeightDecay: true, maximize: true)
    },
    .init("RAdam") { RAdam(groups: $0) },
    .init("RAdam options") {
      RAdam(
        groups: $0, lr: 0.02, betas: (0.8, 0.95), eps: 1e-4, weightDecay: 0.1, maximize: true)
    },
    .init("RAdam decoupled") {
      RAdam(groups: $0, weightDecay: 0.1, decoupledWeightDecay: true)
    },
    .init("RMSprop") { RMSprop(groups: $0) },
    .init("RMSprop options") {
      RMSprop(groups: $0, lr: 0.002, alpha: 0.9, eps: 1e-4, weightDecay: 0.1, momentum: 0.5)
    },
    .init("RMSprop centered") {
      RMSprop(groups: $0, lr: 0.002, momentum: 0.2, centered: true, maximize: true)
    },
    .init("RMSprop centered plain") { RMSprop(groups: $0, lr: 0.002, centered: true) },
    .init("Adagrad") { Adagrad(groups: $0) },
    .init("Adagrad options") {
      Adagrad(
        groups: $0, lr: 0.1, lrDecay: 0.01, weightDecay: 0.1, initialAccumulatorValue: 0.5,
        eps: 1e-4, maximize: true)
    },
    .init("Adadelta") { Adadelta(groups: $0) },
    .init("Adadelta options") {
      Adadelta(groups: $0, lr: 0.5, rho: 0.8, eps: 1e-4, weightDecay: 0.1, maximize: true)
    },
  ]

  /// The model of the script, with the second parameter frozen, and its optimizer of two groups.
  func training(dtype: DType) -> (model: Sequential, optimizer: Optimizer) {
    let model = Generator(seed: 42).use {
      Sequential(Linear(4, 3), Tanh(), Linear(3, 2, bias: false)).to(dtype)
    }
    let all = model.namedParameters()
    all[1].parameter.requiresGrad = false
    let groups = [
      ParameterGroup(Array(all[..<2])), ParameterGroup(Array(all[2...]), options: ["lr": 0.003]),
    ]
    return (model, make(groups))
  }
}

/// The optimizers besides SGD, Adam and AdamW against PyTorch's: steps, options and states.
@Suite struct OptimizerTests {
  private func train(_ model: Module, _ optimizer: Optimizer, _ steps: Int, dtype: DType) {
    let x = pattern([5, 4], 0, dtype: dtype)
    let y = pattern([5, 2], 1, dtype: dtype)
    for _ in 0..<steps {
      optimizer.zeroGrad()
      model(x).mseLoss(y).backward()
      optimizer.step()
    }
  }

  @Test(arguments: OptimizerSample.all) func parametersAndStateAfterManySteps(
    _ sample: OptimizerSample
  ) throws {
    let golden = try #require(Fixture.optimizers[sample.name])
    let (model, optimizer) = sample.training(dtype: .float64)
    let names = model.namedParameters().map(\.name)
    let initial = optimizer.stateDict().state
    #expect(
      initial.keys.map { names.firstIndex(of: $0) ?? -1 }.map(String.init)
        == golden["initial"]?.keys)
    train(model, optimizer, 120, dtype: .float64)
    for (name, parameter) in model.namedParameters() {
      let expected = try #require(golden["parameters"]?[name]).flat
      #expect(isClose(parameter.array.doubles, expected, 1e-11), "\(name)")
    }
    let state = optimizer.stateDict()
    #expect(state.type == String(sample.name.split(separator: " ")[0]))
    let states = try #require(golden["state"]?.dictionary)
    #expect(state.state.count == states.count)
    for (number, expected) in states {
      let slots = try #require(state.state[names[Int(number.text) ?? -1]])
      #expect(Array(slots.keys) == expected.keys)
      for (slot, value) in slots {
        let tensor = try #require(value.tensor)
        #expect(isClose(tensor.doubles, expected[slot]?.flat ?? [], 1e-11), "\(number) \(slot)")
        #expect(
          "\(tensor.dtype) \(tensor.shape.dimensions)"
            == golden["types"]?[number.text]?[slot]?.stringValue)
      }
    }
  }

  @Test(arguments: OptimizerSample.all) func groupsAreThoseOfPyTorch(
    _ sample: OptimizerSample
  ) throws {
    let golden = try #require(Fixture.optimizers[sample.name]?["groups"]?.elements)
    let optimizer = sample.training(dtype: .float32).optimizer
    for (group, expected) in zip(optimizer.groups, golden) {
      #expect(Array(group.options.keys) == expected.keys.filter { $0 != "params" })
      for (option, value) in group.options {
        let expected = try #require(expected[option])
        if let number = value.doubleValue {
          #expect(number == expected.doubleValue, "\(option)")
        } else {
          #expect(value.differences(from: expected, 0, at: option) == [])
        }
      }
      #expect(group.parameters.count == expected["params"]?.elements?.count)
    }
  }

  /// Options that only choose between PyTorch's implementations are data here.
  @Test(arguments: ["SGD", "Adam", "AdamW", "NAdam"])
  func optionsOfPyTorchAloneComeBackAsTheyWere(_ name: String) throws {
    func make() -> Optimizer {
      let groups = ["a", "b"].map { ParameterGroup([($0, Parameter(Tensor.ones([2])))]) }
      return switch name {
      case "SGD": SGD(groups: groups, lr: 0.1)
      case "Adam": Adam(groups: groups)
      case "AdamW": AdamW(groups: groups)
      default: NAdam(groups: groups)
      }
    }
    var saved = make().stateDict()
    let options: [(String, Value)] = [
      ("foreach", true), ("capturable", true), ("fused", false), ("differentiable", true),
      ("of_a_later_version", "kept"),
    ]
    for (option, value) in options { saved.groups[0].options[option] = value }
    let other = make()
    try other.loadStateDict(saved)
    let written = other.stateDict().groups
    #expect(written.count == 2)
    for (own, source) in zip(written, saved.groups) { #expect(own.options == source.options) }
  }

  // 31, 33
  @Test(arguments: OptimizerSample.all) func aLoadedRunGoesOnToTheBit(
    _ sample: OptimizerSample
  ) throws {
    let (whole, uninterrupted) = sample.training(dtype: .float32)
    train(whole, uninterrupted, 9, dtype: .float32)

    let (first, interrupted) = sample.training(dtype: .float32)
    train(first, interrupted, 6, dtype: .float32)
    let (second, resumed) = sample.training(dtype: .float32)
    try second.loadStateDict(first.stateDict())
    resumed.groups[0].lr = 99
    try resumed.loadStateDict(interrupted.stateDict())
    train(second, resumed, 3, dtype: .float32)
    for (a, b) in zip(whole.parameters(), second.parameters()) {
      #expect(a.array.isBitwiseEqual(to: b.array))
    }
    for (name, slots) in uninterrupted.stateDict().state {
      #expect(resumed.stateDict().state[name] == slots)
    }
  }

  // 31: older PyTorch wrote plain numbers.
  @Test func plainNumbersBecomeScalars() throws {
    let (model, optimizer) = OptimizerSample("NAdam") { NAdam(groups: $0) }
      .training(dtype: .float32)
    train(model, optimizer, 2, dtype: .float32)
    var state = optimizer.stateDict()
    state.state["2.weight"]?["step"] = 2
    state.state["2.weight"]?["mu_product"] = 0.25
    try optimizer.loadStateDict(state)
    let slots = try #require(optimizer.stateDict().state["2.weight"])
    #expect(slots["mu_product"]?.tensor?.doubles == [0.25])
    #expect(slots["mu_product"]?.tensor?.dtype == .float32)
    state.state["2.weight"]?["mu_product"] = .tensor(NDArray(zeros: [2]))
    #expect(throws: OptimizerStateError.self) { try optimizer.loadStateDict(state) }
  }

  // 31: options of a file are not believed to be what they are called.
  @Test func optionsOfAnotherKindAreRefused() throws {
    let (_, optimizer) = OptimizerSample("NAdam") { NAdam(groups: $0) }.training(dtype: .float32)
    let good = optimizer.stateDict()
    for (option, value) in [
      ("lr", "text"), ("lr", .none), ("lr", .tensor(NDArray(zeros: [2]))), ("betas", [0.9]),
      ("betas", 0.9), ("betas", ["a", "b"]), ("maximize", 3),
    ] as [(String, Value)] {
      var state = good
      state.groups[1].options[option] = value
      let error = #expect(throws: OptimizerStateError.self) { try optimizer.loadStateDict(state) }
      #expect(error?.description.contains("option \"\(option)\" of group 1") == true)
    }
    #expect(optimizer.groups[1].lr == 0.003)
    // PyTorch's learning rate may be a tensor, and betas a list.
    var state = good
    state.groups[0].options["lr"] = .tensor(NDArray(Float(0.5)))
    state.groups[0].options["betas"] = [0.5, 0.75]
    state.groups[0].options["foreach"] = true
    try optimizer.loadStateDict(state)
    #expect(optimizer.groups[0].lr == 0.5 && optimizer.groups[0].pair("betas") == (0.5, 0.75))
  }

  /// What an optimizer has under another name would be passed over.
  @Test func optionsThatAreNearlyKnownTrap() async throws {
    let inGroup = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let module = Linear(2, 2)
      _ = Adam(groups: [
        ParameterGroup(module.namedParameters(), options: ["weightDecay": 0.5])
      ])
    }
    let later = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let optimizer = SGD(Linear(2, 2).namedParameters(), lr: 0.1)
      optimizer.groups[0]["learning_rate"] = 0.5
    }
    for (result, text) in [
      (inGroup, #"Adam: "weightDecay" is no option of it; did you mean "weight_decay"?"#),
      (later, #"SGD: "learning_rate" is no option of it; did you mean "lr"?"#),
    ] {
      let errors = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(errors.contains(text), "\(errors)")
    }
    // What people keep for themselves is theirs, and what a file has is not its reader's mistake.
    let optimizer = SGD(
      groups: [
        ParameterGroup(
          Linear(2, 2).namedParameters(),
          options: [
            "name": "head", "lr_scale": 0.5, "tags": [], "weight_decay_end": 0.1, "lr0": 1,
            "lrs": [],
          ])
      ], lr: 0.1)
    var state = optimizer.stateDict()
    state.groups[0].options["momentums"] = 1
    try optimizer.loadStateDict(state)
    #expect(optimizer.groups[0]["momentums"]?.intValue == 1)
    #expect(optimizer.groups[0]["lr_scale"]?.doubleValue == 0.5)
  }

  /// Of another optimizer nothing is compared, so that the one reason is seen.
  @Test func aStateOfAnotherOptimizerIsRefusedForThat() throws {
    let module = Linear(2, 2)
    let saved = Adam(module.namedParameters())
    module.weight.grad = Tensor.ones([2, 2])
    saved.step()
    let error = #expect(throws: OptimizerStateError.self) {
      try SGD(module.namedParameters(), lr: 0.1).loadStateDict(saved.stateDict())
    }
    #expect(error?.reasons == ["the state is of Adam"])
    let groups = SGD(
      groups: module.namedParameters().map { ParameterGroup([$0]) }, lr: 0.1)
    let several = #expect(throws: OptimizerStateError.self) {
      try Adam(module.namedParameters()).loadStateDict(groups.stateDict())
    }
    #expect(
      several?.reasons == ["the state is of SGD", "the state has 2 groups, this optimizer 1"])
  }

  @Test func impossibleOptionsTrap() async {
    await #expect(processExitsWith: .failure) { _ = Adamax(groups: [], betas: (1, 0)) }
    await #expect(processExitsWith: .failure) { _ = NAdam(groups: [], momentumDecay: -1) }
    await #expect(processExitsWith: .failure) { _ = RAdam(groups: [], lr: -1) }
    await #expect(processExitsWith: .failure) { _ = RMSprop(groups: [], alpha: -1) }
    await #expect(processExitsWith: .failure) { _ = Adagrad(groups: [], lrDecay: -1) }
    await #expect(processExitsWith: .failure) { _ = Adadelta(groups: [], rho: 2) }
  }
}
