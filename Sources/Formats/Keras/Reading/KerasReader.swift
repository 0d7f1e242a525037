import Arrays
import Checkpoints
import OrderedCollections
import States

/// Reads a file of one of Keras's kinds as a checkpoint.
///
/// The weights get PyTorch's names and shapes: see ``KerasTransform`` for the conventions. Nothing
/// of the model is run: layers that hold programs, such as `Lambda`, are data like all others, and
/// the weights of classes that are not known stay as they are.
struct KerasReader {
  private var checkpoint: Checkpoint
  private var notes: [String] = []
  private var losses: [ConversionLoss] = []

  /// Reads a file.
  static func read(
    _ probe: FileProbe, _ kind: KerasFileKind, _ access: Access
  ) throws -> ReadResult {
    let reader = try KerasReader(probe, kind, access)
    return ReadResult(reader.checkpoint, notes: reader.notes, losses: reader.losses)
  }

  private init(_ probe: FileProbe, _ kind: KerasFileKind, _ access: Access) throws {
    let maps = access != .verified
    let path = probe.path
    let source = try KerasSource(probe, kind, access)
    var plan = KerasPlan(source.model, in: source.variables)
    let datasets: [KerasDataset]
    do throws(CheckpointError) {
      datasets = try source.variables.resolve(&plan, file: path)
    } catch {
      throw source.isOfKeras1 ? Self.keras1(path) : error
    }
    if source.origin["backend"]?.stringValue == "theano",
      let kernel = plan.mappings.first(where: \.transform.isConvolution)
    {
      throw CheckpointError(
        .unsupported, file: path, place: kernel.keys.first,
        reason: "it was saved with the backend Theano, whose convolutions turn their kernels",
        advice: "Load it with Keras 2 on TensorFlow, which turns them back, and save it again.")
    }
    plan.splitProjections()
    plan.dropImpossibleOrders()
    // A model without weights has nothing else in its file either.
    guard !datasets.isEmpty || source.config != nil || source.losses.isEmpty else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "it has no weights where Keras has them")
    }
    let values = try datasets.enumerated().map { index, dataset in
      try dataset.tensor(declared: plan.variables[index].dtype, maps: maps)
    }
    for index in values.indices { plan.variables[index].dtype = values[index].dtype.rawValue }
    checkpoint = Checkpoint(state: try plan.state(values, file: path))
    for key in plan.constants where key.content == .count {
      checkpoint.state.moduleVersions[Self.module(of: key.key)] = 2
    }
    notes = plan.notes
    // What flows is not known without the config, but for what names of classes show.
    losses =
      source.losses
      + plan.losses.filter {
        source.config != nil || $0.kind != .layoutGuessed
      }
    if source.config == nil { losses += plan.guessedLayouts(source.model) }
    losses += plan.variables.enumerated().compactMap { index, variable in
      guard let original = variable.original, !values[index].isBitwiseEqual(to: values[original])
      else { return nil }
      return ConversionLoss(
        .tensorDropped, variable.path, "the file has it twice, and in two versions")
    }
    if source.config == nil { forgetGuesses(&plan, kind) }
    var origin = source.origin
    try readOptimizer(source, plan, maps: maps, &origin)
    origin["plan"] = plan.value
    if !source.metrics.isEmpty {
      origin["metrics"] = .dict(
        OrderedDictionary(
          uniqueKeysWithValues: try source.metrics.map { place, dataset in
            (.string(place), .tensor(try dataset.tensor(declared: nil, maps: maps)))
          }))
      notes.append("what metrics counted is kept for the way back: it is nothing of the model")
    }
    if let text = source.outline {
      let rest = try CheckpointOutline.restore(text, tensors: [:], file: path)
      losses += rest.losses
      checkpoint.metadata = rest.checkpoint.metadata
      if !rest.hasOrigin { checkpoint.metadata[KerasFile.configName] = nil }
      checkpoint.origin = rest.checkpoint.origin.without(KerasFile.originName)
      checkpoint.architecture = rest.checkpoint.architecture
    }
    if source.config == nil {
      notes.append(
        "the file has no config: the classes of the layers were inferred from names and shapes")
      losses += plan.hyperparameters.keys.map {
        ConversionLoss(
          .hyperparameterMissing, $0.text,
          "the file does not say eps and momentum, and Keras's defaults are assumed")
      }
    } else {
      let (architecture, reason) = KerasArchitecture.describe(
        source, plan, checkpoint.state)
      checkpoint.architecture = checkpoint.architecture ?? architecture
      if let reason, checkpoint.architecture == nil {
        notes.append("the model is not described to run: \(reason)")
      }
    }
    checkpoint.origin[KerasFile.originName] = .dict(origin)
  }

  /// Keras 1 had other names and arguments, and kernels in an order that its backend chose.
  private static func keras1(_ path: String) -> CheckpointError {
    CheckpointError(
      .unsupported, file: path,
      reason: "it is a file of Keras 1, whose layers have other arguments and weights",
      advice: "Load it with Keras 2, which knows them, and save it again.")
  }

  /// Where a file of the other kind has a variable is not known without the config.
  private func forgetGuesses(_ plan: inout KerasPlan, _ kind: KerasFileKind) {
    for index in plan.variables.indices {
      if kind == .legacy {
        plan.variables[index].place = nil
      } else {
        plan.variables[index].layer = nil
      }
    }
  }

  private static func module(of key: String) -> String {
    key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
  }

  /// Reads the optimizer's variables as PyTorch's state, or, if they have no twin, as they are.
  private mutating func readOptimizer(
    _ source: KerasSource, _ plan: KerasPlan, maps: Bool,
    _ origin: inout OrderedDictionary<Value.Key, Value>
  ) throws {
    guard !source.optimizer.isEmpty else { return }
    let values = try source.optimizer.map { variable in
      (name: variable.name, array: try variable.dataset.tensor(declared: nil, maps: maps))
    }
    var members: OrderedDictionary<Value.Key, Value> = [:]
    members["names"] = .list(values.compactMap { $0.name.map(Value.string) })
    var reason: String? = "the file does not say which optimizer it is of"
    if let config = source.optimizerConfig, let className = config["class_name"]?.stringValue {
      let name = KerasLayer.plainName(className)
      members["class_name"] = .string(name)
      members["config"] = config["config"] ?? .dict([:])
      let options = config["config"] ?? .dict([:])
      reason = KerasOptimizer.objection(to: name, options) ?? "\(name) has no twin in PyTorch"
      notes += [KerasOptimizer.clipping(options)].compactMap(\.self)
      let isOld = values.first?.name?.hasSuffix(":0") == true
      if var optimizer = KerasOptimizer(className: name, config: options) {
        // TF-Keras has neither of these as variables.
        if optimizer.hasProduct == true, optimizer.count(plan) == values.count + 2 {
          optimizer.hasProduct = false
          members["product"] = false
        }
        if optimizer.count(plan) == values.count + 1, let other = optimizer.withRate(of: options) {
          optimizer = other
          members["rate_in_config"] = true
        }
        if !isOld {
          (checkpoint.optimizer, reason) = try optimizer.state(values, plan, file: source.path)
        } else if options["decay"]?.doubleValue ?? 0 != 0 {
          reason = "its learning rate decays, which is no option of PyTorch's"
        } else if let (ordered, places) = optimizer.inOrder(values, plan) {
          let unnamed = ordered.map { (name: nil as String?, array: $0.array) }
          (checkpoint.optimizer, reason) = try optimizer.state(unnamed, plan, file: source.path)
          members["places"] = .list(places.map(Value.int))
        } else {
          reason = "the names of its variables are not those of the model's"
        }
      }
    }
    if checkpoint.optimizer == nil {
      members["variables"] = .list(values.map { .tensor($0.array) })
      notes.append(
        "the optimizer's state is kept as Keras has it: \(reason ?? "")")
    } else {
      if source.optimizerConfig?["config"]?["learning_rate"]?.dictionary != nil {
        notes.append(
          "the learning rate follows a schedule of Keras's: the optimizer's state has none, and whoever "
            + "goes on from it has to set one")
      }
      // Not every optimizer of PyTorch counts its steps.
      members["iteration"] = try values[0].array.scalar.map(Value.float)
      members["scalars"] = .list(values.prefix(2).map { .string($0.array.dtype.rawValue) })
    }
    origin["optimizer"] = .dict(members)
  }
}
