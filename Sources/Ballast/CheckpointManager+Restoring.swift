import Checkpoints
import OrderedCollections

extension CheckpointManager {
  /// Restores a model and its training from the latest checkpoint that is whole, all or nothing.
  ///
  /// ```swift
  /// let resumed = try manager.restoreLatest(model: model, optimizer: optimizer, scheduler: scheduler)
  /// for step in (resumed?.step ?? 0)..<10_000 { … }
  /// ```
  ///
  /// A file that is damaged, or gone meanwhile, is passed over for the one before it; one that is whole and
  /// does not fit, or is of a newer version of the layout, is an error. The step of the result is the one
  /// that ``save(_:step:metrics:options:)`` was given: the number of steps that were done.
  ///
  /// - Parameters:
  ///   - model: Receives the parameters and buffers.
  ///   - optimizer: Receives the optimizer's state.
  ///   - scheduler: Receives the scheduler's state.
  ///   - loader: Resumes with the batch after the last one returned.
  ///   - generator: Receives the state of the random generator, if there is an optimizer and the
  ///     checkpoint has one; nil to leave it alone.
  ///   - strict: Whether keys that only the model or only the checkpoint has are refused.
  /// - Returns: Which checkpoint was restored; nil if the folder has none that is whole, and then nothing is
  ///   changed.
  /// - Throws: What `Checkpoint.restore(model:optimizer:scheduler:loader:generator:strict:)` throws, and
  ///   `CheckpointError` if the folder, or a file in it, cannot be read. Nothing is changed then.
  @discardableResult
  public func restoreLatest(
    model: Module, optimizer: Optimizer? = nil, scheduler: Scheduler? = nil,
    loader: DataLoader? = nil, generator: Generator? = .current, strict: Bool = true
  ) throws -> Entry? {
    try restoreLatest { checkpoint in
      try checkpoint.restore(
        model: model, optimizer: optimizer, scheduler: scheduler, loader: loader,
        generator: generator, strict: strict)
    }
  }

  /// Restores several models and their training from the latest checkpoint that is whole, all or nothing.
  ///
  /// ```swift
  /// let resumed = try manager.restoreLatest(
  ///   models: ["generator": generator, "discriminator": discriminator],
  ///   optimizers: ["generator": optimizerG, "discriminator": optimizerD])
  /// ```
  ///
  /// Which files are passed over, and what the step is, are as in
  /// ``restoreLatest(model:optimizer:scheduler:loader:generator:strict:)``; how parts are found, as in
  /// `Checkpoint.restore(models:optimizers:schedulers:loader:generator:strict:)`.
  ///
  /// - Parameters:
  ///   - models: Receive the parameters and buffers, by name.
  ///   - optimizers: Receive the optimizers' states, by name.
  ///   - schedulers: Receive the schedulers' states, by name.
  ///   - loader: Resumes with the batch after the last one returned.
  ///   - generator: Receives the state of the random generator, if there are optimizers and the checkpoint
  ///     has one; nil to leave it alone.
  ///   - strict: Whether what only the models or only the checkpoint have is refused.
  /// - Returns: Which checkpoint was restored; nil if the folder has none that is whole, and then nothing is
  ///   changed.
  /// - Throws: What `Checkpoint.restore(models:optimizers:schedulers:loader:generator:strict:)` throws, and
  ///   `CheckpointError` if the folder, or a file in it, cannot be read. Nothing is changed then.
  @discardableResult
  public func restoreLatest(
    models: OrderedDictionary<String, Module>,
    optimizers: OrderedDictionary<String, Optimizer> = [:],
    schedulers: OrderedDictionary<String, Scheduler> = [:], loader: DataLoader? = nil,
    generator: Generator? = .current, strict: Bool = true
  ) throws -> Entry? {
    try restoreLatest { checkpoint in
      try checkpoint.restore(
        models: models, optimizers: optimizers, schedulers: schedulers, loader: loader,
        generator: generator, strict: strict)
    }
  }

  /// Gives the latest checkpoint that is whole to what restores it.
  private func restoreLatest(_ restore: (Checkpoint) throws -> Void) throws -> Entry? {
    for entry in try checkpoints().reversed() {
      let checkpoint = try Self.unlessDamaged(entry.path) { try Checkpoint(contentsOf: $0) }
      guard let checkpoint else { continue }
      try restore(checkpoint)
      return entry
    }
    return nil
  }
}
