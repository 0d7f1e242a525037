import Arrays
import BallastFiles
import Checkpoints
import Interchange
import OrderedCollections
import States

extension Checkpoint {
  /// A checkpoint of a model, and optionally of its training.
  ///
  /// A snapshot: later training steps do not change it. With an optimizer, the state of the random
  /// generator is included, so that a training resumed from the checkpoint ends with the same bits
  /// as one that was not interrupted.
  ///
  /// ```swift
  /// try Checkpoint(
  ///   model: model, optimizer: optimizer, scheduler: scheduler, metadata: ["epoch": 3]
  /// ).save(to: "training.h5")
  /// ```
  ///
  /// - Parameters:
  ///   - model: The source of the parameters and buffers.
  ///   - optimizer: The source of the optimizer's state, by the model's names of its parameters. It may
  ///     have further parameters, as of a loss, and be that of another model with the same names, as
  ///     where the model is an average of weights.
  ///   - scheduler: The source of the scheduler's state, saved in the metadata as `scheduler`.
  ///   - loader: The source of the position in a pass, saved in the metadata as `loader`.
  ///   - generator: The random generator, whose state is saved in the metadata as `rng_state` if
  ///     there is an optimizer, in the form of PyTorch's `torch.get_rng_state`; nil to omit it.
  ///   - metadata: Further values by name: `epoch`, `step`, `loss`, …
  ///   - architecture: How to build the model, if it was built from a description.
  /// - Precondition: Some parameter of the optimizer is the model's, or has the name and shape of one.
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
      state: model.stateDict(), optimizer: optimizer.map { Self.state(of: $0, in: model) },
      metadata: entries, architecture: architecture?.value)
  }

  private static func state(of optimizer: Optimizer, in model: Module) -> OptimizerState {
    let shared = SharedParameters(optimizer, in: model)
    require(
      shared.isAny,
      "Checkpoint: the \(Swift.type(of: optimizer)) is of another model: none of its parameters is in "
        + "the \(Swift.type(of: model))")
    return shared.named(optimizer.stateDict())
  }
}

extension Checkpoint {
  // Where the initializer above puts them.
  private static let schedulerKey = "scheduler"
  static let loaderKey = "loader"
  static let generatorKey = "rng_state"

  /// Under which names people keep a scheduler's state in PyTorch files.
  private static let schedulerKeys = [
    schedulerKey, "scheduler_state_dict", "lr_scheduler", "lr_scheduler_state_dict",
    "scheduler_state", "lr_schedulers",
  ]
  /// Under which names people keep the state of the random generator.
  private static let generatorKeys = [
    generatorKey, "torch_rng_state", "cpu_rng_state", "random_state", "rng",
  ]

  /// The state of the scheduler, under any of the names usual in PyTorch files; nil if there is
  /// none.
  public var scheduler: Value? {
    let found = Self.schedulerKeys.lazy.compactMap { metadata[$0] }.first
    // Lightning keeps a list.
    guard case .list(let states)? = found else { return found }
    return states.first
  }

  /// The state of the random generator, under any of the names usual in PyTorch files; nil if there
  /// is none.
  public var generatorState: NDArray? {
    Self.generatorKeys.lazy.compactMap { metadata[$0]?.tensor }.first
  }

  /// The metadata entry `epoch`, if it is an integer.
  public var epoch: Int? { metadata["epoch"]?.intValue }

  /// The metadata entry `step`, `global_step` or `iteration`, the first that is an integer.
  public var step: Int? {
    ["step", "global_step", "iteration"].lazy.compactMap { metadata[$0]?.intValue }.first
  }

  /// Restores a model and its training, all or nothing.
  ///
  /// ```swift
  /// let checkpoint = try Checkpoint(contentsOf: "training.h5")
  /// try checkpoint.restore(model: model, optimizer: optimizer, scheduler: scheduler)
  /// for epoch in (checkpoint.epoch ?? 0)..<90 { … }
  /// ```
  ///
  /// PyTorch's checkpoints are restored in the same way, provided that the optimizer's state can be
  /// matched to the parameters; `OpenedCheckpoint` reports what was found in a file.
  ///
  /// - Parameters:
  ///   - model: Receives the parameters and buffers.
  ///   - optimizer: Receives the optimizer's state.
  ///   - scheduler: Receives the scheduler's state.
  ///   - loader: Resumes with the batch after the last one returned.
  ///   - generator: Receives the state of the random generator, if there is an optimizer and the
  ///     checkpoint has one; nil to leave it alone.
  ///   - strict: Whether keys that only the model or only the checkpoint has are refused, and tensors
  ///     of its file that could not be read.
  /// - Returns: What happened to each key, and what of its file did not come over.
  /// - Throws: `LoadError`, `OptimizerStateError`, `SchedulerStateError`, `DataLoaderStateError` or
  ///   `GeneratorStateError`, if the checkpoint lacks a requested part or the part does not fit;
  ///   `CheckpointError` with code `unsupported` if a tensor is held as quantised blocks. Nothing is changed
  ///   then.
  @discardableResult
  public func restore(
    model: Module, optimizer: Optimizer? = nil, scheduler: Scheduler? = nil,
    loader: DataLoader? = nil, generator: Generator? = .current, strict: Bool = true
  ) throws -> LoadReport {
    try requireNumbers()
    try model.check(self, strict: strict, assign: false)
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
      try optimizer.map { try restore($0, in: model) }
    } catch {
      if let before { try scheduler?.loadStateDict(before) }
      throw error
    }
    if let generator, let randomState { try generator.restoreState(randomState) }
    if let position { loader?.resume(position) }
    return try model.load(self, strict: strict, assign: false)
  }

  func position(_ loader: DataLoader) throws -> DataLoader.Position {
    guard let saved = metadata[Self.loaderKey] else {
      throw DataLoaderStateError(reasons: ["the checkpoint has no loader"])
    }
    return try loader.position(in: saved)
  }

  private func restore(_ optimizer: Optimizer, in model: Module) throws {
    guard let saved = self.optimizer else {
      throw OptimizerStateError(
        optimizer: "\(Swift.type(of: optimizer))", reasons: ["the checkpoint has no optimizer"])
    }
    guard let named = SharedParameters(optimizer, in: model).ownNamed(saved) else {
      throw OptimizerStateError(
        optimizer: "\(Swift.type(of: optimizer))",
        reasons: ["the names in the state may be the model's or the optimizer's, which differ"])
    }
    try optimizer.loadStateDict(named)
  }
}
