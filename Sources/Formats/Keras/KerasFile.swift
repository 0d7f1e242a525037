import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// A file of one of Keras's kinds, read as a checkpoint.
///
/// The weights get PyTorch's names and shapes: see ``KerasTransform`` for the conventions. Nothing
/// of the model is run: layers that hold programs, such as `Lambda`, are data like all others, and
/// the weights of classes that are not known stay as they are.
struct KerasFile {
  /// What was read.
  private(set) var checkpoint: Checkpoint
  /// What is worth telling, a sentence each.
  private(set) var notes: [String] = []
  /// What could not be found out.
  private(set) var losses: [ConversionLoss] = []

  /// The largest config that is read. Those of large models are a few megabytes.
  static let maximumConfigByteCount = 256 << 20
  /// The name under which the metadata keep what the way back needs.
  static let metadataName = "ballast.keras"

  /// The dataset of a file that Ballast wrote, in which it keeps what Keras has no place for.
  static let outlineName = "ballast_outline"

  /// The name under which the outline of a file of weights keeps the config that the file lacks.
  static let configName = "ballast.keras.config"

  /// Reads a file.
  init(_ probe: FileProbe, _ kind: KerasFileKind, _ access: Access) throws {
    let path = probe.path
    let maps = access != .verified
    let source = try KerasSource(probe, kind, access)
    var plan = KerasPlan(source.model)
    let datasets = try source.resolve(&plan)
    let values = try datasets.enumerated().map { index, dataset in
      try dataset.tensor(declared: plan.variables[index].dtype, maps: maps)
    }
    for index in values.indices { plan.variables[index].dtype = values[index].dtype.rawValue }
    checkpoint = Checkpoint(state: try plan.state(values, file: path))
    for key in plan.constants where key.content == .count {
      checkpoint.state.moduleVersions[Self.module(of: key.key)] = 2
    }
    notes = plan.notes
    if source.config == nil { forgetGuesses(&plan, kind) }
    var origin = source.origin
    try readOptimizer(source, plan, maps: maps, &origin)
    origin["plan"] = plan.value
    if let text = source.outline {
      let rest = try CheckpointOutline.restore(text, tensors: [:], file: path)
      checkpoint.metadata = rest.checkpoint.metadata
      checkpoint.metadata[Self.configName] = nil
      checkpoint.architecture = rest.checkpoint.architecture
    }
    if source.config == nil {
      notes.append(
        "the file has no config: the classes of the layers were told by names and shapes")
      losses += plan.hyperparameters.keys.map {
        ConversionLoss(
          .hyperparameterMissing, $0.text,
          "the file does not say eps and momentum, and Keras's defaults are assumed")
      }
    } else {
      let (architecture, reason) = KerasArchitecture.describe(source.model, checkpoint.state)
      checkpoint.architecture = checkpoint.architecture ?? architecture
      if let reason, checkpoint.architecture == nil {
        notes.append("the model is not described to run: \(reason)")
      }
    }
    if source.config == nil, plan.mayFollowFlatten {
      notes.append(
        "without the config there is no telling what stood before Flatten: the inputs of Dense "
          + "layers behind it are in Keras's order, channels last")
    }
    checkpoint.metadata[Self.metadataName] = .dict(origin)
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
      let name = className.split(separator: ">").last.map(String.init) ?? className
      members["class_name"] = .string(name)
      members["config"] = config["config"] ?? .dict([:])
      reason = "\(name) has no twin in PyTorch, or none with these options"
      if let optimizer = KerasOptimizer(className: name, config: config["config"] ?? .dict([:])) {
        (checkpoint.optimizer, reason) = try optimizer.state(values, plan, file: source.path)
      }
    }
    if checkpoint.optimizer == nil {
      members["variables"] = .list(values.map { .tensor($0.array) })
      notes.append(
        "the optimizer's state is kept as Keras has it, in the metadata: \(reason ?? "")")
    } else {
      // Not every optimizer of PyTorch counts its steps.
      members["iteration"] = try values[0].array.scalar.map(Value.float)
      members["scalars"] = .list(values.prefix(2).map { .string($0.array.dtype.rawValue) })
    }
    origin["optimizer"] = .dict(members)
  }
}

/// What the three kinds of files have in common.
struct KerasSource {
  let path: String
  /// The model, by its config or as it was inferred.
  private(set) var model: KerasLayer
  /// The config, if there is one.
  private(set) var config: Value?
  /// The optimizer's config, if there is one.
  private(set) var optimizerConfig: Value?
  /// The optimizer's variables in order.
  private(set) var optimizer: [(name: String?, dataset: KerasDataset)] = []
  /// What the way back needs.
  private(set) var origin: OrderedDictionary<Value.Key, Value>
  /// What Ballast put there, if it wrote the file.
  private(set) var outline: String?

  private var content: Content

  private enum Content {
    case weights(KerasWeights)
    case legacy(KerasLegacyFile)
  }

  init(_ probe: FileProbe, _ kind: KerasFileKind, _ access: Access) throws {
    path = probe.path
    origin = ["format": .string(kind.rawValue)]
    let path = path
    switch kind {
    case .legacy:
      let file = try KerasLegacyFile(HDF5Content(probe))
      content = .legacy(file)
      for (name, text) in file.texts { origin[.string(name)] = .string(text) }
      origin["layers"] = .list(
        file.layers.map(\.name).filter { $0 != KerasLegacyFile.topLevelName }.map(Value.string))
      outline = file.outline
      config = try file.texts["model_config"].map {
        try Self.parse($0.utf8, path, place: "@model_config")
      }
      let training = try file.texts["training_config"].map {
        try Self.parse($0.utf8, path, place: "@training_config")
      }
      optimizerConfig = training?["optimizer_config"]
      optimizer = file.optimizer.map { ($0.name, $0.dataset) }
      model =
        try config.map { try KerasLayer(model: $0, file: path, place: "@model_config") }
        ?? KerasInference.model(file)
    case .archive:
      let archive = try KerasArchive(probe)
      let weights = try KerasWeights(archive.weights(access))
      content = .weights(weights)
      if let metadata = archive.metadata { origin["metadata"] = .string(metadata) }
      let assets = try archive.assets()
      if !assets.isEmpty {
        origin["assets"] = .dict(
          OrderedDictionary(uniqueKeysWithValues: assets.map { (.string($0), .bytes($1)) }))
      }
      let value = try Self.parse(archive.config.utf8, path, place: KerasArchive.configName)
      model = try KerasLayer(model: value, file: path, place: KerasArchive.configName)
      take(config: value, archive.config)
      add(weights)
    case .weights:
      let weights =
        path.hasSuffix(".json")
        ? try KerasWeights(index: path) : try KerasWeights(HDF5Content(probe))
      content = .weights(weights)
      if let text = try Self.config(inOutline: weights.outline, path) {
        let value = try Self.parse(text.utf8, path, place: KerasFile.configName)
        model = try KerasLayer(model: value, file: path, place: KerasFile.configName)
        take(config: value, text)
      } else {
        model = KerasInference.model(weights)
      }
      add(weights)
    }
  }

  /// The config that Ballast keeps in a file of weights.
  private static func config(
    inOutline outline: String?, _ path: String
  ) throws(CheckpointError) -> String? {
    guard let outline else { return nil }
    let rest = try CheckpointOutline.restore(outline, tensors: [:], file: path)
    return rest.checkpoint.metadata[KerasFile.configName]?.stringValue
  }

  private mutating func take(config value: Value, _ text: String) {
    origin["config"] = .string(text)
    config = value
    optimizerConfig = value["compile_config"]?["optimizer"]
  }

  private mutating func add(_ weights: KerasWeights) {
    outline = weights.outline
    origin["names"] = .dict(
      OrderedDictionary(
        uniqueKeysWithValues: weights.names.map { (.string($0.key), .string($0.value)) }))
    optimizer = weights.optimizerPlaces.compactMap { place in
      weights.datasets[place].map { (nil, $0) }
    }
  }

  /// Finds the variables of a plan.
  func resolve(_ plan: inout KerasPlan) throws(CheckpointError) -> [KerasDataset] {
    switch content {
    case .weights(let weights): try weights.resolve(&plan, file: path)
    case .legacy(let file): try file.resolve(&plan, file: path)
    }
  }

  /// The value of a config. Keras's writer, Python's `json`, writes NaN and infinity as words that
  /// are not JSON; a config has no use for them.
  static func parse(
    _ text: some Sequence<UInt8>, _ path: String, place: String
  ) throws(CheckpointError) -> Value {
    do throws(JSONError) {
      return try Value(json: text)
    } catch {
      throw CheckpointError(
        .damaged, file: path, place: place, reason: "the config is \(error)")
    }
  }
}
