import Checkpoints
import OrderedCollections
import States

/// What a checkpoint says that PyTorch's files have no place for.
///
/// It is JSON in a member of the archive that `torch.load` passes over:
///
/// ```json
/// {
///   "ballast_pytorch": 1,
///   "buffers": ["bn.running_mean"],
///   "optimizer": {"type": "Adam", "naming": "keys", "parameters": ["fc.weight", "fc.bias"]},
///   "models": {"ema": {"buffers": ["bn.running_mean"], "unknown": []}},
///   "optimizers": {"optimizers.1": {"type": "SGD", "naming": "positions"}},
///   "architecture": {},
///   "structure": false,
///   "table": "9f86d081…",
///   "added": ["callbacks"],
///   "origin": "{…}"
/// }
/// ```
///
/// `buffers` are the keys of buffers, and `unknown` those of tensors of no role; all other tensors
/// are parameters. `parameters` are the names of the optimizer's parameters by their numbers.
/// `models` and `optimizers` are the same for those in the metadata, by their places: of what looks like
/// one, nothing else is a model. `structure` is false if the checkpoint had no record of how a PyTorch file is put together.
/// `table` is the SHA-256 of the table of a distributed checkpoint, beside which this is a file: whoever saves
/// into the folder replaces the table, and not this. `added` are keys of the outermost dictionary that it did not have. `origin` is what other
/// formats keep for the way back to them, as a `CheckpointOutline`; also an empty one, where an
/// entry of the dictionary has a name that such things had in older files.
///
/// It is not a `CheckpointOutline`, by which a file of named arrays is read: that names the
/// tensor of every key, every slot of the optimizer and every value. A PyTorch file says all of
/// this in its pickles, and PyTorch's users change it there; a second account of it would be out of
/// date after the first change, and a reader would have to choose. So this one has only what no
/// pickle says.
struct PyTorchOutline {
  static let memberName = "ballast.json"
  static let maximumByteCount = 256 << 20

  private static let versionKey: Value.Key = "ballast_pytorch"
  private static let version = 1

  /// What is known of the optimizer.
  struct Optimizer {
    var type: String?
    var naming: OptimizerState.Naming
    var parameters: [String]

    /// The names of its parameters by their numbers; nil if it has none.
    var names: [String]? { naming == .keys ? parameters : nil }
  }

  /// The roles of a model's tensors. What is neither is a parameter.
  struct Roles {
    private(set) var buffers: OrderedSet<String> = []
    private(set) var unknown: OrderedSet<String> = []

    init(_ state: StateDict) {
      for (key, entry) in state.entries {
        switch entry.role {
        case .buffer: buffers.append(key)
        case .parameter: break
        case nil: unknown.append(key)
        }
      }
    }

    /// The roles that a text has.
    init(_ value: Value) {
      buffers = OrderedSet(PyTorchOutline.texts(value["buffers"]))
      unknown = OrderedSet(PyTorchOutline.texts(value["unknown"]))
    }

    /// Whether all tensors of which it speaks are there.
    func fits(_ state: StateDict) -> Bool {
      buffers.union(unknown).allSatisfy { state[$0] != nil }
    }

    /// The role of a tensor.
    func role(of key: String) -> StateDict.Role? {
      unknown.contains(key) ? nil : buffers.contains(key) ? .buffer : .parameter
    }
  }

  /// The roles in the model.
  let roles: Roles
  private(set) var optimizer: Optimizer?
  /// The roles in the models in the metadata.
  private(set) var models: OrderedDictionary<String, Roles> = [:]
  /// The optimizers in the metadata.
  private(set) var optimizers: OrderedDictionary<String, Optimizer> = [:]
  private(set) var architecture: Value?
  private(set) var hasStructure = false
  private(set) var added: Set<String> = []
  /// The SHA-256 of what names the tensors, where that is a file of its own: of another one this is not.
  var table: String?
  /// What other formats keep for the way back to them.
  private(set) var origin = Origin()
  /// Whether the text has an origin, be it an empty one: see `Checkpoint.hasFormerOriginNames`.
  private(set) var hasOrigin = false

  /// What is to be kept beside an object.
  ///
  /// - Parameter carried: What formats keep for the way back to them.
  init?(_ checkpoint: Checkpoint, _ assembly: CheckpointAssembly, _ carried: Origin) {
    roles = Roles(checkpoint.state)
    if let state = checkpoint.optimizer, let parameters = assembly.optimizerParameters {
      optimizer = Optimizer(type: state.type, naming: state.naming, parameters: parameters)
    }
    for (place, state) in checkpoint.models {
      models[place] = Roles(state)
    }
    for (place, state) in checkpoint.optimizers {
      optimizers[place] = Optimizer(
        type: state.type, naming: state.naming, parameters: state.groups.flatMap(\.parameters))
    }
    architecture = checkpoint.architecture
    hasStructure = checkpoint.origin[PyTorchStructure.format] != nil
    (origin, _) = Self.portable(carried)
    hasOrigin = !origin.isEmpty || checkpoint.hasFormerOriginNames
    added = Set(assembly.addedKeys)
    if checkpoint.state.isEmpty && optimizer == nil && architecture == nil && added.isEmpty
      && !hasOrigin && models.isEmpty && optimizers.isEmpty
    {
      return nil
    }
  }

  /// The text.
  var json: String {
    func texts(_ texts: some Sequence<String>) -> Value { .list(texts.map(Value.string)) }
    var members: OrderedDictionary<Value.Key, Value> = [Self.versionKey: .int(Self.version)]
    members["buffers"] = texts(roles.buffers)
    if !roles.unknown.isEmpty { members["unknown"] = texts(roles.unknown) }
    if let optimizer { members["optimizer"] = optimizer.value }
    if !models.isEmpty {
      members["models"] = .dict(
        .init(
          uniqueKeysWithValues: models.map { name, roles in
            (
              .string(name),
              ["buffers": texts(roles.buffers), "unknown": texts(roles.unknown)]
            )
          }))
    }
    if !optimizers.isEmpty {
      members["optimizers"] = .dict(
        .init(uniqueKeysWithValues: optimizers.map { (.string($0.key), $0.value.value) }))
    }
    if let architecture { members["architecture"] = architecture }
    if !hasStructure { members["structure"] = false }
    if let table { members["table"] = .string(table) }
    if !added.isEmpty { members["added"] = texts(added.sorted()) }
    if hasOrigin, let text = Self.text(of: origin) { members["origin"] = .string(text) }
    return Value.dict(members).json()
  }

  /// Reads the text, which anyone may have written; nil if it is not one, or of a later version.
  init?(json: [UInt8]) {
    guard let value = try? Value(json: json), value["ballast_pytorch"]?.intValue == Self.version
    else { return nil }
    roles = Roles(value)
    optimizer = value["optimizer"].flatMap(Optimizer.init)
    for (place, roles) in value["models"]?.dictionary ?? [:] {
      models[place.text] = Roles(roles)
    }
    for (place, facts) in value["optimizers"]?.dictionary ?? [:] {
      optimizers[place.text] = Optimizer(facts)
    }
    architecture = value["architecture"]
    hasStructure = value["structure"]?.boolValue ?? true
    table = value["table"]?.stringValue
    added = Set(Self.texts(value["added"]))
    hasOrigin = value["origin"] != nil
    if let text = value["origin"]?.stringValue,
      let rest = try? CheckpointOutline.restore(text, tensors: [:], file: Self.memberName)
    {
      origin = rest.checkpoint.origin
    }
  }

  /// The texts of a list.
  private static func texts(_ value: Value?) -> [String] {
    value?.elements?.compactMap(\.stringValue) ?? []
  }

  /// The origin without the tensors in it, for which JSON has no place, and the names of the
  /// formats whose entries had some.
  static func portable(_ origin: Origin) -> (origin: Origin, lost: [String]) {
    var portable = Origin()
    var lost: [String] = []
    for (format, value) in origin.entries {
      var dropsTensors = false
      portable[format] = withoutTensors(value, &dropsTensors)
      if dropsTensors { lost.append(format) }
    }
    return (portable, lost)
  }

  /// What of the origin the text does not hold.
  static func losses(of origin: Origin) -> [ConversionLoss] {
    let (portable, lost) = portable(origin)
    let losses = lost.map {
      ConversionLoss(
        .originDropped, $0,
        "the tensors in what was kept for the way back to it were left out: PyTorch's files have no "
          + "place for them")
    }
    guard text(of: portable) == nil else { return losses }
    return losses
      + portable.entries.keys.map {
        ConversionLoss(
          .originDropped, $0,
          "what was kept for the way back to it was left out: it is nested too deep, or too long")
      }
  }

  /// A value without tensors: dictionaries lose the members that are or hold some, and a list,
  /// whose elements would change places, goes whole; nil if nothing is left.
  private static func withoutTensors(_ value: Value, _ dropsTensors: inout Bool) -> Value? {
    func all(_ values: [Value]) -> [Value]? {
      let kept = values.compactMap { withoutTensors($0, &dropsTensors) }
      return kept.count == values.count ? kept : nil
    }
    switch value {
    case .tensor, .model, .optimizer:
      dropsTensors = true
      return nil
    case .list(let elements): return all(elements).map(Value.list)
    case .tuple(let elements): return all(elements).map(Value.tuple)
    case .dict(let members):
      return .dict(members.compactMapValues { withoutTensors($0, &dropsTensors) })
    case .object(let type, let state):
      return withoutTensors(state, &dropsTensors).map { .object(type: type, state: $0) }
    default: return value
    }
  }

  /// The origin as an outline, which knows the types of values; nil if it holds tensors, for which
  /// JSON has no place, or is nested too deep or too long for an outline.
  static func text(of origin: Origin) -> String? {
    var holder = Checkpoint(state: [:])
    holder.origin = origin
    guard let outline = try? CheckpointOutline(holder, file: memberName),
      outline.tensors.isEmpty
    else { return nil }
    return outline.json
  }
}

extension PyTorchOutline.Optimizer {
  /// An optimizer that was read by numbers, with its names and class; nil if they are not for it.
  func named(_ optimizer: OptimizerState) -> OptimizerState? {
    var result = optimizer
    result.type = type ?? optimizer.type
    guard naming == .keys else { return result }
    let count = optimizer.groups.reduce(0) { $0 + $1.parameters.count }
    guard parameters.count == count, Set(parameters).count == count else { return nil }
    var rest = parameters[...]
    let names = optimizer.groups.map { group in
      defer { rest = rest.dropFirst(group.parameters.count) }
      return Array(rest.prefix(group.parameters.count))
    }
    return result.renamed(names)
  }

  fileprivate var value: Value {
    var facts: OrderedDictionary<Value.Key, Value> = [:]
    if let type { facts["type"] = .string(type) }
    facts["naming"] = .string(naming.rawValue)
    if let names { facts["parameters"] = .list(names.map(Value.string)) }
    return .dict(facts)
  }

  fileprivate init?(_ facts: Value) {
    guard let naming = facts["naming"]?.stringValue.flatMap(OptimizerState.Naming.init) else {
      return nil
    }
    self.init(
      type: facts["type"]?.stringValue, naming: naming,
      parameters: facts["parameters"]?.elements?.compactMap(\.stringValue) ?? [])
  }
}
