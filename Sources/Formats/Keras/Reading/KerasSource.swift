import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Where the variables of a model are.
protocol KerasVariableSource {
  /// Finds the variables of a plan, notes what the file says of them, and adds those that the plan
  /// does not know.
  ///
  /// - Returns: The dataset of each variable.
  /// - Throws: `CheckpointError` with code `damaged` if a layer has more or fewer of them.
  func resolve(_ plan: inout KerasPlan, file: String) throws(CheckpointError) -> [KerasDataset]

  /// Whether the file has these variables of a layer, and, where it has groups of them, no others.
  func has(_ variables: [KerasVariable]) -> Bool
}

/// What is read from: what the three kinds of files have in common.
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
  /// The variables of metrics, by where they are.
  private(set) var metrics: OrderedDictionary<String, KerasDataset> = [:]
  /// What the way back needs.
  private(set) var origin: OrderedDictionary<Value.Key, Value>
  /// What Ballast put there, if it wrote the file.
  private(set) var outline: String?
  /// What the file has that no file of Keras has.
  private(set) var losses: [ConversionLoss] = []

  /// Whether the file is of Keras 1, as far as it says: its version, or names such as `dense_1_W`.
  var isOfKeras1: Bool {
    if let version = origin["keras_version"]?.stringValue { return version.hasPrefix("1.") }
    guard let file = variables as? KerasLegacyFile else { return false }
    return file.layers.contains { layer in
      layer.weights.contains { $0.name.hasSuffix("_W") || $0.name.hasSuffix("_W:0") }
    }
  }

  /// Whether the file is of a Keras before version 3, nil if it does not say.
  var isOld: Bool? { Self.isOld(.dict(origin)) }

  /// The same of what is kept of a file.
  static func isOld(_ origin: Value) -> Bool? {
    let metadata = (origin["metadata"]?.stringValue).flatMap { try? Value(json: Array($0.utf8)) }
    let version = origin["keras_version"] ?? metadata?["keras_version"]
    return version?.stringValue.map { !$0.hasPrefix("3") }
  }

  /// The model's variables.
  let variables: any KerasVariableSource

  init(_ probe: FileProbe, _ kind: KerasFileKind, _ access: Access) throws {
    path = probe.path
    origin = ["format": .string(kind.rawValue)]
    let path = path
    switch kind {
    case .legacy:
      let file = try KerasLegacyFile(HDF5Content(probe))
      variables = file
      for (name, text) in file.texts { origin[.string(name)] = .string(text) }
      origin["layers"] = .list(
        file.layers.map(\.name).filter { $0 != KerasLegacyFile.topLevelName }.map(Value.string))
      outline = file.outline
      losses = file.losses
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
      losses = archive.losses
      let weights = try KerasWeights(archive.weights(access))
      variables = weights
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
      variables = weights
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
    // Before there was an origin the config was among the metadata.
    guard rest.hasOrigin else { return rest.checkpoint.metadata[KerasFile.configName]?.stringValue }
    return rest.checkpoint.origin[KerasFile.originName]?["config"]?.stringValue
  }

  private mutating func take(config value: Value, _ text: String) {
    origin["config"] = .string(text)
    config = value
    optimizerConfig = value["compile_config"]?["optimizer"]
  }

  private mutating func add(_ weights: KerasWeights) {
    outline = weights.outline
    losses += weights.losses
    metrics = weights.metrics
    if weights.hasOldContainer { origin["old_container"] = true }
    origin["names"] = .dict(
      OrderedDictionary(
        uniqueKeysWithValues: weights.names.map { (.string($0.key), .string($0.value)) }))
    optimizer = weights.optimizerPlaces.compactMap { place in
      weights.datasets[place].map { (nil, $0) }
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
