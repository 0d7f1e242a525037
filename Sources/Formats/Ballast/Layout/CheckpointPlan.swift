import Arrays
import Checkpoints
import OrderedCollections
import States

/// What will be written where, before the first byte is.
///
/// Names are given and everything that the layout cannot hold is refused here, so that laying out
/// the file afterwards only follows the plan.
struct CheckpointPlan {
  /// A dataset, or another name of one.
  struct Tensor {
    /// The values, of another type than the row's if they are converted as they are written.
    var array: NDArray
    var row: CheckpointIndex.TensorRow
  }

  struct PlannedValue {
    var path: String
    var value: EncodedValue
  }

  var tensors: [Tensor] = []
  var values: [PlannedValue] = []
  var modules: [CheckpointIndex.ModuleRow] = []

  /// HDF5's limit, `H5S_MAX_RANK`.
  static let maximumRank = 32

  /// - Throws: `CheckpointError` of the code `unsupported`, in the name of `file`.
  init(_ checkpoint: Checkpoint, file: String, options: WriteOptions) throws(CheckpointError) {
    addState(checkpoint.state, options)
    if let optimizer = checkpoint.optimizer { addOptimizer(optimizer) }
    addValue(
      .dict(
        OrderedDictionary(
          uniqueKeysWithValues: checkpoint.metadata.map { (.string($0.key), $0.value) })),
      at: "metadata")
    if checkpoint.needsOrigin {
      addValue(
        .dict(
          OrderedDictionary(
            uniqueKeysWithValues: checkpoint.origin.entries.map { (.string($0.key), $0.value) })),
        at: "origin")
    }
    if let architecture = checkpoint.architecture {
      addValue(.string(architecture.json(pretty: true)), at: "architecture")
    }
    modules = checkpoint.state.moduleVersions.map {
      CheckpointIndex.ModuleRow(path: $0.key, version: $0.value)
    }
    for tensor in tensors where tensor.row.shape.rank > Self.maximumRank {
      throw CheckpointError(
        .unsupported, file: file, place: tensor.row.path,
        reason: "HDF5 holds arrays of at most \(Self.maximumRank) dimensions, "
          + "and this tensor has \(tensor.row.shape.rank)")
    }
    recordSharing()
  }

  private mutating func addState(_ state: StateDict, _ options: WriteOptions) {
    for (entry, path) in Self.paths(in: state) {
      addTensor(entry.array, as: options.type(for: entry.array.dtype), at: path)
    }
  }

  /// Adds a model of the metadata. Its tensors have rows among the values too, for their order.
  private mutating func addModel(_ state: StateDict, at path: String) {
    for (entry, inner) in Self.paths(in: state) {
      values.append(PlannedValue(path: "\(path)/\(inner)", value: .tensor(entry.array)))
      addTensor(entry.array, at: "\(path)/\(inner)")
    }
    guard !state.moduleVersions.isEmpty else { return }
    let versions = state.moduleVersions.map { (Value.Key.string($0.key), Value.int($0.value)) }
    addValue(
      .dict(OrderedDictionary(uniqueKeysWithValues: versions)), at: "\(path)/module_versions")
  }

  /// Each tensor of a model, and the path of its dataset.
  private static func paths(in state: StateDict) -> [(entry: StateDict.Entry, path: String)] {
    var paths: [(entry: StateDict.Entry, path: String)] = []
    let keys = state.keys
    let sections = OrderedDictionary(
      grouping: keys, by: { state.entries[$0]?.role ?? .parameter }
    ).mapValues(Set.init)
    // Parameters and buffers are in groups of their own, so only their own kind is in the way.
    var encoders = sections.mapValues { keys in
      LinkPathEncoder { keys.contains(String($0)) }
    }
    for (key, entry) in state.entries {
      let role = entry.role ?? .parameter
      guard let path = encoders[role]?.path(key) else { continue }
      paths.append((entry, "\(role.groupName)/\(path)"))
    }
    return paths
  }

  private mutating func addOptimizer(_ optimizer: OptimizerState) {
    addGroup("optimizer", optimizer.attributes)
    let areAllTensors = optimizer.state.values.allSatisfy { slots in
      !slots.isEmpty && slots.values.allSatisfy { $0.tensor != nil }
    }
    for (parameter, slots) in optimizer.state {
      let links = LinkPath.encode(parameter: parameter) { optimizer.state[$0]?[$1] != nil }
      let path = "optimizer/state/" + links.joined(separator: "/")
      if !areAllTensors { addGroup(path, [("type", "slots")]) }
      for (slot, value) in slots {
        let slotPath = "\(path)/" + LinkPath.escape(slot[...], escapingDots: true)
        if areAllTensors, let array = value.tensor {
          addTensor(array, at: slotPath)
        } else {
          addValue(value, at: slotPath)
        }
      }
    }
    for (number, group) in optimizer.groups.enumerated() {
      var options = OrderedDictionary<Value.Key, Value>(
        uniqueKeysWithValues: group.options.map { (.string($0.key), $0.value) })
      options["params"] = .list(group.parameters.map(Value.string))
      addValue(.dict(options), at: "optimizer/param_groups/\(number)")
    }
  }

  private mutating func addGroup(_ path: String, _ attributes: [(name: String, text: String)]) {
    let group = EncodedValue.Container(attributes: attributes)
    values.append(PlannedValue(path: path, value: .group(group)))
  }

  private mutating func addValue(_ value: Value, at path: String) {
    let encoded = EncodedValue(value)
    values.append(PlannedValue(path: path, value: encoded))
    if case .model(let state) = value { return addModel(state, at: path) }
    switch encoded {
    case .dataset: break
    case .tensor(let array): addTensor(array, at: path)
    case .group(let container):
      for member in container.members { addValue(member.value, at: "\(path)/\(member.name)") }
    }
  }

  private mutating func addTensor(_ array: NDArray, as dtype: DType? = nil, at path: String) {
    let row = CheckpointIndex.TensorRow(
      path: path, dtype: dtype ?? array.dtype, shape: array.shape)
    tensors.append(Tensor(array: array, row: row))
  }

  /// Finds ties and views among all tensors, those of the optimizer and metadata included.
  private mutating func recordSharing() {
    let sharing = TensorSharing(tensors.map { ($0.array, $0.row.dtype) })
    for index in tensors.indices {
      tensors[index].row.aliasOf = sharing.originals[index]
      tensors[index].row.view = sharing.views[index]
    }
  }
}

extension StateDict.Role {
  /// The group of the file that holds tensors of this role.
  var groupName: String {
    switch self {
    case .parameter: "parameters"
    case .buffer: "buffers"
    }
  }
}

extension OptimizerState {
  /// What the attributes of its group say.
  fileprivate var attributes: [(name: String, text: String)] {
    (type.map { [("type", $0)] } ?? []) + [("naming", naming.rawValue)]
  }
}
