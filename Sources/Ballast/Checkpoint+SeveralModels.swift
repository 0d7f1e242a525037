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
  /// `g_state_dict`, `optimizer_g` and `models.g`. Where two parts fit one of these equally well, that is an
  /// error. The checkpoint's own model and optimizer have the names that they had in a PyTorch file, and
  /// else `model` and `optimizer`.
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
  ///     the checkpoint that are not named, optimizers of it that are not, if any are, and tensors of its
  ///     file that could not be read.
  /// - Returns: What happened to each key, by the name of the model.
  /// - Throws: `LoadError`, `OptimizerStateError`, `SchedulerStateError`, `DataLoaderStateError` or
  ///   `GeneratorStateError`, naming the part, if the checkpoint lacks it or it does not fit. Nothing is
  ///   changed then.
  /// - Precondition: No object has two names.
  @discardableResult
  public func restore(
    models: OrderedDictionary<String, Module>,
    optimizers: OrderedDictionary<String, Optimizer> = [:],
    schedulers: OrderedDictionary<String, Scheduler> = [:], loader: DataLoader? = nil,
    generator: Generator? = .current, strict: Bool = true
  ) throws -> OrderedDictionary<String, LoadReport> {
    Self.checkNames(models, optimizers, schedulers)
    let parts = try modelParts(of: models, strict: strict)
    var known: [(name: String, parameter: Parameter)] = []
    for ((_, model), part) in zip(models, parts) {
      known += model.namedParameters().map { (part.prefix + $0.name, $0.parameter) }
    }
    let optimizerStates = try optimizerStates(of: optimizers, among: known, strict: strict)
    let schedulerStates = try schedulers.map { name, scheduler in
      (scheduler, try schedulerState(of: scheduler, name))
    }
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

// MARK: Finding the parts

extension Checkpoint {
  /// A part of the checkpoint that is a model.
  private struct ModelPart {
    /// What the keys of it begin with in the checkpoint's `state`; empty if they do not.
    let prefix: String
    let state: StateDict
  }

  /// The names under which a file had the checkpoint's own model and optimizer.
  private var ownNames: PartNames {
    let names = origin.entries.compactMap { id, entry in
      FileFormat(id: id)?.implementation.partNames(in: entry)
    }
    return names.first { $0.model != nil || $0.optimizer != nil } ?? PartNames()
  }

  /// The part of each model, each checked to fit.
  private func modelParts(
    of models: OrderedDictionary<String, Module>, strict: Bool
  ) throws(LoadError) -> [ModelPart] {
    var further = self.models.mapValues { ModelPart(prefix: "", state: $0) }
    for prefix in OrderedSet(state.keys.map { $0.prefix { $0 != "." } }) {
      // What is called as a further model is told from it by the dot, where both are meant.
      let name = further[String(prefix)] == nil ? String(prefix) : "\(prefix)."
      further[name] = ModelPart(prefix: "\(prefix).", state: state.part("\(prefix)."))
    }
    let whole = state.isEmpty ? nil : ownNames.model ?? "model"
    var found: OrderedDictionary<String, (name: String, part: ModelPart)> = [:]
    for (name, model) in models {
      func refusal(_ advice: String) -> LoadError {
        var report = LoadReport()
        report.missing = Array(model.stateDict().keys)
        return Self.error(name, model, report, advice)
      }
      let place: String
      let part: ModelPart
      switch PartSearch(further.keys).find(name) {
      case .one(let found):
        guard let value = further[found] else { throw refusal("") }
        (place, part) = (found, value)
      case .none where model.stateDict().isEmpty:
        (place, part) = ("\(name).", ModelPart(prefix: "\(name).", state: StateDict()))
      case .none:
        guard let whole, case .one = PartSearch([whole], keepingWords: true).find(name) else {
          throw refusal(
            "The checkpoint has no model \"\(name)\"; it has \(Self.list(further.keys)).")
        }
        (place, part) = ("", ModelPart(prefix: "", state: state))
      case .several(let places):
        throw refusal("\"\(name)\" may be any of \(Self.list(places)) in the checkpoint.")
      }
      if let other = found[place] {
        throw refusal("It and \"\(other.name)\" would be the same model of the checkpoint.")
      }
      found[place] = (name, part)
      var report = model.loadReport(for: part.state)
      (report.losses, report.notes) = (losses, notes)
      guard report.isAcceptable(strict: strict) else {
        throw Self.error(name, model, report, nil, strict: strict)
      }
    }
    let parts = found.values.elements.map(\.part)
    if found[""] != nil, parts.contains(where: { !$0.prefix.isEmpty }) {
      throw LoadError(
        several: models.keys, LoadReport(),
        "One of them would be the whole model of the checkpoint, and another a part of it.")
    }
    try checkShared(models, parts)
    guard strict else { return parts }
    let left = further.filter { name, part in
      found[name] == nil && !(found[""] != nil && !part.prefix.isEmpty)
    }
    guard left.isEmpty else {
      var report = LoadReport()
      report.unexpected = left.flatMap { name, part in
        part.state.keys.map { "\(part.prefix.isEmpty ? "\(name)." : part.prefix)\($0)" }
      }
      throw LoadError(
        several: models.keys, report,
        "The checkpoint also has \(Self.list(left.keys)); with strict: false they are left there.")
    }
    return parts
  }

  /// Refuses different values for one tensor that two of the models have.
  private func checkShared(
    _ models: OrderedDictionary<String, Module>, _ parts: [ModelPart]
  ) throws(LoadError) {
    var values: [ObjectIdentifier: NDArray] = [:]
    for ((name, model), part) in zip(models, parts) {
      var report = LoadReport()
      for (key, parameter) in model.namedParameters() {
        guard let array = part.state[key] else { continue }
        if let other = values.updateValue(array, forKey: ObjectIdentifier(parameter)),
          !other.isBitwiseEqual(to: array)
        {
          report.tieConflicts.append(key)
        }
      }
      guard report.tieConflicts.isEmpty else {
        throw Self.error(name, model, report, "Another of the models has the tensor too.")
      }
    }
  }

  /// The state of each optimizer, each checked to fit.
  private func optimizerStates(
    of optimizers: OrderedDictionary<String, Optimizer>,
    among known: [(name: String, parameter: Parameter)], strict: Bool
  ) throws(OptimizerStateError) -> [(Optimizer, OptimizerState)] {
    guard !optimizers.isEmpty else { return [] }
    var saved = self.optimizers
    if let optimizer { saved[ownNames.optimizer ?? "optimizer"] = optimizer }
    var taken: [String: String] = [:]
    var states: [(Optimizer, OptimizerState)] = []
    for (name, optimizer) in optimizers {
      func refusal(_ reasons: [String]) -> OptimizerStateError {
        OptimizerStateError(
          optimizer: "\"\(name)\" (\(Swift.type(of: optimizer)))", reasons: reasons)
      }
      let place: String
      switch PartSearch(saved.keys, keepingWords: saved.count == 1).find(name) {
      case .one(let found): place = found
      case .none:
        throw refusal([
          "the checkpoint has no optimizer \"\(name)\"; it has \(Self.list(saved.keys))"
        ])
      case .several(let places):
        throw refusal(["\"\(name)\" may be any of \(Self.list(places)) in the checkpoint"])
      }
      if let other = taken.updateValue(name, forKey: place) {
        throw refusal(["it and \"\(other)\" would be the same optimizer of the checkpoint"])
      }
      guard let state = saved[place],
        let named = SharedParameters(optimizer, among: known).ownNamed(state)
      else {
        throw refusal([
          "the names in the state may be the models' or the optimizer's, which differ"
        ])
      }
      do {
        try optimizer.checkStateDict(named)
      } catch {
        throw refusal(error.reasons)
      }
      states.append((optimizer, named))
    }
    let left = saved.keys.filter { taken[$0] == nil }
    guard !strict || left.isEmpty else {
      throw OptimizerStateError(
        optimizer: Self.list(optimizers.keys),
        reasons: [
          "the checkpoint also has the optimizers \(Self.list(left)); with strict: false they are left there"
        ])
    }
    return states
  }

  /// The state of a scheduler, checked to fit.
  private func schedulerState(
    of scheduler: Scheduler, _ name: String
  ) throws(SchedulerStateError) -> Value {
    var saved = metadata.filter { $0.value.dictionary != nil }
    for container in [Self.schedulersKey, "lr_schedulers"] {
      guard let members = saved.removeValue(forKey: container)?.dictionary else { continue }
      for (key, value) in members { saved["\(container).\(key.text)"] = value }
    }
    func refusal(_ reasons: [String]) -> SchedulerStateError {
      SchedulerStateError(
        scheduler: "\"\(name)\" (\(Swift.type(of: scheduler)))", reasons: reasons)
    }
    let known = saved.keys.filter { PartSearch.words($0).contains { $0.hasPrefix("sched") } }
    switch PartSearch(known).find(name) {
    case .one(let place):
      guard let state = saved[place] else { break }
      do {
        try scheduler.checkStateDict(state)
      } catch {
        throw refusal(error.reasons)
      }
      return state
    case .none: break
    case .several(let places):
      throw refusal(["\"\(name)\" may be any of \(Self.list(places)) in the checkpoint"])
    }
    throw refusal(["the checkpoint has no scheduler \"\(name)\"; it has \(Self.list(known))"])
  }

  private static func error(
    _ name: String, _ model: Module, _ report: LoadReport, _ advice: String?, strict: Bool = true
  ) -> LoadError {
    var error = LoadError(
      moduleType: "\"\(name)\" (\(Swift.type(of: model)))", report: report, strict: strict)
    error.advice = advice
    return error
  }

  private static func list(_ names: some Sequence<String>) -> String {
    let names = names.map { "\"\($0)\"" }
    if names.isEmpty { return "none" }
    return names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}

extension LoadError {
  /// An error about several models together.
  fileprivate init(several names: some Sequence<String>, _ report: LoadReport, _ advice: String) {
    self.init(
      moduleType: "the models " + names.map { "\"\($0)\"" }.joined(separator: ", "),
      report: report, strict: true)
    self.advice = advice
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

  /// The tensors whose keys begin with a prefix that ends with a dot, without it.
  fileprivate func part(_ prefix: String) -> StateDict {
    var part = StateDict()
    for (key, entry) in entries where key.hasPrefix(prefix) {
      part.entries[String(key.dropFirst(prefix.count))] = entry
    }
    for (path, version) in moduleVersions where "\(path).".hasPrefix(prefix) {
      part.moduleVersions[String(path.dropFirst(prefix.count))] = version
    }
    return part
  }
}
