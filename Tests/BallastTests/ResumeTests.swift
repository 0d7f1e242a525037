import Ballast
import Foundation
import TestSupport
import Testing

/// A training resumed from a file, PyTorch's included, ends as one that was not interrupted.
@Suite struct ResumeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The training of `Fixtures/make_training.py`.
  private struct Training {
    let model = Sequential(named: [
      "fc1": Linear(4, 8, bias: false), "norm": BatchNorm1d(8), "act": ReLU(),
      "drop": Dropout(0.25),
      "fc2": Linear(8, 2),
    ])
    let optimizer: AdamW
    let scheduler: LRScheduler
    let loader: DataLoader

    init(
      scheduler: (Optimizer) -> LRScheduler = { MultiStepLR($0, milestones: [1, 3], gamma: 0.5) }
    ) {
      optimizer = AdamW(model.namedParameters(), lr: 0.01)
      self.scheduler = scheduler(optimizer)
      loader = DataLoader(
        TensorDataset(Self.pattern([12, 4], 0), Self.pattern([12, 2], 1)), batchSize: 5,
        shuffle: true)
    }

    private static func pattern(_ shape: Shape, _ salt: Int) -> Tensor {
      let values = (0..<shape.elementCount).map {
        (Float(($0 * 37 + salt * 17) % 101) - 50.5) / 32
      }
      return Tensor(values, shape: shape)
    }

    /// - Returns: The last loss.
    @discardableResult
    func train(epochs: Int) -> Float {
      var last: Float = 0
      for _ in 0..<epochs {
        for batch in loader {
          optimizer.zeroGrad()
          let loss = model(batch[0]).mseLoss(batch[1])
          loss.backward()
          clipGradNorm(model.parameters(), maxNorm: 1)
          optimizer.step()
          last = loss.array.item(as: Float.self)
        }
        scheduler.step()
      }
      return last
    }

    func checkpoint(epoch: Int) -> Checkpoint {
      Checkpoint(
        model: model, optimizer: optimizer, scheduler: scheduler,
        metadata: ["epoch": .int(epoch), "step": 6])
    }
  }

  private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  // 35
  @Test(arguments: ["dict", "imagenet", "lightning"])
  func trainingsOfPyTorchGoOn(_ layout: String) throws {
    let fixtures = "\(SampleTests.root)/Tests/BallastTests/Fixtures"
    let golden = try Value(
      json: Data(contentsOf: URL(filePath: "\(fixtures)/training.json")))
    let checkpoint = try Checkpoint(contentsOf: "\(fixtures)/training_\(layout).pth")
    try Generator(seed: 999).use {
      let training = Training()
      let report = try checkpoint.restore(
        model: training.model, optimizer: training.optimizer, scheduler: training.scheduler)
      #expect(report.description == "<All keys matched successfully>")
      #expect(checkpoint.epoch == 2)
      #expect(checkpoint.step == (layout == "lightning" ? 6 : nil))
      let loss = Double(training.train(epochs: 2))
      #expect(isClose([loss], [golden["loss"]?.doubleValue ?? .nan], 1e-5))
      #expect(training.optimizer.groups[0].lr == golden["lr"]?.doubleValue)
      for (key, value) in golden["state"]?.dictionary ?? [:] {
        let own = training.model.stateDict()[key.text]?.cast(to: .float64).elements(as: Double.self)
        let expected = value.elements?.compactMap(\.doubleValue) ?? []
        #expect(isClose(own ?? [], expected, 1e-5), "\(key.text)")
      }
      for (slots, value) in zip(
        training.optimizer.stateDict().state.values, golden["exp_avg_sq"]?.elements ?? [])
      {
        let own = slots["exp_avg_sq"]?.tensor?.cast(to: .float64).elements(as: Double.self)
        let expected = value.elements?.compactMap(\.doubleValue) ?? []
        #expect(isClose(own ?? [], expected, 1e-5))
      }
    }
  }

  /// What a scheduler makes of an optimizer, for a test with each.
  private static func schedulers(_ optimizer: Optimizer) -> [LRScheduler] {
    [
      MultiStepLR(optimizer, milestones: [1, 3]), LambdaLR(optimizer) { 1 / Double($0 + 1) },
      CosineAnnealingWarmRestarts(optimizer, t0: 3),
      SequentialLR(
        optimizer,
        schedulers: [LinearLR(optimizer, totalIters: 2), ExponentialLR(optimizer, gamma: 0.5)],
        milestones: [2]),
      OneCycleLR(optimizer, maxLR: [0.1], totalSteps: 20),
    ]
  }

  // 33
  @Test(arguments: 0..<5) func aResumedTrainingEndsWithTheSameBits(_ number: Int) throws {
    func training() -> Training {
      Training { optimizer in Self.schedulers(optimizer)[number] }
    }
    let (whole, end) = Generator(seed: 3).use {
      let training = training()
      training.train(epochs: 4)
      return (training, Generator.current.saveState())
    }
    try Generator(seed: 3).use {
      let training = training()
      training.train(epochs: 2)
      try training.checkpoint(epoch: 2).save(to: folder.file())
    }
    try Generator(seed: 77).use {
      let resumed = training()
      let checkpoint = try Checkpoint(contentsOf: folder.file())
      try checkpoint.restore(
        model: resumed.model, optimizer: resumed.optimizer, scheduler: resumed.scheduler)
      #expect(checkpoint.epoch == 2 && checkpoint.step == 6)
      resumed.train(epochs: 2)
      let (a, b) = (whole.checkpoint(epoch: 4), resumed.checkpoint(epoch: 4))
      for (key, entry) in a.state.entries {
        #expect(b.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
      }
      #expect(a.optimizer?.state == b.optimizer?.state)
      #expect(a.optimizer?.groups[0].options == b.optimizer?.groups[0].options)
      #expect(a.scheduler == b.scheduler)
      #expect(Generator.current.saveState().isBitwiseEqual(to: end))
    }
  }

  @Test func aPlateauIsRemembered() throws {
    let training = Training()
    let plateau = ReduceLROnPlateau(training.optimizer, patience: 1)
    for metric in [1, 0.5, 0.6, 0.7] { plateau.step(metric) }
    try Checkpoint(model: training.model, scheduler: plateau).save(to: folder.file())
    let other = ReduceLROnPlateau(training.optimizer, patience: 1)
    let checkpoint = try Checkpoint(contentsOf: folder.file())
    try checkpoint.restore(model: training.model, scheduler: other)
    #expect(other.stateDict() == plateau.stateDict())
    // Without an optimizer no state of a generator is kept.
    #expect(checkpoint.generatorState == nil)
  }

  @Test func allOrNothingIsRestored() throws {
    // One of its own: other tests draw from the common one meanwhile, whose state is compared.
    try Generator(seed: 5).use {
      let source = Training()
      source.train(epochs: 1)
      let good = source.checkpoint(epoch: 1)
      func expectRefused(_ change: (inout Checkpoint) -> Void) throws {
        var checkpoint = good
        change(&checkpoint)
        let training = Training()
        let before = training.checkpoint(epoch: 0)
        #expect(throws: (any Error).self) {
          try checkpoint.restore(
            model: training.model, optimizer: training.optimizer, scheduler: training.scheduler)
        }
        let after = training.checkpoint(epoch: 0)
        for (key, entry) in before.state.entries {
          #expect(after.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
        }
        #expect(before.optimizer?.state == after.optimizer?.state)
        #expect(before.scheduler == after.scheduler)
        #expect(before.metadata == after.metadata)
      }
      try expectRefused { $0.state.entries["fc1.weight"] = nil }
      try expectRefused { $0.optimizer = nil }
      try expectRefused { $0.optimizer?.groups[0].parameters[0] = "other" }
      try expectRefused { $0.metadata["scheduler"] = nil }
      try expectRefused { $0.metadata["scheduler"] = ["gamma": 1] }
      try expectRefused { $0.metadata["rng_state"] = .tensor(NDArray(zeros: [3], dtype: .uint8)) }
    }
  }
}
