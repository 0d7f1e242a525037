import Arrays
import Checkpoints
import OrderedCollections
import States

/// Makes a checkpoint from what a PyTorch file holds.
struct CheckpointBuilder {
  private let object: PickleObject
  private let scriptClasses: ScriptClasses?
  /// The part of the object that is read.
  private let part: PickleRoot
  private var outline: PyTorchOutline?
  /// What the outline says of the part that is read.
  private let partRoles: PartRoles?
  private let file: String
  private let converter: ValueConverter
  private var notes: OrderedSet<String> = []
  private var losses: [ConversionLoss] = []

  private static let misfit =
    "what Ballast kept beside the tensors does not fit them, and was passed over: another program "
    + "changed the file"

  /// - Parameters:
  ///   - outline: The text that Ballast kept beside the object, if it wrote the file.
  ///   - scriptClasses: What the code of a TorchScript program says of its classes.
  ///   - root: Which part of the object is read; nil for all of it.
  /// - Throws: ``CheckpointError`` if it has no such part.
  init(
    _ object: PickleObject, outline: [UInt8]?, scriptClasses: ScriptClasses?, root: String?
  ) throws(CheckpointError) {
    self.scriptClasses = scriptClasses
    self.object = object
    part = try PickleRoot(object.root, at: root, file: object.storages.file.path)
    // What is kept beside the object is about all of it, but for the roles.
    let known = outline.flatMap { PyTorchOutline(json: $0) }
    self.outline = root == nil ? known : nil
    file = object.storages.file.path
    converter = ValueConverter(object)
    if outline != nil && known == nil {
      losses.append(
        Self.loss(
          "what Ballast kept beside the tensors is not understood, and was passed over", root))
    }
    guard root != nil, let known else {
      partRoles = nil
      return
    }
    do throws(CheckpointError) {
      partRoles = try PartRoles(known, at: part.path, in: object, scriptClasses)
    } catch {
      partRoles = nil
      losses.append(
        Self.loss("the roles that Ballast kept are not known of this part: \(error.reason)", root))
    }
    if let partRoles, !partRoles.fit { losses.append(Self.loss(Self.misfit, root)) }
  }

  /// A loss of what Ballast kept beside the tensors. Of a part it is told without the place, which is
  /// outside of it.
  private static func loss(_ detail: String, _ root: String?) -> ConversionLoss {
    ConversionLoss(
      .metadataDropped, root == nil ? PyTorchOutline.memberName : nil, detail)
  }

  func read() throws(CheckpointError) -> ReadResult {
    var builder = self
    return try builder.build()
  }

  private mutating func build() throws(CheckpointError) -> ReadResult {
    guard let shape = try CheckpointShape(part.value, file: file, within: part.path) else {
      if case .instance(let instance) = part.value, instance.isCall {
        throw instance.wantsCall(file: file, place: nil)
      }
      throw CheckpointError(
        .unsupported, file: file, place: part.path.isEmpty ? nil : part.path,
        reason: "it holds \(part.value.kind), not a state dict or model",
        advice: "Save a state_dict, or a dictionary that has one.")
    }
    var collector = StateCollector(file: file, scriptClasses: scriptClasses)
    for (name, content) in shape.networks { try collector.add(content, network: name) }
    notes.append(contentsOf: object.machine.notes)
    try checkCalls(shape)
    losses += object.machine.losses
    reportRoot(shape)
    reportContainers(shape)
    losses += collector.losses + collector.attributes.losses

    var entries = OrderedDictionary<String, StateDict.Entry>(
      minimumCapacity: collector.items.count)
    for item in collector.items {
      // Python distinguishes an accented letter from the letter and its accent; Swift's texts do
      // not.
      guard entries.updateValue(StateDict.Entry(try array(item)), forKey: item.key) == nil else {
        throw CheckpointError(
          .unsupported, file: file, place: item.key,
          reason: "two tensors have names that are the same text in other code points",
          advice: "Rename one of them before saving.")
      }
    }
    var state = StateDict(entries: entries, moduleVersions: collector.moduleVersions)
    if let outline, !outline.roles.fits(state) {
      losses.append(Self.loss(Self.misfit, nil))
      self.outline = nil
    }

    var assignment = RoleAssignment(items: collector.items, state: state)
    var optimizer: OptimizerState?
    var structure = PyTorchStructure(shape, collector, of: part.value)
    if let dict = shape.optimizer {
      var saved = try SavedOptimizer(dict, file: file, converter: converter)
      structure.parameterNames = saved.givenNames.isEmpty ? nil : .given(saved.givenNames)
      structure.parameterKeys = saved.givenKeys.isEmpty ? nil : .given(saved.givenKeys)
      structure.optimizerExtras = saved.extras
      if let known = outline?.optimizer { saved.rename(known.parameters) }
      let isByPosition = outline?.optimizer?.naming == .positions
      let naming = isByPosition ? nil : assignment.match(saved)
      // Names that the file itself gives are kept, be they of no parameter here.
      let names =
        naming ?? (isByPosition ? nil : outline?.optimizer?.names)
        ?? (saved.givenKeys.isEmpty ? nil : saved.givenKeys)
      optimizer = saved.state(named: names)
      if let type = outline?.optimizer?.type { optimizer?.type = type }
      if naming == saved.givenNames { structure.parameterNames = .keys }
      if names == saved.givenKeys { structure.parameterKeys = .keys }
      losses += saved.losses
      if naming == nil && !saved.parameterKeys.isEmpty && !isByPosition {
        notes.append(
          names == nil
            ? ReadResult.positionsNote
            : "the names of the optimizer's parameters are not those of the model's")
      }
    }
    var roles = assignment.roles()
    outline?.roles.decide(&roles)
    if let partRoles, partRoles.fit { partRoles.decide(&roles) }
    for index in state.entries.values.indices {
      state.entries.values[index].role = roles[state.entries.keys[index]]?.role
    }
    structure.setParameterObjects(collector, state)

    let parts = FurtherParts(
      shape, object.storages, model: state, places: outline.map { Set($0.models.keys) } ?? [])
    converter.parts = parts
    converter.keepsClasses = true
    var metadata = try metadata(shape)
    // Beside the tensors of a model there are values, and no models.
    converter.parts = nil
    for (network, dict) in collector.attributes.kept {
      let name = network.isEmpty ? shape.modelPath.last?.name ?? "module" : network
      try addAttributes(dict, of: name, to: &metadata)
    }
    for (place, dict) in parts.attributes { try addAttributes(dict, of: place, to: &metadata) }
    converter.keepsClasses = false
    structure.classes.merge(converter.classes) { first, _ in first }
    let plainModels = parts.containers.filter { $1 == ValuePickling.plainClass }
    structure.classes.merge(plainModels) { first, _ in first }
    let origin = try origin(structure, collector)
    noteCalls()
    if state.isEmpty && optimizer == nil && shape.unclear.isEmpty {
      notes.append(
        part.value.dict?.isRandomState == true
          ? "the file holds the states of random generators, and no model"
          : "the file holds no model")
    }
    if part.value.isRandomState {
      notes.append(
        "the tensor looks like the state of PyTorch's random generator, which is no model")
    }
    notes.append(contentsOf: shape.remarks)
    // Who wrote the file by Ballast has been told.
    if outline == nil, let note = Self.noteOfStrayTensors(metadata) { notes.append(note) }
    if !part.path.isEmpty { notes.append(ReadResult.note(part.path, outside: part.outside)) }
    losses += converter.losses
    var checkpoint = Checkpoint(
      state: state, optimizer: optimizer, metadata: metadata, architecture: outline?.architecture)
    checkpoint.origin = origin
    // Ballast kept these among the entries of the dictionary before. What it wrote since says that
    // it has an origin, and of other programs they are what they are.
    if let outline, !outline.hasOrigin { checkpoint.moveFormerEntriesToOrigin(takesFormat: false) }
    var result = ReadResult(
      checkpoint, roleRules: roles.mapValues(\.rule), notes: Array(notes), losses: losses)
    result.containers = collector.containers.merging(parts.containers) { first, _ in first }
    result.uncertainty = shape.uncertainty(file: file)
    result.candidates = shape.modelCandidates
    nameFurtherParts(&result)
    if let partRoles, partRoles.fit { result.partOf = partRoles.whole(of: state) }
    if let prefix = part.prefix { try result.takeRoot(prefix, file: file) }
    return result
  }

  /// Gives the models and optimizers in the metadata what Ballast kept of them beside the object, or the
  /// roles that are likely.
  private func nameFurtherParts(_ result: inout ReadResult) {
    let model = result.checkpoint.state
    let rules = result.roleRules
    var guesses: OrderedDictionary<String, OrderedDictionary<String, RoleRule>> = [:]
    result.checkpoint.mapFurtherParts { value, name in
      switch value {
      case .model(var state):
        if let outline {
          // Where Ballast wrote the file, it says which dictionaries are models.
          guard let roles = outline.models[name] else { return value.content ?? value }
          if roles.fits(state) {
            for key in state.keys { state.entries[key]?.role = roles.role(of: key) }
            return .model(state)
          }
        }
        guesses[name] = state.inferRoles(like: model, rules).compactMapValues(\.self)
        return .model(state)
      case .optimizer(let optimizer):
        return .optimizer(outline?.optimizers[name]?.named(optimizer) ?? optimizer)
      default: return value
      }
    }
    result.furtherRoleRules = guesses
  }

  /// Refuses what only a call could have made a model.
  private func checkCalls(_ shape: CheckpointShape) throws(CheckpointError) {
    if let call = object.machine.firstTensorCall, shape.networks.isEmpty, shape.optimizer == nil {
      throw call.wantsCall(file: file, place: nil)
    }
  }

  /// Tells what was not called. Where its name and arguments are kept nothing is lost: that is all that the
  /// file says of it.
  private mutating func noteCalls() {
    let names = object.machine.uncalledNames
    func note(_ names: [String], _ one: String, _ several: String) {
      guard !names.isEmpty else { return }
      let more = names.count > 5 ? " and \(names.count - 5) more" : ""
      notes.append(
        names.prefix(5).joined(separator: ", ") + more
          + (names.count == 1 ? " was not called; \(one)" : " were not called; \(several)"))
    }
    note(
      names.filter { converter.keptCalls.contains($0) }, "its name and arguments were kept",
      "their names and arguments were kept")
    note(
      names.filter { !converter.keptCalls.contains($0) }, "it is in nothing that is kept",
      "they are in nothing that is kept")
  }

  /// Reports what is lost with the outermost dictionary, unless it is gathered as a state dict.
  private mutating func reportRoot(_ shape: CheckpointShape) {
    switch part.value {
    // An optimizer alone is reported as one.
    case .dict(let dict)
    where shape.layout != .optimizer && !shape.networks.contains { $0.content.dict === dict }:
      losses += dict.losses(at: nil, besides: [])
      // The dictionary of several networks is written as an OrderedDict.
      let usual = shape.layout == .networks ? "collections.OrderedDict" : nil
      if let type = dict.typeName, type != usual {
        losses.append(
          ConversionLoss(
            .classChanged, nil, "the outermost dictionary, of class \(type), became a plain one",
            saysAll: true))
      }
    case .instance(let instance) where instance.items == nil && shape.layout == .checkpoint:
      losses.append(
        ConversionLoss(
          .classChanged, nil, "the object of class \(instance.type) became a dictionary"))
    case .instance(let instance) where instance.items != nil && !instance.isModule:
      losses.append(
        ConversionLoss(
          .classChanged, nil,
          "the outermost dictionary, of class \(instance.type), became a plain one",
          saysAll: true))
      if instance.state != nil || !instance.arguments.isEmpty || !instance.elements.isEmpty {
        losses.append(
          ConversionLoss(
            .metadataDropped, nil,
            "what the outermost dictionary, of class \(instance.type), has beside its items is not "
              + "kept"))
      }
    default: break
    }
    for key in shape.keys where key.stringValue == nil && key.intValue == nil {
      losses.append(
        ConversionLoss(
          .keyChanged, key.description, "its key was \(key.kind), and is a text now"))
    }
  }

  /// Tells what is lost with the containers of which nothing is left without the model in them.
  private mutating func reportContainers(_ shape: CheckpointShape) {
    for (value, place) in shape.vanished {
      switch value {
      case .dict(let dict):
        losses += dict.losses(at: place, besides: [])
        guard let type = dict.typeName else { break }
        losses.append(
          ConversionLoss(.classChanged, place, "a dictionary of class \(type) became a plain one"))
      case .instance(let instance) where instance.items == nil:
        losses.append(
          ConversionLoss(
            .classChanged, place, "an object of class \(instance.type) became a dictionary"))
      default: break
      }
    }
    for (instance, place) in shape.reduced {
      if instance.items != nil {
        losses.append(
          ConversionLoss(
            .classChanged, place, "a dictionary of class \(instance.type) became a plain one"))
      }
      guard instance.hasMore else { continue }
      losses.append(
        ConversionLoss(
          .metadataDropped, place,
          "what the object of class \(instance.type) has beside its entries is not kept"))
    }
  }

  private func array(_ item: StateCollector.Item) throws(CheckpointError) -> NDArray {
    if let unread = item.tensor.unread { throw unread.error(file: file, place: item.key) }
    switch item.tensor {
    case .tensor(let tensor): return try object.storages.array(tensor, place: item.key)
    case .numpyArray(let array):
      guard let dtype = array.type?.dtype else { break }
      return try object.storages.array(array, dtype: dtype, place: item.key)
    default: break
    }
    throw CheckpointError(.unsupported, file: file, place: item.key, reason: "it is no tensor")
  }

  /// What is neither the model nor its optimizer.
  private mutating func metadata(
    _ shape: CheckpointShape
  ) throws(CheckpointError) -> OrderedDictionary<String, Value> {
    var metadata: OrderedDictionary<String, Value> = [:]
    for (key, value) in shape.rest where outline?.added.contains(key) != true {
      let value = try converter.convert(value, place: key)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw CheckpointError(
          .unsupported, file: file, place: key,
          reason: "two entries of the checkpoint have this name")
      }
    }
    // The others of a list of optimizers keep their numbers.
    if shape.optimizerPath.last?.isIndex == true, let name = shape.optimizerPath[0].key,
      let value = metadata[name]
    {
      metadata[name] = Self.keepingPlace(in: value, shape.optimizerPath.dropFirst().dropLast())
    }
    return metadata
  }

  /// Adds what a whole module has beside its tensors, under the name of the model.
  private mutating func addAttributes(
    _ attributes: PickleDict, of name: String, to metadata: inout OrderedDictionary<String, Value>
  ) throws(CheckpointError) {
    let key = ModuleAttributes.key(of: name)
    guard metadata[key] == nil else {
      losses.append(
        ConversionLoss(
          .metadataDropped, key, "the attributes of the module, since the file has such an entry"))
      return
    }
    metadata[key] = try converter.convert(.dict(attributes), place: key)
  }

  /// A value with None in the place of the first element that was taken out of a list in it.
  private static func keepingPlace(in value: Value, _ path: ArraySlice<PickleStep>) -> Value {
    guard let step = path.first else {
      guard case .list(let others) = value else { return value }
      return .list([.none] + others)
    }
    guard case .dict(var members) = value, let key = step.key,
      let member = members[.string(key)]
    else { return value }
    members[.string(key)] = keepingPlace(in: member, path.dropFirst())
    return .dict(members)
  }

  /// How the file is put together, and what other formats keep in it.
  private mutating func origin(
    _ structure: PyTorchStructure, _ collector: StateCollector
  ) throws(CheckpointError) -> Origin {
    var origin = outline?.origin ?? Origin()
    var structure = structure
    for (key, value) in collector.extras {
      structure.extraState[.string(key)] = try converter.convert(value, place: key)
    }
    let isWanted = outline?.hasStructure ?? !structure.isPlain
    if isWanted || !structure.extraState.isEmpty {
      origin[PyTorchStructure.format] = structure.value
    }
    return origin
  }
}

extension PyTorchStructure {
  /// The structure of what was read, but for the optimizer and the parameters.
  fileprivate init(
    _ shape: CheckpointShape, _ collector: StateCollector, of root: PickleValue
  ) {
    self.init(layout: shape.layout)
    modelPath = Self.steps(shape.modelPath, shape)
    let path = Self.steps(shape.optimizerPath, shape)
    let isListed = path.count == 2 && shape.optimizerPath[1].isIndex
    if case .key(let key, _)? = path.first, path.count == 1 || isListed {
      optimizerKey = key.text
      optimizerIsListed = isListed
    } else {
      optimizerPath = path
    }
    for (name, positions) in shape.beside.sorted(by: { $0.key < $1.key }) where !positions.isEmpty {
      beside[name] = positions
    }
    integerKeys = shape.integerNetworks + collector.integerKeys
    networks = shape.networks.map(\.name).filter { !$0.isEmpty }
    dictionaries = collector.dictionaries
    plainDictionaries =
      (shape.networksAreInPlainDictionary ? [""] : [])
      + collector.containers.filter { $1 == "dict" }.keys
    moduleType = collector.moduleType
    let whole = shape.layout == .tensors ? shape.networks.first?.content : root
    switch whole {
    case .list where shape.layout == .tensors || shape.layout == .checkpoint: sequence = "list"
    case .tuple where shape.layout == .tensors || shape.layout == .checkpoint: sequence = "tuple"
    default: break
    }
    keys = shape.keys.map { key in
      key.intValue.map(Value.Key.int) ?? .string(key.description)
    }
  }

  /// The steps of a path as they are kept.
  private static func steps(_ path: [PickleStep], _ shape: CheckpointShape) -> [StructureStep] {
    path.enumerated().map { index, step in
      // Of a list that is the outermost object, the elements are entries by their numbers.
      if index == 0, case .index(let number, _) = step { return .key(.int(number), at: number) }
      return StructureStep(step, stays: shape.staying.contains(Array(path[...index]).text))
    }
  }

  /// Records which tensors are `Parameter` objects.
  fileprivate mutating func setParameterObjects(_ collector: StateCollector, _ state: StateDict) {
    frozen = collector.frozen
    hasParameterObjects =
      !collector.parameterObjects.isEmpty
      && collector.parameterObjects == state.keys(of: .parameter)
    if !hasParameterObjects { parameterObjects = collector.parameterObjects }
  }
}

extension PyTorchOutline.Roles {
  /// Puts what is known of tensors in the place of what was guessed; what the file itself says of
  /// them stays.
  fileprivate func decide(_ roles: inout OrderedDictionary<String, RoleAssignment.Decision>) {
    for (key, decision) in roles where decision.rule != .parameterObject {
      roles[key] = RoleAssignment.Decision(
        role: buffers.contains(key) ? .buffer : .parameter, rule: .outline)
    }
    if !unknown.isEmpty { roles.removeAll { unknown.contains($0.key) } }
  }
}
