import Arrays
import Checkpoints
import Interchange
import OrderedCollections
import States

extension Checkpoint {
  static let optimizersKey = "optimizers"
  static let schedulersKey = "schedulers"

  /// A checkpoint of several models and their training, such as a generator and a discriminator.
  ///
  /// ```swift
  /// try Checkpoint(
  ///   models: ["generator": generator, "discriminator": discriminator],
  ///   optimizers: ["generator": optimizerG, "discriminator": optimizerD],
  ///   metadata: ["epoch": 3]
  /// ).save(to: "gan.h5")
  /// ```
  ///
  /// A snapshot, as of one model: ``init(model:optimizer:scheduler:loader:generator:metadata:architecture:)``.
  /// In `state` each key begins with the name of its model, `generator.fc.weight`; the optimizers are in the
  /// metadata under `optimizers`, by the names that they gave their parameters, and the schedulers under
  /// `schedulers`. In a PyTorch file the models are the entries of `model_state_dict`, or, where one is
  /// called an average, its keys begin as they do in `state`.
  ///
  /// - Parameters:
  ///   - models: The sources of the parameters and buffers, by name.
  ///   - optimizers: The sources of optimizers' states, by name; the names need not be those of models.
  ///   - schedulers: The sources of schedulers' states, by name.
  ///   - loader: The source of the position in a pass, saved in the metadata as `loader`.
  ///   - generator: The random generator, whose state is saved in the metadata as `rng_state` if there are
  ///     optimizers; nil to omit it.
  ///   - metadata: Further values by name.
  /// - Precondition: Names of models are not empty and without dots; no object has two names; each optimizer
  ///   has a parameter of one of the models, or one of the name and shape of such; and no entry of the
  ///   metadata has the name of one that is made here.
  public init(
    models: OrderedDictionary<String, Module>,
    optimizers: OrderedDictionary<String, Optimizer> = [:],
    schedulers: OrderedDictionary<String, Scheduler> = [:], loader: DataLoader? = nil,
    generator: Generator? = .current, metadata: KeyValuePairs<String, Value> = [:]
  ) {
    Self.checkNames(models, optimizers, schedulers)
    var state = StateDict()
    for (name, model) in models { state.add(model.stateDict(), as: name) }
    var entries = OrderedDictionary(
      metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    func add(_ value: Value, as name: String) {
      require(
        entries.updateValue(value, forKey: name) == nil,
        "Checkpoint: the metadata has an entry \"\(name)\", which is the place of the \(name)")
    }
    if !optimizers.isEmpty {
      let states = optimizers.map { name, optimizer -> (Value.Key, Value) in
        let isOfModel = models.values.contains { SharedParameters(optimizer, in: $0).isAny }
        require(
          isOfModel, "Checkpoint: the optimizer \"\(name)\" has no parameter of any of the models")
        return (.string(name), .optimizer(optimizer.stateDict()))
      }
      add(.dict(OrderedDictionary(uniqueKeysWithValues: states)), as: Self.optimizersKey)
    }
    if !schedulers.isEmpty {
      let states = schedulers.map { (Value.Key.string($0), $1.stateDict()) }
      add(.dict(OrderedDictionary(uniqueKeysWithValues: states)), as: Self.schedulersKey)
    }
    if let loader { add(loader.stateDict(), as: Self.loaderKey) }
    if let generator, !optimizers.isEmpty {
      add(.tensor(generator.saveState()), as: Self.generatorKey)
    }
    self.init(state: state, metadata: entries)
    for format in FileFormat.allCases {
      if let entry = format.implementation.originEntry(ofModels: Array(models.keys)) {
        origin[format.id] = entry
      }
    }
  }

  /// Restores several models and their training, all or nothing.
  ///
  /// ```swift
  /// let checkpoint = try Checkpoint(contentsOf: "gan.pth")
  /// try checkpoint.restore(
  ///   models: ["generator": generator, "discriminator": discriminator],
  ///   optimizers: ["generator": optimizerG, "discriminator": optimizerD])
  /// ```
  ///
  /// A part is found by its name in the file; by that within `models`, `optimizers` and the like; or by
  /// what is left of it without words that say what sort of thing it is, so that `g` is the name of
  /// `g_state_dict`, `optimizer_g` and `models.g`; last without regard to case, so that it is that of `netG`.
  /// Where two parts fit one of these equally well, that is an error. The members of a list are named by
  /// their numbers. The checkpoint's own model and optimizer have the names that they had in a PyTorch file,
  /// and else `model` and `optimizer`; one that is the only one of its sort may be called by any word for
  /// that sort. Where a submodule is called as a whole model is, the one that has the keys is meant; if
  /// both have them, a whole model of just that name.
  ///
  /// An optimizer whose parameters have only numbers, as in PyTorch's files, is matched by their order, as
  /// PyTorch does.
  ///
  /// - Parameters:
  ///   - models: Receive the parameters and buffers, by name.
  ///   - optimizers: Receive the optimizers' states, by name.
  ///   - schedulers: Receive the schedulers' states, by name.
  ///   - loader: Resumes with the batch after the last one returned.
  ///   - generator: Receives the state of the random generator, if there are optimizers and the checkpoint
  ///     has one; nil to leave it alone.
  ///   - strict: Whether keys that only a model or only its part of the checkpoint has are refused, models of
  ///     the checkpoint that are not named, optimizers of it that are not, if any are, schedulers that are
  ///     not, if any optimizers or schedulers are, and tensors of its file that could not be read.
  /// - Returns: What happened to each key, by the name of the model.
  /// - Throws: `LoadError`, `OptimizerStateError`, `SchedulerStateError`, `DataLoaderStateError` or
  ///   `GeneratorStateError`, naming the part, if the checkpoint lacks it or it does not fit; `CheckpointError`
  ///   with code `unsupported` if a tensor is held as quantised blocks. Nothing is changed then.
  /// - Precondition: No object has two names.
  @discardableResult
  public func restore(
    models: OrderedDictionary<String, Module>,
    optimizers: OrderedDictionary<String, Optimizer> = [:],
    schedulers: OrderedDictionary<String, Scheduler> = [:], loader: DataLoader? = nil,
    generator: Generator? = .current, strict: Bool = true
  ) throws -> OrderedDictionary<String, LoadReport> {
    Self.checkNames(models, optimizers, schedulers)
    try requireNumbers()
    let parts = try modelParts(of: models, strict: strict)
    var known: [(name: String, parameter: Parameter)] = []
    for ((_, model), part) in zip(models, parts) {
      known += model.namedParameters().map { (part.prefix + $0.name, $0.parameter) }
    }
    let optimizerStates = try optimizerStates(of: optimizers, among: known, strict: strict)
    let schedulerStates = try schedulerStates(
      of: schedulers, leavesNone: strict && !(optimizers.isEmpty && schedulers.isEmpty))
    let randomState = optimizers.isEmpty ? nil : generatorState
    if generator != nil, let randomState { try Generator(seed: 0).restoreState(randomState) }
    let position = try loader.map(position)
    // All of it fits. What is checked again here was checked before.
    for (optimizer, state) in optimizerStates { try optimizer.loadStateDict(state) }
    for (scheduler, state) in schedulerStates { try scheduler.loadStateDict(state) }
    if let generator, let randomState { try generator.restoreState(randomState) }
    if let position { loader?.resume(position) }
    var reports: OrderedDictionary<String, LoadReport> = [:]
    for ((name, model), part) in zip(models, parts) {
      var report = try model.loadStateDict(part.state, strict: strict)
      (report.losses, report.notes) = (losses, notes)
      reports[name] = report
    }
    return reports
  }

  private static func checkNames(
    _ models: OrderedDictionary<String, Module>,
    _ optimizers: OrderedDictionary<String, Optimizer>,
    _ schedulers: OrderedDictionary<String, Scheduler>
  ) {
    require(!models.isEmpty, "Checkpoint: there is no model among the models")
    for name in models.keys {
      require(
        !name.isEmpty && !name.contains("."),
        "Checkpoint: the name of a model is empty or has a dot: \"\(name)\"")
    }
    let objects: [[AnyObject]] = [
      Array(models.values), Array(optimizers.values), Array(schedulers.values),
    ]
    for objects in objects {
      require(
        Set(objects.map(ObjectIdentifier.init)).count == objects.count,
        "Checkpoint: two names stand for one object")
    }
  }
}

extension StateDict {
  /// Adds a model's tensors under its name.
  fileprivate mutating func add(_ model: StateDict, as name: String) {
    for (key, entry) in model.entries { entries["\(name).\(key)"] = entry }
    for (path, version) in model.moduleVersions {
      moduleVersions[path.isEmpty ? name : "\(name).\(path)"] = version
    }
  }
}
