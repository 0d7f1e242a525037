import Arrays
import OrderedCollections
import States

/// What a checkpoint is beyond the bytes of its tensors, as a text that formats without a place for
/// such things can carry.
///
/// safetensors and NumPy know named arrays and nothing else. So that nothing is lost on the way
/// there and back, Ballast writes every tensor of a checkpoint under a name, ``tensors``, and
/// beside them ``json``: the order of the keys, which tensor is a parameter and which a buffer,
/// ties and views, types that the format cannot name, the versions of modules, the optimizer, the
/// metadata with the type of each value, and the architecture. ``restore(_:tensors:file:)`` is the
/// way back.
///
/// The names are, with a number added where a name is taken:
///
/// | tensor | name |
/// |---|---|
/// | of the model | its key |
/// | of the optimizer's state | `optimizer/state/<parameter>/<slot>` |
/// | an option of a group of parameters | `optimizer/param_groups/<number>/<option>` |
/// | in the metadata, in a list or dictionary too | `metadata/<name>`, `metadata/<name>/<index or key>` |
/// | of a model in the metadata | `metadata/<name>/<its key>` |
/// | of an optimizer in the metadata | `metadata/<name>/state/<parameter>/<slot>` |
/// | in what a format keeps for the way back | `origin/<format>/<index or key>` |
///
/// The text is JSON, the same for the same checkpoint:
///
/// ```json
/// {
///   "ballast_outline": 1,
///   "tensors": [{"key": "fc.weight", "role": "parameter"}, {"key": "fc.tied", "name": "fc.weight"}],
///   "stored": [{"name": "fc.weight", "dtype": "bfloat16"}],
///   "module_versions": {"": 1},
///   "optimizer": {"type": "Adam", "naming": "keys", "state": […], "groups": […]},
///   "metadata": {"epoch": 3, "betas": {"tuple": [0.9, 0.999]}},
///   "origin": {"pytorch": {"dict": {"layout": "checkpoint"}}}
/// }
/// ```
///
/// `tensors` are those of the model in order, each with its `name` if that is not its key. `stored`
/// has what else is known of names: the `dtype` that the format cannot name; `same_as`, a tie of
/// which the format holds a copy; `view`, the place in a storage that several tensors shared. A
/// value is JSON where JSON has its type; others are an object with one member that names the type:
/// `tuple`, `dict`, `pairs` (a dictionary whose keys are not all texts), `bytes` (hexadecimal),
/// `float` (the bits of infinities and NaN, hexadecimal), `bigint`, `complex`, `tensor` (its name),
/// `object`, `model` (with rows as in `tensors`, and its `module_versions`), `optimizer`.
package struct CheckpointOutline: Sendable {
  /// A tensor that has to be written.
  package struct StoredTensor: Sendable {
    /// The name, unlike that of any other.
    package let name: String
    /// The values.
    package let array: NDArray
    /// The type as which they are written, to which ``array`` is converted on the way.
    package let dtype: DType
    /// Whether it is a copy of another one, to which it was tied.
    package let isCopy: Bool

    /// The bytes that it takes.
    package var byteCount: Int { array.elementCount * dtype.itemSize }
  }

  /// The tensors, those of the model first, in order.
  package let tensors: [StoredTensor]
  /// For the keys of the model that are only other names of a tensor, the name of that tensor.
  package let aliases: OrderedDictionary<String, String>
  /// The number of tensors, each name counted.
  package let tensorCount: Int
  /// Whether there is something to say of a name: a type, a tie, or a view.
  package let describesNames: Bool
  /// Everything else, as JSON.
  package let json: String

  /// The name of the current form of the text, and its version.
  package static let versionKey = "ballast_outline"
  package static let version = 1

  /// How long the text may be, as long as the header of a safetensors file.
  package static let maximumByteCount = 100_000_000

  /// How deep values may be nested.
  package static let maximumDepth = Checkpoint.maximumNesting + 8

  /// The outline of a checkpoint.
  ///
  /// - Parameters:
  ///   - file: The file that will hold it, for errors.
  ///   - options: Whether floating-point tensors are converted.
  ///   - copyingTies: Whether a tied tensor is written under each of its names, for formats in
  ///     which a reader would miss a name.
  ///   - hasName: Whether the format can name the type of an array of a shape. Of others the type
  ///     is recorded.
  ///   - naming: What becomes of a name, for formats that do not take every text as one.
  /// - Throws: ``CheckpointError`` if a value is nested too deep to be written as JSON, or all take
  ///   more than 100 MB.
  package init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions = WriteOptions(),
    copyingTies: Bool = false, hasName: (DType, Shape) -> Bool = { _, _ in true },
    naming: @escaping (String) -> String = { $0 }
  ) throws(CheckpointError) {
    var collector = Collector(naming: naming)
    collector.add(checkpoint, options)
    let found = collector.found
    let sharing = TensorSharing(found.map { ($0.array, $0.dtype) })
    var tensors: [StoredTensor] = []
    var aliases: OrderedDictionary<String, String> = [:]
    var names: [String] = []
    var stored: [Value] = []
    for (index, tensor) in found.enumerated() {
      let original = sharing.originals[index]
      if let original, !copyingTies {
        names.append(names[original])
        if index < checkpoint.state.count {
          aliases[checkpoint.state.keys[index]] = names[original]
        }
        continue
      }
      names.append(tensor.name)
      tensors.append(
        StoredTensor(
          name: tensor.name, array: tensor.array, dtype: tensor.dtype, isCopy: original != nil))
      var row: OrderedDictionary<Value.Key, Value> = ["name": .string(tensor.name)]
      if !hasName(tensor.dtype, tensor.array.shape) {
        row["dtype"] = .string(tensor.dtype.rawValue)
      }
      if let original { row["same_as"] = .string(names[original]) }
      if let view = sharing.views[index] { row["view"] = view.outline }
      if row.count > 1 { stored.append(.dict(row)) }
    }
    describesNames = !stored.isEmpty || !aliases.isEmpty
    var encoder = OutlineEncoder(file: file, tensorNames: names[checkpoint.state.count...])
    let outline = try encoder.encode(checkpoint, names: names, stored: stored)
    json = outline.json()
    guard json.utf8.count <= Self.maximumByteCount else {
      throw CheckpointError(
        .unsupported, file: file, place: "outline",
        reason: "metadata and keys take more than \(Self.maximumByteCount) bytes")
    }
    tensorCount = found.count
    self.tensors = tensors
    self.aliases = aliases
  }

  /// Whether a reader that is given names, types and texts alone finds the same checkpoint.
  ///
  /// - Parameters:
  ///   - order: The names in the order of the file.
  ///   - texts: What of the metadata the file holds as texts.
  package func isRedundant(
    for checkpoint: Checkpoint, order: [String], texts: OrderedDictionary<String, String> = [:]
  ) -> Bool {
    !describesNames && order == Array(checkpoint.state.keys)
      && checkpoint.state.moduleVersions.isEmpty && checkpoint.optimizer == nil
      && checkpoint.architecture == nil && checkpoint.origin.isEmpty
      && checkpoint.metadata.allSatisfy {
        if case .string = $0.value { texts[$0.key] != nil } else { false }
      }
      && checkpoint.state.entries.allSatisfy { key, entry in
        let isBuffer = RoleRule.isBufferByTypeOrName(key, entry.array.dtype) {
          checkpoint.state[$0] != nil
        }
        return entry.role == nil || entry.role == (isBuffer ? .buffer : .parameter)
      }
  }
}

/// Lists all tensors of a checkpoint, in the order in which ``OutlineEncoder`` meets them, and
/// names them.
private struct Collector {
  let naming: (String) -> String
  private(set) var found: [(name: String, array: NDArray, dtype: DType)] = []
  private var taken: Set<String> = []

  init(naming: @escaping (String) -> String) { self.naming = naming }

  mutating func add(_ checkpoint: Checkpoint, _ options: WriteOptions) {
    for (key, entry) in checkpoint.state.entries {
      add(entry.array, as: options.type(for: entry.array.dtype), at: key)
    }
    if let optimizer = checkpoint.optimizer { add(optimizer, at: "optimizer") }
    for (name, value) in checkpoint.metadata { add(value, at: "metadata/\(name)") }
    if let architecture = checkpoint.architecture { add(architecture, at: "architecture") }
    for (format, value) in checkpoint.origin.entries { add(value, at: "origin/\(format)") }
  }

  private mutating func add(_ optimizer: OptimizerState, at path: String, depth: Int = 0) {
    for (parameter, slots) in optimizer.state {
      for (slot, value) in slots {
        add(value, at: "\(path)/state/\(parameter)/\(slot)", depth: depth)
      }
    }
    for (number, group) in optimizer.groups.enumerated() {
      for (name, value) in group.options {
        add(value, at: "\(path)/param_groups/\(number)/\(name)", depth: depth)
      }
    }
  }

  private mutating func add(_ value: Value, at path: String, depth: Int = 0) {
    // The encoder refuses what is deeper.
    guard depth <= CheckpointOutline.maximumDepth else { return }
    switch value {
    case .tensor(let array): add(array, as: array.dtype, at: path)
    case .list(let elements), .tuple(let elements):
      for (index, element) in elements.enumerated() {
        add(element, at: "\(path)/\(index)", depth: depth + 1)
      }
    case .dict(let members):
      for (key, member) in members { add(member, at: "\(path)/\(key.text)", depth: depth + 1) }
    case .object(_, let state): add(state, at: path, depth: depth + 1)
    case .model(let state):
      for (key, entry) in state.entries {
        add(entry.array, as: entry.array.dtype, at: "\(path)/\(key)")
      }
    case .optimizer(let optimizer): add(optimizer, at: path, depth: depth + 1)
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes: break
    }
  }

  private mutating func add(_ array: NDArray, as dtype: DType, at path: String) {
    let wanted = naming(path)
    var name = wanted
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(wanted)~\(number)"
      number += 1
    }
    found.append((name, array, dtype))
  }
}

extension TensorSharing.View {
  fileprivate var outline: Value {
    [
      "storage": .int(storage), "offset": .int(offset), "strides": .list(strides.map(Value.int)),
    ]
  }
}
