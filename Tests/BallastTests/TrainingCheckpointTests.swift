import Ballast
import TestSupport
import Testing

@Suite struct TrainingCheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A small network, a batch for it, and an optimizer that knows its parameters by name.
  private func training() -> (model: Sequential, optimizer: Adam, step: () -> Float) {
    let model = Sequential(Linear(4, 8), BatchNorm1d(8), ReLU(), Linear(8, 2))
    let optimizer = Adam(model.namedParameters(), lr: 0.01)
    let input = Tensor.randn([6, 4])
    let target = Tensor.randn([6, 2])
    return (
      model, optimizer,
      {
        optimizer.zeroGrad()
        let loss = model(input).mseLoss(target)
        loss.backward()
        optimizer.step()
        return loss.array.item(as: Float.self)
      }
    )
  }

  @Test func aModelIsSavedAndLoadedInALine() throws {
    let model = Linear(3, 2)
    try model.save(to: folder.file(), metadata: ["epoch": 3])
    let fresh = Linear(3, 2)
    let report = try fresh.load(from: folder.file())
    #expect(report.description == "<All keys matched successfully>")
    #expect(fresh.stateDict()["weight"]?.isBitwiseEqual(to: model.weight.array) == true)
    #expect(try Checkpoint(contentsOf: folder.file()).metadata["epoch"]?.intValue == 3)
  }

  @Test func aSaveInTheBackgroundIsASnapshot() async throws {
    let (model, optimizer, step) = training()
    var options = WriteOptions()
    options.isDurable = false
    var saves: [(save: PendingSave, shadow: [[Float]])] = []
    for number in 0..<40 {
      _ = step()
      let checkpoint = Checkpoint(model: model, optimizer: optimizer)
      let shadow = checkpoint.state.entries.values.filter { $0.array.dtype == .float32 }
        .map { $0.array.elements(as: Float.self) }
      let save = checkpoint.saveAsync(to: folder.file("\(number).h5"), options: options)
      saves.append((save, shadow))
    }
    for (number, (save, shadow)) in saves.enumerated() {
      _ = try await save.value
      let loaded = try Checkpoint(contentsOf: folder.file("\(number).h5")).state.entries.values
        .filter { $0.array.dtype == .float32 }.map { $0.array.elements(as: Float.self) }
      #expect(loaded == shadow)
    }
    #expect(saves.first?.shadow != saves.last?.shadow)
  }

  @Test func aRefusedLoadChangesNothing() throws {
    try Linear(3, 2).save(to: folder.file())
    let other = Linear(5, 2)
    let before = other.weight.array
    #expect(throws: LoadError.self) { try other.load(from: folder.file()) }
    #expect(other.weight.array.isBitwiseEqual(to: before))
  }

  @Test func savingTheSameModelTwiceGivesTheSameBytes() throws {
    let model = Sequential(Linear(3, 4), BatchNorm1d(4))
    try model.save(to: folder.file("a.h5"))
    try model.save(to: folder.file("b.h5"))
    #expect(try folder.bytes("a.h5") == folder.bytes("b.h5"))
  }

  @Test func aCheckpointIsASnapshot() throws {
    let (model, optimizer, step) = Generator(seed: 1).use { training() }
    _ = step()
    let checkpoint = Checkpoint(model: model, optimizer: optimizer)
    let weight = try #require(checkpoint.state["0.weight"]).elements(as: Float.self)
    _ = step()
    #expect(checkpoint.state["0.weight"]?.elements(as: Float.self) == weight)
    #expect(model.stateDict()["0.weight"]?.elements(as: Float.self) != weight)
  }

  @Test func aRestoredTrainingGoesOnAsIfNotInterrupted() throws {
    let (model, optimizer, step) = Generator(seed: 2).use { training() }
    for _ in 0..<3 { _ = step() }
    try Checkpoint(model: model, optimizer: optimizer, metadata: ["epoch": 3])
      .save(to: folder.file())
    let losses = (0..<3).map { _ in step() }

    let (fresh, freshOptimizer, freshStep) = Generator(seed: 2).use { training() }
    try Checkpoint(contentsOf: folder.file()).restore(model: fresh, optimizer: freshOptimizer)
    #expect((0..<3).map { _ in freshStep() } == losses)
    for (key, entry) in model.stateDict().entries {
      #expect(fresh.stateDict()[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }

  /// A part of the model with an optimizer of its own, by the names in that part.
  @Test func optimizersOfPartsHaveTheNamesOfTheModel() throws {
    let model = Sequential(Sequential(Linear(2, 3)), Sequential(Linear(3, 1)))
    let part = model[1]
    func makeOptimizer() -> Adam { Adam(part.namedParameters(), lr: 0.1) }
    let optimizer = makeOptimizer()
    model(Tensor.ones([4, 2])).sum().backward()
    optimizer.step()
    let checkpoint = Checkpoint(model: model, optimizer: optimizer)
    #expect(checkpoint.optimizer?.groups[0].parameters == ["1.0.weight", "1.0.bias"])
    #expect(checkpoint.optimizer?.state.keys == ["1.0.weight", "1.0.bias"])
    try checkpoint.save(to: folder.file("part.pth"))
    let again = makeOptimizer()
    try Checkpoint(contentsOf: folder.file("part.pth")).restore(model: model, optimizer: again)
    #expect(again.stateDict().state == optimizer.stateDict().state)
    // A state that has the optimizer's own names is its, too.
    var own = checkpoint
    own.optimizer = optimizer.stateDict()
    try own.restore(model: model, optimizer: makeOptimizer())
    // Two names of a file that would become one are an error, and no trap.
    var twice = checkpoint
    twice.optimizer?.groups[0].parameters = ["1.0.weight", "0.weight"]
    #expect(throws: OptimizerStateError.self) {
      try twice.restore(model: model, optimizer: makeOptimizer())
    }
  }

  /// A part whose names are the model's in another order.
  @Test func statesReachTheirParametersWhateverTheNames() throws {
    let (a, b) = (Linear(2, 2), Linear(2, 2))
    let (model, part) = (Sequential(a, b), Sequential(b, a))
    func makeOptimizer() -> SGD { SGD(part.namedParameters(), lr: 0.1, momentum: 0.9) }
    let optimizer = makeOptimizer()
    model(Tensor.randn([3, 2])).sum().backward()
    optimizer.step()
    try Checkpoint(model: model, optimizer: optimizer).save(to: folder.file("turned.pth"))
    let saved = try Checkpoint(contentsOf: folder.file("turned.pth"))
    let again = makeOptimizer()
    try saved.restore(model: model, optimizer: again)
    #expect(again.stateDict().state == optimizer.stateDict().state)
    // In an order that is neither's, the names may be either's.
    var unclear = saved
    unclear.optimizer?.groups[0].parameters.reverse()
    let error = #expect(throws: OptimizerStateError.self) {
      try unclear.restore(model: model, optimizer: again)
    }
    #expect(error?.description.contains("may be the model's or the optimizer's") == true)
  }

  /// The averages of weights have their names, and a loss may have parameters of its own.
  @Test func anOptimizerMayKnowMoreThanTheModel() throws {
    let (model, optimizer, _) = training()
    let average = Sequential(Linear(4, 8), BatchNorm1d(8), ReLU(), Linear(8, 2))
    for averaged in [average, AveragedModel(model)] {
      let checkpoint = Checkpoint(model: averaged, optimizer: optimizer)
      #expect(checkpoint.optimizer?.groups[0].parameters == model.namedParameters().map(\.name))
    }
    let both = SGD(
      model.namedParameters() + Linear(2, 2).namedParameters(prefix: "loss"), lr: 0.1)
    let names = Checkpoint(model: model, optimizer: both).optimizer?.groups[0].parameters
    #expect(names?.suffix(2) == ["loss.weight", "loss.bias"])
  }

  @Test func anOptimizerOfAnotherModelTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential(Linear(2, 2))
      _ = Checkpoint(model: model, optimizer: SGD(Linear(2, 2).namedParameters(), lr: 0.1))
    }
    let errors = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      errors.contains(
        "the SGD is of another model: none of its parameters is in the Sequential"), "\(errors)")
  }

  @Test func aModelWithoutStorageAdoptsTheFile() throws {
    let model = Linear(3, 2)
    try model.save(to: folder.file())
    let empty = Linear(3, 2).to(.meta)
    try empty.load(from: folder.file(), assign: true)
    let input = Tensor.ones([1, 3])
    #expect(empty(input).array.isBitwiseEqual(to: model(input).array))
  }

  @Test func trainingInPlaceNeverTouchesAMappedFile() throws {
    let (model, optimizer, step) = Generator(seed: 3).use { training() }
    try Checkpoint(model: model, optimizer: optimizer).save(to: folder.file())
    let bytes = try folder.bytes()
    try model.load(from: folder.file(), assign: true)
    for _ in 0..<3 { _ = step() }
    #expect(try folder.bytes() == bytes)
  }
}
