import Arrays
import Checkpoints
import OrderedCollections
import States

/// Writes a checkpoint as a file of one of Keras's kinds.
///
/// A checkpoint that was read from a Keras file has what is needed in its metadata. Others need a
/// template, ``ExportOptions/kerasTemplate``: a Keras file of the same model, or its config.
enum KerasWriter {
  /// Writes a file.
  ///
  /// - Throws: ``InterchangeError``: `unsupported` if no config is known, or the checkpoint does not
  ///   have the weights of the model; `FileError`.
  static func write(
    _ checkpoint: Checkpoint, to path: String, format: FileFormat, options: ExportOptions
  ) throws -> ExportSummary {
    let target = try target(of: checkpoint, options.kerasTemplate, path: path)
    var losses: [Loss] = []
    let checkpoint = try translated(checkpoint, for: target, options.kerasTemplate, path: path)
    let values = try target.plan.values(checkpoint.state, file: path)
    let optimizer = try optimizer(of: checkpoint, target, path: path, &losses)
    let content = Content(target: target, values: values, optimizer: optimizer)
    losses += extraTensors(checkpoint.state, target.plan)
    let order = target.plan.keys
    if checkpoint.state.keys.intersection(order) != order.intersection(checkpoint.state.keys) {
      losses.append(Loss(.orderLost, nil, "the tensors are in the order of the Keras model"))
    }
    losses += checkpoint.state.ties.map {
      Loss(.tieSplit, $0.key, "Keras keeps it apart from \($0.original), to which it was tied")
    }
    if format == .kerasLegacy, !optimizer.isEmpty, !content.hasLegacyOptimizer {
      losses.append(
        Loss(.optimizerDropped, nil, "such a file wants names of its variables, or a config"))
    }
    let writer = KerasHDF5Writer(options: options.save, path: path)
    var layout =
      format == .kerasLegacy
      ? try content.legacyLayout(options.save, path: path)
      : try content.weightsLayout(options.save, path: path)
    // Of the three kinds, a file of weights alone has no config.
    let config = format == .kerasWeights ? target.config : nil
    addOutline(of: checkpoint, config: config, to: &layout, &losses, path: path)
    try options.reviewLosses?(losses)
    var summary = SaveSummary(
      tensorCount: layout.tensors.count, tensorByteCount: layout.tensorByteCount)
    if format == .keras {
      summary.fileByteCount = try writeArchive(layout, target, writer, options.save)
    } else {
      let file = try options.save.replacement(of: path)
      summary.fileByteCount = try writer.write(layout, to: file)
      try options.save.commit([file])
    }
    return ExportSummary(save: summary, losses: losses)
  }

  private static func target(
    of checkpoint: Checkpoint, _ template: String?, path: String
  ) throws -> KerasTarget {
    if let template { return try KerasTarget(template: template) }
    if let origin = checkpoint.metadata[KerasFile.metadataName] {
      return try KerasTarget(metadata: origin, file: path)
    }
    throw InterchangeError(
      .unsupported, file: path,
      reason: "the checkpoint does not say which Keras model it is of",
      advice: "Give a Keras file of the same model, or its config as JSON, as a template.")
  }

  /// The checkpoint as the template's config would have read it.
  ///
  /// A file of weights was read without a config, which alone tells what `Flatten` does to the rows
  /// of a kernel after it. By their places its variables are known again, and are read anew.
  private static func translated(
    _ checkpoint: Checkpoint, for target: KerasTarget, _ template: String?, path: String
  ) throws(InterchangeError) -> Checkpoint {
    guard template != nil, let origin = checkpoint.metadata[KerasFile.metadataName],
      case let own = try KerasTarget(metadata: origin, file: path), own.config == nil,
      own.plan.mappings.allSatisfy({ $0.keys.allSatisfy { checkpoint.state[$0] != nil } })
    else { return checkpoint }
    var byPlace: [String: NDArray] = [:]
    for (variable, array) in zip(
      own.plan.variables, try own.plan.values(checkpoint.state, file: path))
    {
      if let place = variable.place { byPlace[place] = array }
    }
    let values = target.plan.variables.compactMap { $0.place.flatMap { byPlace[$0] } }
    guard values.count == target.plan.variables.count else { return checkpoint }
    let known = Set(own.plan.mappings.flatMap(\.keys))
    var translated = checkpoint
    translated.state.entries = try target.plan.state(values, file: path).entries
    for (key, entry) in checkpoint.state.entries where !known.contains(key) {
      translated.state.entries[key] = entry
    }
    return translated
  }

  /// What of the state the model does not have.
  private static func extraTensors(_ state: StateDict, _ plan: KerasPlan) -> [Loss] {
    let known = Set(plan.mappings.flatMap(\.keys))
    let constants = Dictionary(
      plan.constants.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    return state.entries.compactMap { key, entry in
      if known.contains(key) { return nil }
      if let constant = constants[key] {
        guard !constant.isUnchanged(entry.array) else { return nil }
        return Loss(
          .tensorDropped, key, "Keras's layer does not have it, and it is not what it was")
      }
      return Loss(.tensorDropped, key, "the Keras model does not have it")
    }
  }

  /// The optimizer's variables: of its state, or as they were read.
  private static func optimizer(
    of checkpoint: Checkpoint, _ target: KerasTarget, path: String, _ losses: inout [Loss]
  ) throws -> [Content.Variable] {
    let known = target.optimizer
    let names = known?["names"]?.elements?.compactMap(\.stringValue) ?? []
    guard let state = checkpoint.optimizer else {
      let kept = known?["variables"]?.elements?.compactMap(\.tensor) ?? []
      return kept.enumerated().map { index, array in
        Content.Variable(name: names.count == kept.count ? names[index] : nil, array: array)
      }
    }
    guard let config = target.optimizerConfig,
      let optimizer = KerasOptimizer(className: config.className, config: config.config)
    else {
      losses.append(
        Loss(.optimizerDropped, nil, "the config names no optimizer that both sides have"))
      return []
    }
    guard state.type == nil || state.type == optimizer.type else {
      losses.append(
        Loss(
          .optimizerDropped, nil,
          "it is the state of \(state.type ?? "another"), and the config names \(config.className)")
      )
      return []
    }
    let scalars =
      known?["scalars"]?.elements?.compactMap(\.stringValue)
      .compactMap(DType.init(rawValue:)) ?? []
    let (variables, reason) = try optimizer.variables(
      state, target.plan, iteration: known?["iteration"]?.doubleValue, scalars: scalars,
      file: path)
    if let reason { losses.append(Loss(.optimizerDropped, nil, reason)) }
    losses += optimizer.changedOptions(state).map {
      Loss(.hyperparameterMissing, $0, "the config of the optimizer has another value")
    }
    let prefix = config.config["name"]?.stringValue ?? KerasLayer.snakeCase(config.className)
    return variables.enumerated().map { index, variable in
      let usual = "\(prefix)/\(variable.name)"
      return Content.Variable(
        name: names.count == variables.count ? names[index] : usual, array: variable.array)
    }
  }

  /// Adds what Keras has no place for as a dataset that it does not look at.
  private static func addOutline(
    of checkpoint: Checkpoint, config: String?, to layout: inout KerasHDF5Layout,
    _ losses: inout [Loss], path: String
  ) {
    var rest = checkpoint.metadata
    let isKeras = rest.removeValue(forKey: KerasFile.metadataName) != nil
    // Of a Keras model, its config says the rest.
    let architecture = isKeras ? nil : checkpoint.architecture
    rest[KerasFile.configName] = config.map(Value.string)
    guard !rest.isEmpty || architecture != nil else { return }
    let outline: CheckpointOutline
    do throws(InterchangeError) {
      outline = try CheckpointOutline(
        Checkpoint(state: [:], metadata: rest, architecture: architecture), file: path)
    } catch {
      losses.append(Loss(.metadataDropped, nil, error.reason))
      return
    }
    guard outline.tensors.isEmpty else {
      losses += rest.keys.map {
        Loss(.metadataDropped, $0, "some of the metadata are tensors, which Keras has no place for")
      }
      return
    }
    layout.tensors.append(
      KerasHDF5Layout.Tensor(
        path: KerasFile.outlineName, array: NDArray(Array(outline.json.utf8)), dtype: .uint8))
  }

  // MARK: - Archives

  /// Writes a `.keras` archive.
  ///
  /// - Returns: The bytes of the archive.
  private static func writeArchive(
    _ layout: KerasHDF5Layout, _ target: KerasTarget, _ writer: KerasHDF5Writer,
    _ options: SaveOptions
  ) throws -> Int {
    guard let config = target.config else {
      throw InterchangeError(
        .unsupported, file: writer.path,
        reason: "a .keras archive has the model's config, and the checkpoint came without one",
        advice: "Give a Keras file of the same model, or its config as JSON, as a template.")
    }
    let file = try options.replacement(of: writer.path)
    let archive = ZipArchiveWriter(file, style: .plain)
    try archive.add(KerasArchive.metadataName, Array(target.metadataText.utf8))
    try archive.add(KerasArchive.configName, Array(config.utf8))
    for (name, content) in target.assets { try archive.add(name, content) }
    try writer.write(layout, to: archive, as: KerasArchive.weightsName)
    let byteCount = try archive.finish()
    try options.commit([file])
    return byteCount
  }
}
