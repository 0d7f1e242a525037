import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Writes a checkpoint as a file of one of Keras's kinds.
///
/// A checkpoint that was read from a Keras file with the model's configuration, or that is written as
/// the kind of file it was read from, has what is needed in its origin. Others need a template,
/// ``KerasOptions/template``: a Keras file of the same model, or its config.
struct KerasWriter: WritePlan {
  let losses: [ConversionLoss]

  private let target: KerasTarget
  private let layout: KerasHDF5Layout
  private let kind: KerasFileKind
  private let path: String
  private let options: WriteOptions

  /// Finds out where the weights go.
  ///
  /// - Throws: `CheckpointError`: `unsupported` if no config is known, or the checkpoint does not
  ///   have the weights of the model.
  init(
    _ checkpoint: Checkpoint, to path: String, _ kind: KerasFileKind, _ options: WriteOptions
  ) throws {
    let template = options.keras.template
    let target = try Self.target(of: checkpoint, template, path: path)
    guard kind != .archive || target.config != nil else {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "a .keras archive has the model's config, and the checkpoint came without one",
        advice: "Give a Keras file of the same model, or its config as JSON, as a template.")
    }
    var losses: [ConversionLoss] = []
    var checkpoint = checkpoint
    if let template {
      if let translated = try Self.translated(checkpoint, for: target, path: path) {
        checkpoint = translated
      } else {
        losses += try Self.doubts(of: checkpoint, target, template, path: path)
      }
    }
    let values = try target.plan.values(checkpoint.state, file: path)
    let optimizer = try Self.optimizer(of: checkpoint, target, kind, path: path, &losses)
    let content = Content(target: target, values: values, optimizer: optimizer)
    losses += Self.extraTensors(checkpoint.state, target.plan)
    let order = target.plan.keys
    if checkpoint.state.keys.intersection(order) != order.intersection(checkpoint.state.keys) {
      losses.append(
        ConversionLoss(.orderLost, nil, "the tensors are in the order of the Keras model"))
    }
    losses += checkpoint.state.ties.map {
      ConversionLoss(
        .tieSplit, $0.key, "Keras keeps it apart from \($0.original), to which it was tied")
    }
    if kind == .legacy, !optimizer.isEmpty, !content.hasLegacyOptimizer {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil, "such a file wants names of its variables, or a config"))
    }
    var layout =
      kind == .legacy
      ? try content.legacyLayout(options, path: path)
      : try content.weightsLayout(options, path: path)
    // Of the three kinds, a file of weights alone has no config.
    let config = kind == .weights ? target.config : nil
    Self.addOutline(of: checkpoint, config: config, to: &layout, &losses, path: path)
    self.losses = losses
    self.target = target
    self.layout = layout
    self.kind = kind
    self.path = path
    self.options = options
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    let writer = KerasHDF5Writer(options: options, path: path, seen: input?.seen)
    let file = try options.replacement(of: path)
    let fileByteCount =
      try kind == .archive ? writeArchive(writer, to: file) : writer.write(layout, to: file)
    try options.commit([file], checking: input)
    return WriteSummary(
      tensorCount: layout.tensors.count, tensorByteCount: layout.tensorByteCount,
      fileByteCount: fileByteCount, losses: losses)
  }

  private static func target(
    of checkpoint: Checkpoint, _ template: String?, path: String
  ) throws -> KerasTarget {
    if let template { return try KerasTarget(template: template) }
    if let origin = checkpoint.origin[KerasFile.originName] {
      return try KerasTarget(origin: origin, file: path)
    }
    throw CheckpointError(
      .unsupported, file: path,
      reason: "the checkpoint does not say which Keras model it is of",
      advice: "Give a Keras file of the same model, or its config as JSON, as a template.")
  }

  /// The checkpoint as the template's config would have read it; nil if its variables are not known.
  ///
  /// A file of weights was read without a config, which alone says what `Flatten` does to the rows
  /// of a kernel after it; or the template is such a file. By their places the variables are known
  /// again, and are read anew.
  private static func translated(
    _ checkpoint: Checkpoint, for target: KerasTarget, path: String
  ) throws(CheckpointError) -> Checkpoint? {
    guard let origin = checkpoint.origin[KerasFile.originName],
      case let own = try KerasTarget(origin: origin, file: path),
      own.config == nil || target.config == nil,
      own.plan.mappings.allSatisfy({ $0.keys.allSatisfy { checkpoint.state[$0] != nil } })
    else { return nil }
    var byPlace: [String: NDArray] = [:]
    for (variable, array) in zip(
      own.plan.variables, try own.plan.values(checkpoint.state, file: path))
    {
      if let place = variable.place { byPlace[place] = array }
    }
    let values = target.plan.variables.compactMap { $0.place.flatMap { byPlace[$0] } }
    guard values.count == target.plan.variables.count else { return nil }
    let known = Set(own.plan.mappings.flatMap(\.keys))
    var translated = checkpoint
    translated.state.entries = try target.plan.state(values, file: path).entries
    for (key, entry) in checkpoint.state.entries where !known.contains(key) {
      translated.state.entries[key] = entry
    }
    return translated
  }

  /// The weights that may be written in another order than Keras's, since the template does not say
  /// in which PyTorch has them. A checkpoint that came from Keras knows that of its own.
  ///
  /// - Throws: ``CheckpointError`` with code `unsupported` if the template has no config, which
  ///   would say it.
  private static func doubts(
    of checkpoint: Checkpoint, _ target: KerasTarget, _ template: String, path: String
  ) throws(CheckpointError) -> [ConversionLoss] {
    guard !target.doubts.isEmpty else { return [] }
    var own: [String: KerasMapping] = [:]
    if let origin = checkpoint.origin[KerasFile.originName] {
      let origin = try KerasTarget(origin: origin, file: path)
      for mapping in origin.plan.mappings {
        for key in mapping.keys { own[key] = mapping }
      }
    }
    var theirs: [String: KerasMapping] = [:]
    for mapping in target.plan.mappings {
      for key in mapping.keys where theirs[key] == nil { theirs[key] = mapping }
    }
    let doubts = target.doubts.filter { doubt in
      guard let key = doubt.subject, let mapping = theirs[key], let mine = own[key] else {
        return true
      }
      return mine.transform != mapping.transform || mine.orders != mapping.orders
    }
    if let doubt = doubts.first, target.config == nil {
      throw CheckpointError(
        .unsupported, file: template, place: doubt.subject,
        reason: "it has no config, and so does not say in which order PyTorch has this weight",
        advice: "Give a .keras file of the same model, or its config as JSON, as the template.")
    }
    return doubts
  }

  /// What of the state the model does not have.
  private static func extraTensors(_ state: StateDict, _ plan: KerasPlan) -> [ConversionLoss] {
    let known = Set(plan.mappings.flatMap(\.keys))
    let constants = Dictionary(
      plan.constants.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    return state.entries.compactMap { key, entry in
      if known.contains(key) { return nil }
      if let constant = constants[key] {
        guard !constant.isUnchanged(entry.array) else { return nil }
        return ConversionLoss(
          .tensorDropped, key, "Keras's layer does not have it, and it is not what it was")
      }
      return ConversionLoss(.tensorDropped, key, "the Keras model does not have it")
    }
  }

  /// The optimizer's variables: of its state, or as they were read.
  private static func optimizer(
    of checkpoint: Checkpoint, _ target: KerasTarget, _ kind: KerasFileKind, path: String,
    _ losses: inout [ConversionLoss]
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
      var optimizer = KerasOptimizer(className: config.className, config: config.config)
    else {
      losses.append(
        ConversionLoss(.optimizerDropped, nil, "the config names no optimizer that both sides have")
      )
      return []
    }
    guard state.type == nil || state.type == optimizer.type else {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil,
          "it is the state of \(state.type ?? "another"), and the config names \(config.className)")
      )
      return []
    }
    if known?["rate_in_config"]?.boolValue == true {
      optimizer = optimizer.withRate(of: config.config) ?? optimizer
    }
    if known?["product"]?.boolValue == false { optimizer.hasProduct = false }
    let scalars =
      known?["scalars"]?.elements?.compactMap(\.stringValue)
      .compactMap(DType.init(rawValue:)) ?? []
    let (variables, reason) = try optimizer.variables(
      state, target.plan, iteration: known?["iteration"]?.doubleValue, scalars: scalars,
      file: path)
    if let reason { losses.append(ConversionLoss(.optimizerDropped, nil, reason)) }
    losses += optimizer.changedOptions(state).map {
      ConversionLoss(.hyperparameterMissing, $0, "the config of the optimizer has another value")
    }
    let prefix = config.config["name"]?.stringValue ?? KerasLayer.snakeCase(config.className)
    // Where a file of TF-Keras has each, whose names are in its order.
    let places = known?["places"]?.elements?.compactMap(\.intValue) ?? []
    if !places.isEmpty {
      guard places.sorted() == Array(variables.indices), names.count == places.count else {
        if reason == nil {
          losses.append(
            ConversionLoss(.optimizerDropped, nil, "its variables are not those that it had"))
        }
        return []
      }
      let named = zip(places, variables).map { place, variable in
        (place, Content.Variable(name: names[place], array: variable.array))
      }
      let ordered = kind == .legacy ? named.sorted { $0.0 < $1.0 } : named
      return ordered.map(\.1)
    }
    return variables.enumerated().map { index, variable in
      let usual = "\(prefix)/\(variable.name)"
      return Content.Variable(
        name: names.count == variables.count ? names[index] : usual, array: variable.array)
    }
  }

  /// Adds what Keras has no place for as a dataset that it does not look at.
  private static func addOutline(
    of checkpoint: Checkpoint, config: String?, to layout: inout KerasHDF5Layout,
    _ losses: inout [ConversionLoss], path: String
  ) {
    var rest = Checkpoint(state: [:])
    for (name, value) in checkpoint.metadata {
      if value.holdsTensors {
        losses.append(
          ConversionLoss(
            .metadataDropped, name, "it was left out: Keras has no place for the tensors in it"))
      } else {
        rest.metadata[name] = value
      }
    }
    for (format, value) in checkpoint.origin.without(KerasFile.originName).entries {
      if value.holdsTensors {
        losses.append(
          ConversionLoss(
            .originDropped, format,
            "what was kept for the way back to it was left out: there are tensors in it, for which "
              + "Keras has no place"))
      } else {
        rest.origin[format] = value
      }
    }
    // Of a Keras model, its config says how to build it.
    if checkpoint.origin[KerasFile.originName] == nil {
      if checkpoint.architecture?.holdsTensors == true {
        losses.append(
          ConversionLoss(.architectureDropped, nil, "Keras has no place for the tensors in it"))
      } else {
        rest.architecture = checkpoint.architecture
      }
    }
    if let config { rest.origin[KerasFile.originName] = ["config": .string(config)] }
    guard !rest.metadata.isEmpty || !rest.origin.isEmpty || rest.architecture != nil else { return }
    let outline: CheckpointOutline
    do throws(CheckpointError) {
      outline = try CheckpointOutline(rest, file: path)
    } catch {
      losses.append(ConversionLoss(.metadataDropped, nil, error.reason))
      losses += rest.origin.entries.keys.map {
        ConversionLoss(
          .originDropped, $0, "what was kept for the way back to it was left out: \(error.reason)")
      }
      if rest.architecture != nil {
        losses.append(ConversionLoss(.architectureDropped, nil, error.reason))
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
  private func writeArchive(_ writer: KerasHDF5Writer, to file: ReplacementFile) throws -> Int {
    let archive = ZipArchiveWriter(file, style: .plain)
    try archive.add(KerasArchive.metadataName, Array(target.metadataText.utf8))
    try archive.add(KerasArchive.configName, Array((target.config ?? "").utf8))
    for (name, content) in target.assets { try archive.add(name, content) }
    try writer.write(layout, to: archive, as: KerasArchive.weightsName)
    return try archive.finish()
  }
}
