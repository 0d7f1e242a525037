import Arrays
import Checkpoints
import Interchange
import States
import ToolSupport

/// All that is shown of a checkpoint, gathered once for the tree, the page and JSON.
struct Inventory {
  /// What is shown of a tensor.
  struct Tensor {
    var key: String
    var kind: String
    /// The place of the model in the metadata that it is of.
    var model: String?
    var dtype: DType
    var shape: Shape
    var byteCount: Int
    /// How many numbers it has, which are more or fewer than elements where these are bytes of blocks.
    var numberCount = 0
    /// The key of the tensor that this is another name of.
    var tiedTo: String?
    var statistics: TensorStatistics?
  }

  let path: String
  let format: FileFormat
  let tensors: [Tensor]
  /// The tensors beside the model: those of the optimizer, and in the metadata.
  let others: [Tensor]
  /// What in the file may be taken for the model.
  let candidates: [ModelCandidate]
  let optimizer: OptimizerState?
  /// The optimizers in the metadata, by their places.
  let optimizers: [(place: String, optimizer: OptimizerState)]
  let metadata: [(key: String, value: Value)]
  /// What of the file is not shown: the checkpoint does not have it.
  let losses: LossReport
  let notes: [String]

  /// - Parameter readsValues: Whether to read every tensor for its statistics.
  init(_ opened: OpenedCheckpoint, readsValues: Bool) throws {
    path = opened.path
    format = opened.format
    optimizer = opened.checkpoint.optimizer
    optimizers = opened.checkpoint.optimizers.map { ($0.key, $0.value) }
    metadata = opened.checkpoint.metadata.map { ($0.key, $0.value) }
    losses = LossReport(opened.losses)
    notes = opened.notes
    candidates = opened.candidates
    others = Self.others(opened.checkpoint)
    let ties = Dictionary(
      uniqueKeysWithValues: opened.checkpoint.state.ties.map { ($0.key, $0.original) })
    tensors = try opened.checkpoint.state.entries.map { key, entry in
      Tensor(
        key: key, kind: Self.kind(entry.role), dtype: entry.array.dtype,
        shape: entry.array.shape, byteCount: entry.array.byteCount,
        numberCount: opened.checkpoint.numberCount(of: key), tiedTo: ties[key],
        statistics: readsValues ? try TensorStatistics(entry.array) : nil)
    }
    if readsValues {
      try opened.checkpoint.state.entries.values.lazy.map(\.array).checkMappedFiles()
    }
  }

  /// The tensors of the optimizer's state and in the metadata, each with the first other name of the
  /// same elements.
  private static func others(_ checkpoint: Checkpoint) -> [Tensor] {
    var named = checkpoint.state.entries.map { (name: $0.key, kind: "", array: $0.value.array) }
    let modelCount = named.count
    for (parameter, slots) in checkpoint.optimizer?.state ?? [:] {
      for (slot, value) in slots {
        named += tensors(in: value, "optimizer.\(parameter).\(slot)").map {
          ($0.name, "optimizer", $0.array)
        }
      }
    }
    for group in checkpoint.optimizer?.groups ?? [] {
      for (option, value) in group.options {
        named += tensors(in: value, "optimizer.\(option)").map { ($0.name, "optimizer", $0.array) }
      }
    }
    var models: [Int: String] = [:]
    for (name, value) in checkpoint.metadata {
      named += tensors(in: value, name).map { ($0.name, "metadata", $0.array) }
    }
    for entry in checkpoint.origin.entries.values {
      for part in Origin.namesOfTheUsers {
        guard let value = entry[part] else { continue }
        named += tensors(in: value, part).map { ($0.name, "metadata", $0.array) }
      }
    }
    for (model, state) in checkpoint.models {
      for (key, entry) in state.entries {
        models[named.count] = model
        named.append(("\(model).\(key)", Self.kind(entry.role), entry.array))
      }
    }
    guard named.count > modelCount else { return [] }
    let sharing = TensorSharing(named.map { ($0.array, $0.array.dtype) })
    return named.indices.dropFirst(modelCount).map { index in
      let (name, kind, array) = named[index]
      return Tensor(
        key: name, kind: kind, model: models[index], dtype: array.dtype, shape: array.shape,
        byteCount: array.byteCount, tiedTo: sharing.originals[index].map { named[$0].name })
    }
  }

  private static func tensors(in value: Value, _ name: String) -> [(name: String, array: NDArray)] {
    if let array = value.tensor { return [(name, array)] }
    if case .model = value { return [] }
    return value.members.flatMap { tensors(in: $0.1, "\(name).\($0.0)") }
  }

  /// The tensors of the file, what has several names counted once, and their bytes.
  var total: (count: Int, byteCount: Int) {
    let once = (tensors + others).filter { $0.tiedTo == nil }
    return (once.count, once.reduce(0) { $0 + $1.byteCount })
  }

  /// The name of a role, also where a file does not know it.
  static func kind(_ role: StateDict.Role?) -> String { role?.rawValue ?? "tensor" }

  /// The bytes of all tensors of the model, ties counted once.
  var byteCount: Int { tensors.reduce(0) { $0 + ($1.tiedTo == nil ? $1.byteCount : 0) } }

  /// The numbers in all parameters, ties counted once.
  var parameterElementCount: Int {
    tensors.reduce(0) {
      $0
        + ($1.kind == StateDict.Role.parameter.rawValue && $1.tiedTo == nil
          ? $1.numberCount : 0)
    }
  }

  /// What the optimizer holds, in a line.
  var optimizerText: String? { optimizer.map(Self.text) }

  /// What an optimizer holds, in a line.
  static func text(_ optimizer: OptimizerState) -> String {
    "\(optimizer.type ?? "unknown type"): \(optimizer.state.count.of("parameter")) with state, "
      + "\(optimizer.tensorCount.of("tensor")), \(optimizer.groups.count.of("group"))"
  }

  /// The inventory for programs.
  var value: Value {
    [
      "file": .string(path),
      "format": .string(format.id),
      "bytes": .int(byteCount),
      "tensors": .list(tensors.map(\.value)),
      "other_tensors": .list(others.map(\.value)),
      "total_tensors": .int(total.count),
      "total_bytes": .int(total.byteCount),
      "candidates": .list(
        candidates.map {
          [
            "root": .string($0.root), "tensors": .int($0.tensorCount), "taken": .bool($0.isTaken),
          ]
        }),
      "optimizer": optimizer.map { optimizer in
        [
          "type": optimizer.type.map { .string($0) } ?? .none,
          "tensors": .int(optimizer.tensorCount),
          "groups": .list(
            optimizer.groups.map { group in
              .dict(
                .init(uniqueKeysWithValues: group.options.map { (.string($0.key), $0.value) }))
            }),
        ]
      } ?? .none,
      "metadata": .dict(.init(uniqueKeysWithValues: metadata.map { (.string($0.key), $0.value) })),
      "losses": losses.value,
      "notes": .list(notes.map { .string($0) }),
    ]
  }
}

extension Inventory.Tensor {
  /// The tensor for programs.
  var value: Value {
    var value: Value = [
      "key": .string(key), "kind": .string(kind), "model": model.map(Value.string) ?? .none,
      "dtype": .string(dtype.rawValue),
      "shape": .list(shape.map { .int($0) }), "bytes": .int(byteCount),
      "tied_to": tiedTo.map { .string($0) } ?? .none,
    ]
    if let statistics, case .dict(var members) = value {
      members["statistics"] = statistics.value
      value = .dict(members)
    }
    return value
  }
}
