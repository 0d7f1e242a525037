import Arrays
import Autograd
import Files
import NN
import Optim
import States
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A scheduler of the fixture.
struct SchedulerSample: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable (Optimizer) -> Scheduler

  init(_ name: String, _ make: @escaping @Sendable (Optimizer) -> Scheduler) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }

  /// The two groups of the script.
  func optimizer() -> Optimizer {
    let groups = [
      ParameterGroup([("a", Parameter(NDArray(zeros: [1])))]),
      ParameterGroup([("b", Parameter(NDArray(zeros: [1])))], options: ["lr": 0.5]),
    ]
    return name.hasSuffix("Adam")
      ? Adam(groups: groups, lr: 0.1) : SGD(groups: groups, lr: 0.1, momentum: 0.9)
  }

  /// Goes on by a step, with the measurement of the script.
  func step(_ scheduler: Scheduler, _ step: Int) {
    if let scheduler = scheduler as? ReduceLROnPlateau {
      scheduler.step(2 / Double(1 + step % 70) + sin(Double(step)) / 4)
    } else if let scheduler = scheduler as? LRScheduler, !(name.hasPrefix("One") && step == 299) {
      scheduler.step()
    }
  }

  static let all: [SchedulerSample] = [
    .init("StepLR") { StepLR($0, stepSize: 30) },
    .init("MultiStepLR") { MultiStepLR($0, milestones: [20, 50, 50, 170], gamma: 0.3) },
    .init("ExponentialLR") { ExponentialLR($0, gamma: 0.98) },
    .init("ConstantLR") { ConstantLR($0, factor: 0.25, totalIters: 60) },
    .init("LinearLR") { LinearLR($0, startFactor: 0.1, endFactor: 0.8, totalIters: 80) },
    .init("PolynomialLR") { PolynomialLR($0, totalIters: 150, power: 1.7) },
    .init("CosineAnnealingLR") { CosineAnnealingLR($0, tMax: 50, etaMin: 0.001) },
    .init("CosineAnnealingWarmRestarts") {
      CosineAnnealingWarmRestarts($0, t0: 20, tMult: 2, etaMin: 0.01)
    },
    .init("CosineAnnealingWarmRestarts equal") { CosineAnnealingWarmRestarts($0, t0: 33) },
    .init("LambdaLR") { LambdaLR($0, [{ pow(0.95, Double($0)) }, { 1 / Double($0 + 1) }]) },
    .init("OneCycleLR") { OneCycleLR($0, maxLR: [1, 0.3], totalSteps: 300) },
    .init("OneCycleLR Adam") {
      OneCycleLR($0, maxLR: [0.2], totalSteps: 400, baseMomentum: [0.8, 0.7])
    },
    .init("OneCycleLR options") {
      OneCycleLR(
        $0, maxLR: [0.2], totalSteps: 300, pctStart: 0.2, annealStrategy: .linear,
        maxMomentum: [0.9], divFactor: 10, finalDivFactor: 100, threePhase: true)
    },
    .init("OneCycleLR plain") {
      OneCycleLR($0, maxLR: [0.2], totalSteps: 300, cycleMomentum: false)
    },
    .init("ReduceLROnPlateau") { ReduceLROnPlateau($0) },
    .init("ReduceLROnPlateau options") {
      ReduceLROnPlateau(
        $0, mode: .max, factor: 0.5, patience: 3, threshold: 0.01, thresholdMode: .abs,
        cooldown: 2, minLR: [0.01, 0.002], eps: 1e-6)
    },
    .init("ReduceLROnPlateau max") {
      ReduceLROnPlateau(
        $0, mode: .max, factor: 0.7, patience: 5, threshold: 0.02, minLR: [1e-3])
    },
    .init("ReduceLROnPlateau abs") {
      ReduceLROnPlateau($0, factor: 0.7, patience: 5, threshold: 0.02, thresholdMode: .abs)
    },
    .init("SequentialLR") {
      SequentialLR(
        $0,
        schedulers: [
          LinearLR($0, startFactor: 0.1, totalIters: 10), StepLR($0, stepSize: 7, gamma: 0.5),
          CosineAnnealingLR($0, tMax: 20, etaMin: 0.01),
          CosineAnnealingWarmRestarts($0, t0: 5, tMult: 2),
          PolynomialLR($0, totalIters: 30, power: 2),
          MultiStepLR($0, milestones: [3, 9], gamma: 0.5),
          ConstantLR($0, factor: 0.5, totalIters: 4), LambdaLR($0) { pow(0.98, Double($0)) },
          LinearLR($0, startFactor: 0.2, endFactor: 0.7, totalIters: 9),
          ExponentialLR($0, gamma: 0.97),
        ], milestones: [12, 40, 100, 140, 165, 180, 190, 220, 240])
    },
    .init("ChainedScheduler") { chained($0) },
    .init("SequentialLR chained") {
      SequentialLR($0, schedulers: [chained($0), StepLR($0, stepSize: 40)], milestones: [50])
    },
  ]

  private static func chained(_ optimizer: Optimizer) -> ChainedScheduler {
    ChainedScheduler([
      LinearLR(optimizer, startFactor: 0.1, totalIters: 30), ExponentialLR(optimizer, gamma: 0.99),
    ])
  }
}

/// Learning rates and states of all schedulers are PyTorch's.
@Suite struct SchedulerTests {
  @Test(arguments: SchedulerSample.all) func learningRatesAndStates(
    _ sample: SchedulerSample
  ) throws {
    let golden = try #require(Fixture.schedulers[sample.name])
    let optimizer = sample.optimizer()
    let scheduler = sample.make(optimizer)
    let initial = try #require(golden["initial"])
    #expect(scheduler.stateDict().differences(from: initial, 1e-12) == [])
    let rates = try #require(golden["rates"]?.elements)
    for (step, expected) in rates.enumerated() {
      #expect(isClose(optimizer.groups.map(\.lr), expected.flat, 1e-11), "step \(step)")
      for (own, expected) in zip(optimizer.groups.map(\.lr), expected.flat) {
        #expect(abs(own - expected) <= 1e-11 * abs(expected) + 1e-18, "step \(step)")
      }
      if let momenta = golden["momenta"]?.elements?[step].flat {
        let own = optimizer.groups.map {
          $0["momentum"]?.doubleValue ?? $0["betas"]?.elements?.first?.doubleValue ?? -1
        }
        #expect(isClose(own, momenta, 1e-11), "step \(step)")
      }
      sample.step(scheduler, step)
    }
    let state = try #require(golden["state"])
    #expect(scheduler.stateDict().differences(from: state, 1e-9) == [])
    #expect(scheduler.lastLR == optimizer.groups.map(\.lr))
    for (group, keys) in zip(optimizer.groups, golden["groups"]?.elements ?? []) {
      let expected = keys.elements?.compactMap(\.stringValue).filter { $0 != "params" }
      #expect(Array(group.options.keys) == expected)
    }
  }

  @Test func restartsMayBeSteppedByFractions() throws {
    let golden = try #require(Fixture.schedulers["fractions"])
    let optimizer = SchedulerSample.all[0].optimizer()
    let scheduler = CosineAnnealingWarmRestarts(optimizer, t0: 4, tMult: 3, etaMin: 0.01)
    for (step, expected) in (golden["rates"]?.elements ?? []).enumerated() {
      scheduler.step(to: Double(step) * 0.37)
      #expect(isClose(optimizer.groups.map(\.lr), expected.flat, 1e-11), "step \(step)")
    }
    #expect(scheduler.lastEpoch == golden["state"]?["last_epoch"]?.intValue)
    #expect(scheduler.stateDict()["T_i"]?.doubleValue == golden["state"]?["T_i"]?.doubleValue)
  }

  // 33
  @Test(arguments: SchedulerSample.all) func aLoadedScheduleGoesOnToTheBit(
    _ sample: SchedulerSample
  ) throws {
    let whole = sample.optimizer()
    let uninterrupted = sample.make(whole)
    for step in 0..<200 { sample.step(uninterrupted, step) }

    let first = sample.optimizer()
    let interrupted = sample.make(first)
    for step in 0..<123 { sample.step(interrupted, step) }
    let second = sample.optimizer()
    let resumed = sample.make(second)
    try second.loadStateDict(first.stateDict())
    try resumed.loadStateDict(interrupted.stateDict())
    #expect(resumed.stateDict() == interrupted.stateDict())
    for step in 123..<200 { sample.step(resumed, step) }
    #expect(second.groups.map(\.lr) == whole.groups.map(\.lr))
    #expect(resumed.stateDict() == uninterrupted.stateDict())
  }

  @Test func optionsAreThoseOfTheState() throws {
    let scheduler = StepLR(SchedulerSample.all[0].optimizer(), stepSize: 3)
    let other = StepLR(SchedulerSample.all[0].optimizer(), stepSize: 99, gamma: 0.7)
    try other.loadStateDict(scheduler.stateDict())
    #expect(other.stateDict() == scheduler.stateDict())
  }

  @Test func statesThatDoNotFitAreRefusedAndChangeNothing() throws {
    for sample in SchedulerSample.all {
      let scheduler = sample.make(sample.optimizer())
      let before = scheduler.stateDict()
      let others: [Value] = [
        3, [:], ["last_epoch": "text"],
        SchedulerSample.all[sample.name == "StepLR" ? 2 : 0].make(sample.optimizer()).stateDict(),
      ]
      for other in others {
        #expect(throws: SchedulerStateError.self, "\(sample.name)") {
          try scheduler.loadStateDict(other)
        }
      }
      #expect(scheduler.stateDict() == before)
    }
    let single = StepLR(SGD([("a", Parameter(NDArray(zeros: [1])))]), stepSize: 3)
    let error = #expect(throws: SchedulerStateError.self) {
      try single.loadStateDict(
        StepLR(SchedulerSample.all[0].optimizer(), stepSize: 3).stateDict())
    }
    #expect(error?.description.contains("\"base_lrs\" is of another kind or length") == true)
  }

  @Test func numbersThatWouldTrapAreRefused() throws {
    func expectRefused(_ scheduler: Scheduler, _ name: String, _ value: Value) throws {
      var state = try #require(scheduler.stateDict().dictionary)
      state[.string(name)] = value
      #expect(throws: SchedulerStateError.self, "\(name)") {
        try scheduler.loadStateDict(.dict(state))
      }
    }
    let optimizer = SchedulerSample.all[0].optimizer()
    try expectRefused(StepLR(optimizer, stepSize: 3), "step_size", 0)
    try expectRefused(StepLR(optimizer, stepSize: 3), "last_epoch", .int(.max))
    try expectRefused(StepLR(optimizer, stepSize: 3), "last_epoch", .float(.nan))
    try expectRefused(StepLR(optimizer, stepSize: 3), "gamma", .none)
    try expectRefused(CosineAnnealingLR(optimizer, tMax: 3), "T_max", -1)
    try expectRefused(CosineAnnealingWarmRestarts(optimizer, t0: 3), "T_i", 0)
    let cycle = OneCycleLR(optimizer, maxLR: [1], totalSteps: 9)
    try expectRefused(cycle, "_schedule_phases", [])
    try expectRefused(cycle, "_schedule_phases", [["end_step": 3], [:]])
    var phases = try #require(cycle.stateDict()["_schedule_phases"]?.elements)
    var phase = try #require(phases[1].dictionary)
    phase["end_lr"] = "no such option"
    phases[1] = .dict(phase)
    try expectRefused(cycle, "_schedule_phases", .list(phases))
  }

  @Test func whatSomeVersionsLackMayBeMissing() throws {
    let scheduler = ExponentialLR(SchedulerSample.all[0].optimizer(), gamma: 0.5)
    try scheduler.loadStateDict([
      "gamma": 0.25, "base_lrs": [0.1, 0.5], "last_epoch": 4, "verbose": false,
    ])
    #expect(scheduler.lastEpoch == 4)
    #expect(scheduler.baseLRs == [0.1, 0.5])
    #expect(scheduler.stateDict()["gamma"]?.doubleValue == 0.25)
    #expect(scheduler.stateDict()["verbose"] == nil)
  }

  @Test func mistakesTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = StepLR(SchedulerSample.all[0].optimizer(), stepSize: 0)
    }
    await #expect(processExitsWith: .failure) {
      let scheduler = OneCycleLR(SchedulerSample.all[0].optimizer(), maxLR: [1], totalSteps: 3)
      for _ in 0..<4 { scheduler.step() }
    }
    await #expect(processExitsWith: .failure) {
      _ = OneCycleLR(Adagrad([("a", Parameter(NDArray(zeros: [1])))]), maxLR: [1], totalSteps: 3)
    }
    await #expect(processExitsWith: .failure) {
      let (a, b) = (SchedulerSample.all[0].optimizer(), SchedulerSample.all[0].optimizer())
      _ = ChainedScheduler([StepLR(a, stepSize: 1), StepLR(b, stepSize: 1)])
    }
    await #expect(processExitsWith: .failure) {
      let optimizer = SchedulerSample.all[0].optimizer()
      let scheduler = LambdaLR(optimizer) { _ in 1 }
      optimizer.addParamGroup(ParameterGroup([("c", Parameter(NDArray(zeros: [1])))]))
      scheduler.step()
    }
  }

  /// Epochs of batches are as many steps.
  @Test func aCycleOfEpochsIsOneOfSteps() {
    func rates(_ make: (Optimizer) -> OneCycleLR) -> [Double] {
      let optimizer = SGD([("p", Parameter(Tensor.zeros([1])))], lr: 1, momentum: 0.9)
      let scheduler = make(optimizer)
      return (0..<12).map { _ in
        optimizer.step()
        scheduler.step()
        return optimizer.groups[0].lr
      }
    }
    #expect(
      rates { OneCycleLR($0, maxLR: 0.5, epochs: 3, stepsPerEpoch: 4) }
        == rates { OneCycleLR($0, maxLR: [0.5], totalSteps: 12) })
  }
}
