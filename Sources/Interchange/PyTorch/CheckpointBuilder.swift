import Arrays
import OrderedCollections
import States

/// Makes a checkpoint from what a PyTorch file holds.
struct CheckpointBuilder {
  private let object: PickleObject
  private let file: String
  private let converter: ValueConverter
  private var notes: OrderedSet<String> = []

  private static let freeValues = 100_000
  private static let valuesPerByte = 4

  init(_ object: PickleObject) {
    self.object = object
    file = object.storages.file.path
    converter = ValueConverter(
      storages: object.storages,
      budget: Self.freeValues + Self.valuesPerByte * min(object.machine.input.position, 1 << 40))
  }

  func checkpoint() throws(InterchangeError) -> PyTorchCheckpoint {
    var builder = self
    return try builder.build()
  }

  private mutating func build() throws(InterchangeError) -> PyTorchCheckpoint {
    guard let shape = CheckpointShape(object.root) else {
      throw InterchangeError(
        .unsupported, file: file, reason: "it holds \(object.root.kind), not a state dict or model",
        advice: "Save a state_dict, or a dictionary that has one.")
    }
    var collector = StateCollector(file: file)
    for (name, content) in shape.networks { try collector.add(content, network: name) }
    notes.append(contentsOf: object.machine.notes)
    notes.append(contentsOf: collector.notes)

    var entries: OrderedDictionary<String, StateDict.Entry> = [:]
    for item in collector.items {
      // Python tells an accented letter from the letter and its accent; Swift's texts do not.
      guard entries[item.key] == nil else {
        throw InterchangeError(
          .unsupported, file: file, place: item.key,
          reason: "two tensors have names that are the same text in other code points",
          advice: "Rename one of them before saving.")
      }
      entries[item.key] = StateDict.Entry(try array(item))
    }
    var state = StateDict(entries: entries, moduleVersions: collector.moduleVersions)

    var assignment = RoleAssignment(items: collector.items, state: state)
    var optimizer: OptimizerState?
    if let dict = shape.optimizer {
      let saved = try SavedOptimizer(dict, file: file, converter: converter)
      let naming = assignment.match(saved)
      optimizer = saved.state(named: naming)
      notes.append(contentsOf: saved.notes)
      if naming == nil && !saved.parameterKeys.isEmpty {
        notes.append(
          "the optimizer's parameters could not be matched with the model's beyond doubt, and keep "
            + "their numbers")
      }
    }
    let roles = assignment.roles()
    for (key, decision) in roles { state.entries[key]?.role = decision.role }

    let metadata = try metadata(shape, collector)
    if state.isEmpty && optimizer == nil { notes.append("the file holds no model") }
    notes.append(contentsOf: converter.notes)
    return PyTorchCheckpoint(
      checkpoint: Checkpoint(state: state, optimizer: optimizer, metadata: metadata),
      roleRules: roles.mapValues(\.rule), notes: Array(notes))
  }

  private func array(_ item: StateCollector.Item) throws(InterchangeError) -> NDArray {
    switch item.tensor {
    case .tensor(let tensor): return try object.storages.array(tensor, place: item.key)
    case .numpyArray(let array):
      guard let dtype = array.type?.dtype else { break }
      return try object.storages.array(array, dtype: dtype, place: item.key)
    default: break
    }
    throw InterchangeError(.unsupported, file: file, place: item.key, reason: "it is no tensor")
  }

  private mutating func metadata(
    _ shape: CheckpointShape, _ collector: StateCollector
  ) throws(InterchangeError) -> OrderedDictionary<String, Value> {
    var metadata: OrderedDictionary<String, Value> = [:]
    for (key, value) in shape.rest {
      guard let value = try converter.convert(value, place: key) else {
        notes.append("\"\(key)\" was left out, as it refers to itself")
        continue
      }
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw InterchangeError(
          .unsupported, file: file, place: key,
          reason: "two entries of the checkpoint have this name")
      }
    }
    var extras: OrderedDictionary<Value.Key, Value> = [:]
    for (key, value) in collector.extras {
      guard let value = try converter.convert(value, place: key) else {
        notes.append("\"\(key)\" was left out, as it refers to itself")
        continue
      }
      extras[.string(key)] = value
    }
    if let structure = Self.structure(shape, collector, extras),
      metadata.index(forKey: PyTorchCheckpoint.structureKey) == nil
    {
      metadata[PyTorchCheckpoint.structureKey] = structure
    }
    return metadata
  }

  /// What ``PyTorchCheckpoint/structureKey`` holds, or nil for a plain state dict.
  private static func structure(
    _ shape: CheckpointShape, _ collector: StateCollector,
    _ extras: OrderedDictionary<Value.Key, Value>
  ) -> Value? {
    guard shape.layout != .stateDict || !extras.isEmpty else { return nil }
    var structure: OrderedDictionary<Value.Key, Value> = [
      "layout": .string(shape.layout.rawValue)
    ]
    if let key = shape.modelKey { structure["model_key"] = .string(key) }
    if let key = shape.optimizerKey { structure["optimizer_key"] = .string(key) }
    let names = shape.networks.map(\.name).filter { !$0.isEmpty }
    if !names.isEmpty { structure["networks"] = .list(names.map { .string($0) }) }
    if let type = collector.moduleType { structure["module_type"] = .string(type) }
    if !extras.isEmpty { structure["extra_state"] = .dict(extras) }
    return .dict(structure)
  }
}
