import Checkpoints
import OrderedCollections
import States

/// Puts a checkpoint together as the object that is pickled.
///
/// The layout is the one in the options; else that of the file from which the checkpoint came; else
/// the plainest that holds everything. See ``PyTorchStructure``.
struct CheckpointAssembly {
  /// What is pickled.
  private(set) var root = PythonObject.none
  /// What the layout does not hold.
  private(set) var losses: [ConversionLoss] = []
  /// Keys of the outermost dictionary that the checkpoint does not have.
  private(set) var addedKeys: [String] = []
  /// The names of the optimizer's parameters, by their numbers, if it is written.
  private(set) var optimizerParameters: [String]?
  let tensors = TensorCollection()

  private let checkpoint: Checkpoint
  private let options: WriteOptions
  private let structure: PyTorchStructure?
  /// What is saved beside the model and the optimizer.
  private let metadata: OrderedDictionary<String, Value>
  /// The keys of tensors that were `Parameter` objects, if not all parameters were.
  private let parameterObjects: Set<String>
  /// The keys of parameters that require no gradient.
  private let frozen: Set<String>
  private var values: ValuePickling

  /// The names that PyTorch's tutorials give; others if the metadata has them.
  private static let modelKeys = ["model_state_dict", "state_dict", "model"]
  private static let optimizerKeys = ["optimizer_state_dict", "optimizer", "optimizer_state"]

  init(_ checkpoint: Checkpoint, options: WriteOptions) {
    self.checkpoint = checkpoint
    self.options = options
    structure = checkpoint.origin[PyTorchStructure.format].flatMap(PyTorchStructure.init)
    parameterObjects = Set(structure?.parameterObjects ?? [])
    frozen = Set(structure?.frozen ?? [])
    metadata = checkpoint.metadata
    values = ValuePickling(tensors: tensors, classes: structure?.classes ?? [:])
    assemble()
    if layout == .checkpoint { values.loseClasses(in: metadata.keys) }
    losses += values.losses
  }

  private mutating func assemble() {
    switch layout {
    case .stateDict, .module, .networks:
      root = stateDict.root
      dropRest()
    case .tensors:
      root = bareTensors ?? stateDict.root
      dropRest()
    case .optimizer:
      root = optimizerObject ?? .none
      dropMetadata()
    case .checkpoint: root = dictionary()
    }
  }

  // MARK: The layout

  private var layout: PyTorchStructure.Layout {
    switch options.pytorch.layout {
    case .stateDict: return .stateDict
    case .checkpoint, .lightning: return .checkpoint
    case nil: break
    }
    // Of a module that was saved whole the state dict is written, as `module.state_dict()` is saved.
    let isModule = structure?.layout == .module
    let rest = metadata.keys.filter { !isModule || $0 != ModuleAttributes.key }
    let isModelAlone = checkpoint.optimizer == nil && rest.isEmpty
    let isOptimizerAlone =
      checkpoint.optimizer != nil && checkpoint.state.isEmpty && metadata.isEmpty
    if let layout = structure?.layout {
      switch layout {
      case .checkpoint: return .checkpoint
      case .optimizer: if isOptimizerAlone { return .optimizer }
      default: if isModelAlone { return layout }
      }
    }
    return isModelAlone ? .stateDict : isOptimizerAlone ? .optimizer : .checkpoint
  }

  /// What a layout without a place for them leaves out.
  private mutating func dropRest() {
    if checkpoint.optimizer != nil {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil, "the optimizer's state was left out: a state dict has none"))
    }
    dropMetadata()
  }

  private mutating func dropMetadata() {
    for name in metadata.keys {
      losses.append(
        ConversionLoss(.metadataDropped, name, "it was left out: the layout has no place for it"))
    }
  }

  // MARK: Parts

  private var stateDict: StateDictAssembly {
    mutating get {
      let extras = (structure?.extraState ?? [:]).compactMap {
        (key, value) -> (key: String, object: PythonObject)? in
        guard case .string(let name) = key else { return nil }
        return (name, values.object(value, name))
      }
      return StateDictAssembly(
        checkpoint.state, structure, extras: extras, object: tensorObject)
    }
  }

  private func tensorObject(_ key: String, _ entry: StateDict.Entry) -> PythonObject {
    let index = tensors.add(entry.array, as: options.type(for: entry.array.dtype))
    let isParameter: Bool
    if let all = options.pytorch.parameterObjects {
      isParameter = all && entry.role == .parameter
    } else if structure?.hasParameterObjects == true {
      isParameter = entry.role == .parameter
    } else {
      isParameter = parameterObjects.contains(key)
    }
    guard isParameter else { return .tensor(index) }
    return .parameter(
      index,
      requiresGradient: !frozen.contains(key)
        && (entry.array.dtype.isFloatingPoint || entry.array.dtype.isComplex))
  }

  /// A tensor, or a list or tuple of them; nil if the keys are not those of such.
  private var bareTensors: PythonObject? {
    let entries = checkpoint.state.entries
    let isNumbered = entries.keys.enumerated().allSatisfy { String($0) == $1 }
    guard structure?.sequence == nil ? Array(entries.keys) == ["tensor"] : isNumbered else {
      return nil
    }
    let objects = entries.map { tensorObject($0.key, $0.value) }
    switch structure?.sequence {
    case "list": return .list(objects)
    case "tuple": return .tuple(objects)
    default: return objects.first
    }
  }

  private var optimizerObject: PythonObject? {
    mutating get {
      guard let optimizer = checkpoint.optimizer else { return nil }
      let assembly = OptimizerAssembly(optimizer, structure)
      let (object, losses) = assembly.object(&values)
      self.losses += losses
      optimizerParameters = assembly.parameters
      return object
    }
  }

  // MARK: The dictionary of a checkpoint

  private mutating func dictionary() -> PythonObject {
    let isLightning = options.pytorch.layout == .lightning
    let structure = structure?.layout == .checkpoint ? structure : nil
    var entries: OrderedDictionary<Value.Key, PythonObject> = [:]
    let state = stateDict
    var merged = isLightning ? [] : graft(state, structure, into: &entries)
    let isPlaced = !merged.isEmpty
    let isSpread = structure != nil && structure?.modelPath.isEmpty == true && !isLightning
    if isPlaced {
      // It is in its place.
    } else if isSpread && state.fitsNetworks || isSpread && areModelKeysInRoot(structure) {
      // Several networks, or the tensors themselves, are entries beside the others.
      for entry in state.rootEntries {
        guard let name = entry.key.name else { continue }
        entries[key(name, structure)] = withRest(entry.value, name, structure, &merged)
      }
    } else if !checkpoint.state.isEmpty || structure?.modelKey != nil || isLightning {
      let usual = isLightning ? "state_dict" : structure?.modelKey
      let name = freeKey([usual].compactMap(\.self) + Self.modelKeys)
      entries[key(name, structure)] = state.root
    }
    if !(isPlaced && structure?.optimizerPath.isEmpty == false) {
      addOptimizers(to: &entries, structure, isLightning, &merged)
    }
    for (name, value) in metadata where !merged.contains(name) {
      let key = key(name, structure)
      guard entries[key] == nil else {
        losses.append(
          ConversionLoss(
            .metadataDropped, name, "it was left out: a part of the model has this name"))
        continue
      }
      entries[key] = values.object(value, name)
    }
    if isLightning { addLightning(to: &entries) }
    return sequence(entries, structure) ?? .dict(ordered(entries, structure))
  }

  /// Puts the optimizer, and the others of a list that it came from, under their key.
  private mutating func addOptimizers(
    to entries: inout OrderedDictionary<Value.Key, PythonObject>,
    _ structure: PyTorchStructure?, _ isLightning: Bool, _ merged: inout Set<String>
  ) {
    let usual = isLightning ? "optimizer_states" : structure?.optimizerKey
    var others: [Value] = []
    if let usual, case .list(let rest)? = metadata[usual] {
      // The first is the checkpoint's own.
      others =
        checkpoint.optimizer != nil && rest.first == Value.none ? Array(rest.dropFirst()) : rest
    }
    let optimizerKey =
      others.isEmpty ? freeKey([usual].compactMap(\.self) + Self.optimizerKeys) : usual ?? ""
    if !others.isEmpty { merged.insert(optimizerKey) }
    let optimizers =
      (optimizerObject.map { [$0] } ?? [])
      // Of a list of several optimizers the checkpoint has the first.
      + others.enumerated().map { values.object($1, "\(optimizerKey)[\($0 + 1)]") }
    if isLightning || !others.isEmpty || structure?.optimizerIsListed == true {
      if isLightning || !optimizers.isEmpty {
        entries[key(optimizerKey, structure)] = .list(optimizers)
      }
    } else if let optimizer = optimizers.first {
      entries[key(optimizerKey, structure)] = optimizer
    }
  }

  /// Puts the model, and an optimizer that lay beside it, where they were, deeper than in the
  /// outermost dictionary or among other values.
  ///
  /// - Returns: The names of the metadata that are a part of what was put; none if nothing was.
  private mutating func graft(
    _ state: StateDictAssembly, _ structure: PyTorchStructure?,
    into entries: inout OrderedDictionary<Value.Key, PythonObject>
  ) -> Set<String> {
    guard let structure, !structure.modelPath.isEmpty,
      structure.modelPath.count > 1 || !structure.beside.isEmpty
        || !structure.optimizerPath.isEmpty,
      structure.networks.isEmpty || state.fitsNetworks
    else { return [] }
    var graft = CheckpointGraft()
    graft.add(.model(state.root, beside: structure.beside), at: structure.modelPath)
    if !structure.optimizerPath.isEmpty, let optimizer = optimizerObject {
      graft.add(.optimizer(optimizer), at: structure.optimizerPath)
    }
    var made: OrderedDictionary<Value.Key, PythonObject> = [:]
    for key in graft.keys {
      var attempt = values
      guard let object = graft.object(key, metadata[key.text], &attempt) else { return [] }
      values = attempt
      made[key] = object
    }
    entries.merge(made) { $1 }
    return Set(made.keys.map(\.text))
  }

  /// A network with what stood beside its tensors.
  private mutating func withRest(
    _ network: PythonObject, _ name: String, _ structure: PyTorchStructure?,
    _ merged: inout Set<String>
  ) -> PythonObject {
    guard let positions = structure?.beside[name], let rest = metadata[name],
      let tensors = network.entries,
      let all = CheckpointGraft.merge(tensors, rest, ["": positions], name, &values)
    else { return network }
    merged.insert(name)
    return network.with(all)
  }

  /// The entries as the list or tuple that they were, nil if they were none, or are no more.
  private func sequence(
    _ entries: OrderedDictionary<Value.Key, PythonObject>, _ structure: PyTorchStructure?
  ) -> PythonObject? {
    guard let sequence = structure?.sequence else { return nil }
    let elements = entries.keys.indices.compactMap { entries[.int($0)] }
    guard elements.count == entries.count else { return nil }
    return sequence == "tuple" ? .tuple(elements) : .list(elements)
  }

  /// Whether the tensors themselves were entries of the outermost dictionary.
  private func areModelKeysInRoot(_ structure: PyTorchStructure?) -> Bool {
    guard let structure, structure.networks.isEmpty, checkpoint.state.moduleVersions.isEmpty else {
      return false
    }
    return !Set(checkpoint.state.keys).isDisjoint(
      with: structure.keys.map(\.text))
      && Set(checkpoint.state.keys).isDisjoint(with: metadata.keys)
  }

  /// The first key that the metadata does not have.
  private func freeKey(_ keys: [String]) -> String {
    var key = keys.first { metadata[$0] == nil } ?? keys[0]
    while metadata[key] != nil { key += "_" }
    return key
  }

  /// The key of an entry, which may have been an integer.
  private func key(_ name: String, _ structure: PyTorchStructure?) -> Value.Key {
    if let number = Int(name), String(number) == name,
      structure?.keys.contains(.int(number)) == true
    {
      return .int(number)
    }
    return .string(name)
  }

  /// The entries in the order in which they were; new ones follow.
  private func ordered(
    _ entries: OrderedDictionary<Value.Key, PythonObject>, _ structure: PyTorchStructure?
  ) -> [PythonObject.Entry] {
    let known = OrderedSet((structure?.keys ?? []).filter { entries[$0] != nil })
    let keys = known.union(entries.keys)
    return keys.compactMap { key in
      entries[key].map { PythonObject.Entry(key.object, $0) }
    }
  }

  /// What a trainer of Lightning expects beside the model and the optimizers.
  private mutating func addLightning(
    to entries: inout OrderedDictionary<Value.Key, PythonObject>
  ) {
    let scheduler = ["scheduler", "scheduler_state_dict"].lazy.compactMap { [metadata] name in
      metadata[name]
    }.first
    let step = ["step", "iteration"].lazy.compactMap { [metadata] in metadata[$0]?.intValue }.first
    let schedulers = scheduler.map { [values.object($0, "lr_schedulers")] } ?? []
    let wanted: [(String, PythonObject)] = [
      ("epoch", .int(0)), ("global_step", .int(step ?? 0)),
      // The oldest version whose checkpoints have this form.
      ("pytorch-lightning_version", .string("2.0.0")), ("loops", .dict([])),
      ("callbacks", .dict([])), ("lr_schedulers", .list(schedulers)),
    ]
    for (name, object) in wanted where entries[.string(name)] == nil {
      entries[.string(name)] = object
      addedKeys.append(name)
    }
  }
}

extension PythonObject {
  /// The text of a key that is a text or an integer.
  fileprivate var name: String? {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    default: nil
    }
  }
}

extension Value.Key {
  /// The key in a pickle; keys of the outermost dictionary are texts or integers.
  fileprivate var object: PythonObject {
    switch self {
    case .int(let number): .int(number)
    case .string(let text): .string(text)
    default: .string(Value(self).json())
    }
  }
}
