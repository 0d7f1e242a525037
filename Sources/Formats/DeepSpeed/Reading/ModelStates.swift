import Arrays
import Checkpoints
import OrderedCollections
import PyTorchFiles

/// What a file of model states says: the state dict, or what one rank has of it, and of which parameters and
/// of which shapes the ranks' flat tensors are.
///
/// Its keys are those of `_save_checkpoint` in `deepspeed/runtime/engine.py` of DeepSpeed 0.18.2.
struct ModelStates {
  /// The path of the file.
  let file: String
  let root: SavedValue
  /// The state dict; at stage 3 its parameters have no elements.
  let module: SavedValue
  /// The parameters of each group; nil in a checkpoint that is not divided.
  let groups: [[ZeroPartition.Parameter]]?
  /// The keys of buffers.
  let buffers: Set<String>
  /// The parameters that are not trained; from stage 2 on.
  let frozen: [ZeroPartition.Parameter]
  /// The name of the parameter that another name is, too.
  let aliases: OrderedDictionary<String, String>

  private enum Key {
    static let module = "module"
    static let shapes = "param_shapes"
    static let buffers = "buffer_names"
    static let frozenShapes = "frozen_param_shapes"
    static let frozenFragments = "frozen_param_fragments"
    static let aliases = "shared_params"
    static let optimizer = "optimizer"
  }

  /// What of the file is told by other parts of what is read.
  static let structure: Set = [
    Key.module, Key.shapes, Key.buffers, Key.frozenShapes, Key.frozenFragments, Key.aliases,
  ]

  /// - Throws: `CheckpointError`: `damaged` if it is none, or contradicts itself, `unsupported` if the state dict
  ///   is elsewhere.
  init(_ object: SavedObject) throws(CheckpointError) {
    file = object.file
    root = object.root
    let file = file
    func damaged(_ place: String, _ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file, place: place, reason: reason)
    }
    guard root.entries != nil, let module = root[Key.module] else {
      throw CheckpointError(
        .damaged, file: file, reason: "it holds \(root.kind) without a state dict (\"module\")")
    }
    guard !module.isNone else {
      throw CheckpointError(
        .unsupported, file: file, place: Key.module,
        reason: "the state dict is not in it, as of a model that is divided by layers (pipeline)")
    }
    guard module.entries != nil, module.hasTextKeys else {
      throw damaged(Key.module, "it is \(module.kind), and should be a state dict")
    }
    self.module = module
    if let shapes = root[Key.shapes], !shapes.isNone {
      guard let groups = shapes.elements else {
        throw damaged(Key.shapes, "it is \(shapes.kind), and should be a list of groups")
      }
      var all: [[ZeroPartition.Parameter]] = []
      for group in groups { all.append(try Self.parameters(group, Key.shapes, file)) }
      self.groups = all
    } else {
      groups = nil
    }
    var names: Set<String> = []
    for parameter in (groups ?? []).joined() where !names.insert(parameter.name).inserted {
      throw damaged(Key.shapes, "\(parameter.name) is in it twice")
    }
    if let frozen = root[Key.frozenShapes], !frozen.isNone {
      self.frozen = try Self.parameters(frozen, Key.frozenShapes, file)
    } else {
      frozen = []
    }
    for parameter in frozen where !names.insert(parameter.name).inserted {
      throw damaged(Key.frozenShapes, "\(parameter.name) is of a group, too, or in it twice")
    }
    guard let buffers = root[Key.buffers]?.elements else {
      throw CheckpointError(
        .unsupported, file: file, place: Key.buffers,
        reason: "it is not said which tensors are buffers, as DeepSpeed's model states say it")
    }
    self.buffers = Set(buffers.compactMap(\.text))
    guard buffers.allSatisfy({ $0.text != nil }) else {
      throw damaged(Key.buffers, "it has names that are no texts")
    }
    guard self.buffers.isDisjoint(with: names) else {
      let both = self.buffers.intersection(names).sorted().first ?? ""
      throw damaged(Key.buffers, "\(both) is a buffer and a parameter")
    }
    let counts = Dictionary(
      ((groups ?? []).joined() + frozen).map { ($0.name, $0.count) },
      uniquingKeysWith: { first, _ in first })
    var aliases: OrderedDictionary<String, String> = [:]
    if let shared = root[Key.aliases], !shared.isNone {
      guard let entries = shared.entries else {
        throw damaged(Key.aliases, "it is \(shared.kind), and should be a dictionary")
      }
      for (alias, name) in entries {
        guard let name = name.text else {
          throw damaged(Key.aliases, "\(alias) is said to be \(name.kind)")
        }
        // Parameters without elements have one address, by which DeepSpeed takes them for the same.
        if counts[alias] == 0, counts[name] == 0 { continue }
        guard !names.contains(alias) else {
          throw damaged(
            Key.aliases,
            "\(alias) is said to be \(name), and is a parameter of its own")
        }
        aliases[alias] = name
      }
    }
    self.aliases = aliases
  }

  /// The part of a parameter that is not trained, as this file has it.
  func frozenPart(_ name: String) -> SavedValue? { root[Key.frozenFragments]?[name] }

  /// What is beside the model: what the engine keeps, and what its user saved.
  var others: [(key: String, value: SavedValue)] {
    (root.entries ?? []).filter { key, value in
      !Self.structure.contains(key) && !(key == Key.optimizer && value.isNone)
    }
  }

  private static func parameters(
    _ value: SavedValue, _ key: String, _ file: String
  ) throws(CheckpointError) -> [ZeroPartition.Parameter] {
    guard let entries = value.entries, value.hasTextKeys else {
      throw CheckpointError(
        .damaged, file: file, place: key,
        reason: "it has \(value.kind), and should have dictionaries of names and shapes")
    }
    var parameters: [ZeroPartition.Parameter] = []
    parameters.reserveCapacity(entries.count)
    for (name, lengths) in entries {
      guard let lengths = lengths.lengths, let shape = Shape(validating: lengths),
        shape.fits(.complex128)
      else {
        throw CheckpointError(
          .damaged, file: file, place: name,
          reason: "its shape (\(key)) is \(lengths.lengths?.listed ?? lengths.kind), which no "
            + "tensor has")
      }
      parameters.append(.init(name: name, shape: lengths, count: shape.elementCount))
    }
    return parameters
  }
}
