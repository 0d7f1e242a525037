import Ballast
import TestSupport
import Testing

/// Which part of a checkpoint a name stands for, where several models are restored.
@Suite struct PartFindingTests {
  /// A module that has another as a member of a name that checkpoints give to whole models.
  private final class Wrapper: Module {
    let model = Linear(3, 4)
    let ema = Linear(4, 2)
  }

  private func areSame(_ a: Module, _ b: Module) -> Bool {
    let (mine, theirs) = (a.stateDict(), b.stateDict())
    return mine.keys == theirs.keys
      && mine.keys.allSatisfy { key in
        guard let one = mine[key], let other = theirs[key] else { return false }
        return one.isBitwiseEqual(to: other)
      }
  }

  // MARK: Models

  /// `{"model": …, "ema": …}`, whose model has the keys `model.weight` and `ema.weight`.
  @Test(arguments: [true, false]) func aSubmoduleHidesNoModel(_ strict: Bool) throws {
    let (saved, average) = (Wrapper(), Linear(5, 2))
    var checkpoint = Checkpoint(state: saved.stateDict())
    checkpoint.metadata["ema"] = .model(average.stateDict())
    let (model, ema) = (Wrapper(), Linear(5, 2))
    let reports = try checkpoint.restore(models: ["model": model, "ema": ema], strict: strict)
    #expect(areSame(model, saved) && areSame(ema, average))
    #expect(reports["model"]?.matched.count == 4)
    // The submodule is meant where it is what fits.
    let part = Linear(3, 4)
    try checkpoint.restore(models: ["model": part], strict: false)
    #expect(areSame(part, saved.model))
  }

  @Test func aSubmoduleOfAShorterNameHidesNoModel() throws {
    let (saved, average) = (Wrapper(), Linear(5, 2))
    var checkpoint = Checkpoint(state: saved.stateDict())
    checkpoint.metadata["ema_state_dict"] = .model(average.stateDict())
    let (model, ema) = (Wrapper(), Linear(5, 2))
    try checkpoint.restore(models: ["model": model, "ema": ema])
    #expect(areSame(model, saved) && areSame(ema, average))
    // Where both fit it is not known which is meant.
    checkpoint.metadata["ema_state_dict"] = .model(Linear(4, 2).stateDict())
    let unclear = #expect(throws: LoadError.self) {
      try checkpoint.restore(models: ["ema": Linear(4, 2)], strict: false)
    }
    #expect(unclear?.description.contains("may be any of") == true, "\(unclear as Any)")
  }

  @Test func caseTellsNamesApartOnlyWhereItHasTo() throws {
    let (g, d) = (Linear(3, 4), Linear(4, 1))
    let saved = Checkpoint(models: ["netG": g, "netD": d])
    let (newG, newD) = (Linear(3, 4), Linear(4, 1))
    try saved.restore(models: ["g": newG, "d": newD])
    #expect(areSame(newG, g) && areSame(newD, d))
    let both = Checkpoint(models: ["netG": g, "net_g": d])
    try both.restore(models: ["G": newG, "g": newD])
    #expect(areSame(newG, g) && areSame(newD, d))
  }

  @Test func aModuleWithoutTensorsIsNoPartOfAnother() throws {
    let saved = Linear(3, 4)
    let model = Linear(3, 4)
    let reports = try Checkpoint(model: saved).restore(
      models: ["model": model, "criterion": ReLU()])
    #expect(areSame(model, saved) && Array(reports.keys) == ["model", "criterion"])
  }

  /// Two models with one batch norm, whose running mean differs in the file.
  @Test func aSharedBufferHasOneValue() throws {
    let (first, second) = (BatchNorm1d(3), BatchNorm1d(3))
    _ = first(Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3]))
    let saved = Checkpoint(models: ["a": Sequential(first), "b": Sequential(second)])
    let norm = BatchNorm1d(3)
    let error = #expect(throws: LoadError.self) {
      try saved.restore(models: ["a": Sequential(norm), "b": Sequential(norm)])
    }
    #expect(error?.report.tieConflicts.contains("0.running_mean") == true, "\(error as Any)")
    #expect(areSame(norm, BatchNorm1d(3)))
  }

  // MARK: Schedulers

  /// A model with two optimizers, each with a scheduler that is some steps on.
  private struct Training {
    let model = Linear(3, 4)
    let optimizer: SGD
    let first: StepLR
    let second: StepLR

    init(steps: Int = 0) {
      optimizer = SGD(model, lr: 0.1)
      first = StepLR(optimizer, stepSize: 2, gamma: 0.5)
      second = StepLR(SGD(Linear(1, 1), lr: 1), stepSize: 3, gamma: 0.1)
      for _ in 0..<steps { first.step() }
      for _ in 0..<2 * steps { second.step() }
    }

    func checkpoint(_ entries: KeyValuePairs<String, Value>) -> Checkpoint {
      Checkpoint(models: ["model": model], optimizers: ["model": optimizer], metadata: entries)
    }
  }

  @Test(arguments: [
    "list", "numbered", "dictionary", "camel", "suffix", "other case",
  ]) func schedulersAreFound(_ form: String) throws {
    let saved = Training(steps: 3)
    let (a, b) = (saved.first.stateDict(), saved.second.stateDict())
    let forms: [String: (KeyValuePairs<String, Value>, (String, String))] = [
      "list": (["lr_schedulers": .list([a, b])], ("0", "1")),
      "numbered": (["schedulers": .tuple([a, b])], ("scheduler_0", "scheduler_1")),
      "dictionary": (["lr_scheduler_states": ["g": a, "d": b]], ("g", "d")),
      "camel": (["GScheduler": a, "DScheduler": b], ("G", "D")),
      "suffix": (["scheduler_g": a, "scheduler_d": b], ("g", "d")),
      "other case": (["schedulerG": a, "schedulerD": b], ("g", "d")),
    ]
    let (entries, names) = try #require(forms[form])
    let training = Training()
    try saved.checkpoint(entries).restore(
      models: ["model": training.model], optimizers: ["model": training.optimizer],
      schedulers: [names.0: training.first, names.1: training.second])
    #expect(training.first.stateDict() == a && training.second.stateDict() == b)
  }

  @Test(arguments: ["lr_scheduler", "scheduler", "lr_scheduler_state_dict", "lr_schedulers"])
  func aLoneSchedulerIsFound(_ key: String) throws {
    let saved = Training(steps: 3)
    let state = saved.first.stateDict()
    let checkpoint = saved.checkpoint([key: key == "lr_schedulers" ? .list([state]) : state])
    for name in ["scheduler", "lr_scheduler"] {
      let training = Training()
      try checkpoint.restore(
        models: ["model": training.model], optimizers: ["model": training.optimizer],
        schedulers: [name: training.first])
      #expect(training.first.stateDict() == state)
    }
    #expect(throws: SchedulerStateError.self) {
      try checkpoint.restore(
        models: ["model": Linear(3, 4)], schedulers: ["generator": Training().first])
    }
  }

  @Test func schedulersThatNobodyNamesAreToldOf() throws {
    let saved = Training(steps: 3)
    let checkpoint = saved.checkpoint([
      "scheduler_g": saved.first.stateDict(), "scheduler_d": saved.second.stateDict(),
      "scheduler_settings": ["step_size": 2],
    ])
    let training = Training()
    func restore(_ schedulers: [String: Scheduler], strict: Bool = true) throws {
      try checkpoint.restore(
        models: ["model": training.model], optimizers: ["model": training.optimizer],
        schedulers: .init(uniqueKeysWithValues: schedulers.map { ($0, $1) }), strict: strict)
    }
    for schedulers in [[:], ["g": training.first]] as [[String: Scheduler]] {
      let error = #expect(throws: SchedulerStateError.self) { try restore(schedulers) }
      #expect(
        error?.description.contains("also has the schedulers") == true
          && error?.description.contains("scheduler_settings") == false, "\(error as Any)")
    }
    #expect(training.first.stateDict() == Training().first.stateDict())
    try restore(["g": training.first], strict: false)
    #expect(training.first.stateDict() == saved.first.stateDict())
    // Who wants the model alone is not asked for them.
    try checkpoint.restore(models: ["model": training.model])
    try restore(["g": training.first, "d": training.second])
  }

  // MARK: The latest of a folder

  @Test func theLatestOfAFolderMayHoldSeveralModels() throws {
    let folder = try TemporaryFolder()
    let manager = try CheckpointManager(folder: folder.path, keepingLast: 2)
    let (g, d) = (Linear(3, 4), Linear(4, 1))
    #expect(try manager.restoreLatest(models: ["g": g, "d": d]) == nil)
    var older: Linear?
    for step in 1...2 {
      let (one, other) = (Linear(3, 4), Linear(4, 1))
      try manager.save(
        Checkpoint(
          models: ["g": one, "d": other], optimizers: ["g": SGD(one, lr: 0.1 * Double(step))]),
        step: step)
      if step == 1 { older = one }
    }
    var bytes = try folder.bytes("checkpoint-00000002.h5")
    let range = try #require(try CheckpointFile(manager.path(ofStep: 2)).tensors.first?.fileRange)
    bytes[range.lowerBound] ^= 1
    try folder.write(bytes, to: "checkpoint-00000002.h5")
    let optimizer = SGD(g, lr: 1)
    let restored = try manager.restoreLatest(
      models: ["g": g, "d": d], optimizers: ["g": optimizer])
    #expect(restored?.step == 1 && optimizer.groups[0].lr == 0.1)
    let wanted = try #require(older)
    #expect(areSame(g, wanted))
  }
}
