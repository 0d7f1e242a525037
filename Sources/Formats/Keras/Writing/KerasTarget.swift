import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// The Keras model that a checkpoint is written for, and what is known of its files.
struct KerasTarget {
  /// The variables, and how the checkpoint's tensors become them.
  var plan: KerasPlan
  /// The model, if its config is known.
  private(set) var model: KerasLayer?
  /// The text of a config of Keras 3, `config.json`.
  private(set) var config: String?
  /// The texts of a legacy file's attributes.
  private(set) var modelConfig, trainingConfig: String?
  /// The text of `metadata.json`.
  private(set) var metadata: String?
  /// The version and the backend that a legacy file names.
  private(set) var version, backend: String
  /// The names of layers by where a `.weights.h5` has them.
  private(set) var names: OrderedDictionary<String, String>
  /// The layers of a legacy file without a config, in order.
  private(set) var layers: [String]
  /// What is known of the optimizer.
  private(set) var optimizer: Value?
  /// Whether a `.weights.h5` has the layers in the container that TF-Keras has.
  private(set) var hasOldContainer: Bool
  /// What metrics counted, by where a `.weights.h5` has it.
  private(set) var metrics: OrderedDictionary<String, NDArray> = [:]
  /// The weights of a template whose order it does not say.
  private(set) var doubts: [ConversionLoss] = []
  /// The files in the archive's folder `assets`.
  private(set) var assets: OrderedDictionary<String, [UInt8]> = [:]

  /// The version of Keras whose files are written where no other is known.
  static let usualVersion = "3.15.1"

  /// What a checkpoint that was read from a Keras file keeps of it.
  ///
  /// - Parameter value: Of ``KerasFile/originName``.
  /// - Throws: `CheckpointError` with code `damaged` if they are of another form.
  init(origin value: Value, file: String) throws(CheckpointError) {
    guard let plan = value["plan"].flatMap(KerasPlan.init) else {
      throw CheckpointError(
        .damaged, file: file, place: "origin",
        reason: "what is kept of the Keras model is malformed")
    }
    self.init(plan: plan, origin: value)
    try parseConfig(file)
  }

  /// What a Keras file, or a config as JSON, says.
  init(template path: String) throws {
    let beginning = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile(path)
      return try file.bytes(in: 0..<min(file.byteCount, KerasFile.maximumConfigByteCount))
    }
    if path.hasSuffix(".json"), !path.hasSuffix(KerasFileKind.indexSuffix) {
      let value = try KerasSource.parse(beginning, path, place: "config")
      let model = try KerasLayer(model: value, file: path, place: "config")
      self.init(
        plan: KerasPlan(model),
        origin: ["config": .string(String(decoding: beginning, as: UTF8.self))])
      doubts = plan.losses
      try parseConfig(path)
      return
    }
    let probe = try FileProbe(path)
    guard let kind = try KerasFileKind(probe) else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is not a file of Keras")
    }
    let file = try KerasReader.read(probe, kind, .mapped)
    guard let origin = file.checkpoint.origin[KerasFile.originName] else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is not a file of Keras")
    }
    try self.init(origin: origin, file: path)
    doubts = file.losses.filter { $0.kind == .layoutGuessed }
  }

  private init(plan: KerasPlan, origin: Value) {
    self.plan = plan
    func text(_ name: String) -> String? { origin[name]?.stringValue }
    config = text("config")
    modelConfig = text("model_config")
    trainingConfig = text("training_config")
    metadata = text("metadata")
    version = text("keras_version") ?? Self.usualVersion
    backend = text("backend") ?? "torch"
    names = [:]
    for (place, name) in origin["names"]?.dictionary ?? [:] {
      names[place.text] = name.stringValue
    }
    layers = origin["layers"]?.elements?.compactMap(\.stringValue) ?? []
    optimizer = origin["optimizer"]
    hasOldContainer = origin["old_container"]?.boolValue ?? false
    for (place, value) in origin["metrics"]?.dictionary ?? [:] {
      if let array = value.tensor, KerasWeights.isMetric(place.text) {
        metrics[place.text] = array
      }
    }
    for (name, content) in origin["assets"]?.dictionary ?? [:] {
      if case .bytes(let bytes) = content { assets[name.text] = bytes }
    }
  }

  /// Finds the model in the config, and writes the config that the other kinds of files want.
  private mutating func parseConfig(_ file: String) throws(CheckpointError) {
    if let config {
      let value = try KerasSource.parse(config.utf8, file, place: "config")
      model = try KerasLayer(model: value, file: file, place: "config")
      if modelConfig == nil { takeLegacyConfigs(from: value) }
    } else if let modelConfig {
      let value = try KerasSource.parse(modelConfig.utf8, file, place: "model_config")
      let model = try KerasLayer(model: value, file: file, place: "model_config")
      self.model = model
      let training = try trainingConfig.map { text throws(CheckpointError) in
        try KerasSource.parse(text.utf8, file, place: "training_config")
      }
      config = Self.config(model, training).json()
    }
    guard let model else { return }
    let fresh = KerasPlan(model)
    for (place, key) in fresh.layerKeys where names[place] == nil && !place.isEmpty {
      names[place] = key.split(separator: ".").last.map(String.init)
    }
    if names[""] == nil { names[""] = model.name }
    layers = model.layers.filter(model.lists).map(\.name)
  }

  /// The configs of a legacy file: the same model, and the optimizer among what it was compiled with.
  private mutating func takeLegacyConfigs(from config: Value) {
    modelConfig =
      Value.dict([
        "class_name": config["class_name"] ?? "", "config": config["config"] ?? .dict([:]),
      ]).json()
    guard var compiled = config["compile_config"]?.dictionary,
      let optimizer = compiled.removeValue(forKey: "optimizer"), optimizer.dictionary != nil
    else { return }
    compiled["optimizer_config"] = [
      "class_name": optimizer["class_name"] ?? "", "config": optimizer["config"] ?? .dict([:]),
    ]
    trainingConfig = Value.dict(compiled).json()
  }

  /// The config of an archive of Keras 3, of those of a legacy file.
  private static func config(_ model: KerasLayer, _ training: Value?) -> Value {
    var members = model.modernConfig
    guard var compiled = training?.dictionary else { return .dict(members) }
    if let optimizer = compiled.removeValue(forKey: "optimizer_config") {
      compiled["optimizer"] = [
        "module": "keras.optimizers", "class_name": optimizer["class_name"] ?? "",
        "config": optimizer["config"] ?? .dict([:]), "registered_name": .none,
      ]
    }
    for (name, module) in [
      ("loss", "keras.losses"), ("metrics", "keras.metrics"), ("weighted_metrics", "keras.metrics"),
    ] {
      guard let value = compiled[.string(name)] else { continue }
      compiled[.string(name)] = qualified(value, module)
    }
    members["compile_config"] = .dict(compiled)
    return .dict(members)
  }

  /// A config whose objects name the module of their class, as Keras 3 wants it.
  private static func qualified(_ value: Value, _ module: String) -> Value {
    switch value {
    case .list(let elements): return .list(elements.map { qualified($0, module) })
    case .dict(var members):
      guard members["class_name"] != nil, members["module"] == nil else {
        return .dict(members.mapValues { qualified($0, module) })
      }
      members["module"] = .string(module)
      members["registered_name"] = members["registered_name"] ?? Value.none
      return .dict(members)
    default: return value
    }
  }

  /// The class and the options of the optimizer that the config or the file names.
  var optimizerConfig: (className: String, config: Value)? {
    if let optimizer, let name = optimizer["class_name"]?.stringValue {
      return (name, optimizer["config"] ?? .dict([:]))
    }
    guard let config, let value = try? Value(json: config),
      let optimizer = value["compile_config"]?["optimizer"],
      let name = optimizer["class_name"]?.stringValue
    else { return nil }
    return (KerasLayer.plainName(name), optimizer["config"] ?? .dict([:]))
  }

  /// The text that says who wrote the archive, and when. Where it is not known, it is the date that
  /// zip archives begin with, so that the same checkpoint gives the same bytes.
  var metadataText: String {
    metadata
      ?? Value.dict([
        "keras_version": .string(version), "date_saved": "1980-01-01@00:00:00",
      ]).json()
  }
}
