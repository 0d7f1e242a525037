import Arrays
import BallastFiles
import Checkpoints
import Interchange
import OrderedCollections
import States

extension Checkpoint {
  /// The state of a model, and of its training.
  ///
  /// A snapshot: later steps of the training do not change it. With an optimizer the state of the
  /// random generator is kept too, so that a training that goes on from the checkpoint ends with
  /// the same bits as one that was not interrupted.
  ///
  /// ```swift
  /// try Checkpoint(
  ///   model: model, optimizer: optimizer, scheduler: scheduler, metadata: ["epoch": 3]
  /// ).save(to: "training.h5")
  /// ```
  ///
  /// - Parameters:
  ///   - model: Whose parameters and buffers are kept.
  ///   - optimizer: Whose state is kept, by the names of the parameters.
  ///   - scheduler: Whose state is kept, in the metadata as `scheduler`.
  ///   - loader: Whose position in its pass is kept, in the metadata as `loader`.
  ///   - generator: Whose state is kept if there is an optimizer, in the metadata as `rng_state`,
  ///     as PyTorch's `torch.get_rng_state` gives it; nil to leave it out.
  ///   - metadata: What else is kept, by name: `epoch`, `step`, `loss`, …
  ///   - architecture: How to build the model, if it was built from a description.
  public init(
    model: Module, optimizer: Optimizer? = nil, scheduler: Scheduler? = nil,
    loader: DataLoader? = nil, generator: Generator? = .current,
    metadata: KeyValuePairs<String, Value> = [:],
    architecture: ModelDescription? = nil
  ) {
    var entries = OrderedDictionary(
      metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    if let scheduler { entries[Self.schedulerKey] = scheduler.stateDict() }
    if let loader { entries[Self.loaderKey] = loader.stateDict() }
    if let generator, optimizer != nil {
      entries[Self.generatorKey] = .tensor(generator.saveState())
    }
    self.init(
      state: model.stateDict(), optimizer: optimizer?.stateDict(), metadata: entries,
      architecture: architecture?.value)
  }

  /// Saves the checkpoint as HDF5.
  ///
  /// - Throws: `CheckpointError`, `FileError`; the path then leads to what it did before.
  @discardableResult
  public func save(to path: String, options: WriteOptions = WriteOptions()) throws -> WriteSummary {
    try CheckpointWriter.write(self, to: path, options: options)
  }

  /// Saves the checkpoint as HDF5 in the background, as it is now.
  ///
  /// ```swift
  /// let save = Checkpoint(model: model, optimizer: optimizer).saveAsync(to: "training.h5")
  /// …                      // The training goes on; the file does not notice.
  /// try await save.value   // Here errors come up.
  /// ```
  ///
  /// See `PendingSave` for what is promised when the process ends.
  public func saveAsync(to path: String, options: WriteOptions = WriteOptions()) -> PendingSave {
    CheckpointWriter.writeAsync(self, to: path, options: options)
  }

  /// Loads a checkpoint of any format; its tensors are read when they are used.
  ///
  /// - Throws: `CheckpointError`, `CheckpointError`, `FileError`.
  public init(contentsOf path: String) throws {
    self = try OpenedCheckpoint(path).checkpoint
  }
}

extension Checkpoint {
  // Where the initializer above puts them.
  private static let schedulerKey = "scheduler"
  private static let loaderKey = "loader"
  private static let generatorKey = "rng_state"

  /// Under which names people keep a scheduler's state in PyTorch files.
  private static let schedulerKeys = [
    schedulerKey, "scheduler_state_dict", "lr_scheduler", "lr_scheduler_state_dict",
    "scheduler_state", "lr_schedulers",
  ]
  /// Under which names people keep the state of the random generator.
  private static let generatorKeys = [
    generatorKey, "torch_rng_state", "cpu_rng_state", "random_state", "rng",
  ]

  /// The state of the scheduler, if there is one, whatever its name in the file.
  public var scheduler: Value? {
    let found = Self.schedulerKeys.lazy.compactMap { metadata[$0] }.first
    // Lightning keeps a list.
    guard case .list(let states)? = found else { return found }
    return states.first
  }

  /// The state of the random generator, if there is one, whatever its name in the file.
  public var generatorState: NDArray? {
    Self.generatorKeys.lazy.compactMap { metadata[$0]?.tensor }.first
  }

  /// How many epochs the training has had, if the checkpoint says.
  public var epoch: Int? { metadata["epoch"]?.intValue }

  /// How many steps the training has had, if the checkpoint says.
  public var step: Int? {
    ["step", "global_step", "iteration"].lazy.compactMap { metadata[$0]?.intValue }.first
  }

  /// Puts the state back into a model and its training, all of it or nothing.
  ///
  /// ```swift
  /// let checkpoint = try Checkpoint(contentsOf: "training.h5")
  /// try checkpoint.restore(model: model, optimizer: optimizer, scheduler: scheduler)
  /// for epoch in (checkpoint.epoch ?? 0)..<90 { … }
  /// ```
  ///
  /// PyTorch's checkpoints are restored in the same way, if the optimizer's state can be told: see
  /// `OpenedCheckpoint` for what was found in the file.
  ///
  /// - Parameters:
  ///   - model: What the parameters and buffers are put into.
  ///   - optimizer: What the optimizer's state is put into.
  ///   - scheduler: What the scheduler's state is put into.
  ///   - loader: What goes on with the batch after the last one that was given.
  ///   - generator: What goes on with the saved random numbers if there is an optimizer, and the
  ///     checkpoint has the state of a generator; nil to leave it out.
  ///   - strict: Whether keys that only one of model and checkpoint has are refused.
  /// - Returns: What became of each key.
  /// - Throws: `LoadError`, `OptimizerStateError`, `SchedulerStateError`, `DataLoaderStateError` or
  ///   `GeneratorStateError`, if the checkpoint lacks what is asked for or it does not fit. Nothing is
  ///   changed then.
  @discardableResult
  public func restore(
    model: Module, optimizer: Optimizer? = nil, scheduler: Scheduler? = nil,
    loader: DataLoader? = nil, generator: Generator? = .current, strict: Bool = true
  ) throws -> LoadReport {
    let report = model.loadReport(for: state)
    guard report.isAcceptable(strict: strict) else {
      throw LoadError(moduleType: model.typeName, report: report, strict: strict)
    }
    let randomState = optimizer == nil ? nil : generatorState
    // A generator of its own finds out whether the state is one.
    if generator != nil, let randomState { try Generator(seed: 0).restoreState(randomState) }
    let position = try loader.map(position)
    let before = scheduler?.stateDict()
    if let scheduler {
      guard let saved = self.scheduler else {
        throw SchedulerStateError(
          scheduler: "\(Swift.type(of: scheduler))", reasons: ["the checkpoint has no scheduler"])
      }
      try scheduler.loadStateDict(saved)
    }
    do {
      try optimizer.map(restore)
    } catch {
      if let before { try scheduler?.loadStateDict(before) }
      throw error
    }
    if let generator, let randomState { try generator.restoreState(randomState) }
    if let position { loader?.resume(position) }
    return try model.loadStateDict(state, strict: strict)
  }

  private func position(_ loader: DataLoader) throws -> DataLoader.Position {
    guard let saved = metadata[Self.loaderKey] else {
      throw DataLoaderStateError(reasons: ["the checkpoint has no loader"])
    }
    return try loader.position(in: saved)
  }

  private func restore(_ optimizer: Optimizer) throws {
    guard let saved = self.optimizer else {
      throw OptimizerStateError(
        optimizer: "\(Swift.type(of: optimizer))", reasons: ["the checkpoint has no optimizer"])
    }
    try optimizer.loadStateDict(saved)
  }
}
