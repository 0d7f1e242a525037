import Arrays
import Checkpoints
import OrderedCollections
import States

/// What `torch.distributed.checkpoint.save` would write of an object: flat keys, and what is under each.
///
/// The rules are those of `flatten_state_dict` in PyTorch 2.13 (`_nested_dict.py`, `_traverse.py`):
/// dictionaries are gone through, and lists that have a tensor or a dictionary somewhere; all else is saved as
/// an object of its own. A key is the names on the way with points between them.
///
/// Three things would be lost by those rules, and are saved as objects instead, which every reader of all that
/// is in the folder takes as they are: dictionaries without entries, those whose keys are not all texts, but
/// for the numbers of an optimizer's parameters, and those of a class of their own that hold no tensors.
/// `dcp.load` looks for the keys that PyTorch would have saved of the same object, and does not find those of
/// the latter two: each is told as a loss. If nothing else is asked for than such dictionaries it may find them
/// yet, by the keys of PyTorch 2.3.
struct DistributedEntries {
  /// A key and what is under it.
  struct Entry {
    let key: String
    /// The way to it: texts and indices.
    let path: [PythonObject]
    let content: Content
  }

  /// What is under a key.
  enum Content {
    /// One of the tensors that were collected.
    case tensor(Int)
    case object(PythonObject)
  }

  private(set) var entries: [Entry] = []
  /// Dictionaries that are saved as objects, under keys that `dcp.load` does not look for.
  private(set) var losses: [ConversionLoss] = []
  private var keys: Set<String> = []
  private let file: String

  /// - Throws: `CheckpointError` with code `unsupported` if two places have the same key.
  init(_ root: [PythonObject.Entry], file: String) throws(CheckpointError) {
    self.file = file
    try add(root, [], [])
  }

  private mutating func add(
    _ dict: [PythonObject.Entry], _ names: [String], _ path: [PythonObject],
    hasNumbers: Bool = false
  ) throws(CheckpointError) {
    let texts = Set(dict.compactMap(\.text))
    let isOptimizer = texts.isSuperset(of: ["state", "param_groups"])
    for entry in dict {
      guard let name = entry.text ?? entry.number.map(String.init) else {
        throw CheckpointError(
          .unsupported, file: file, reason: "a key of the outermost dictionary is no text")
      }
      if entry.text == nil, !hasNumbers {
        losses.append(
          ConversionLoss(
            .keyChanged, (names + [name]).joined(separator: "."),
            "its key is a number, and becomes a text, as dcp.save makes of it"))
      }
      try add(
        entry.value, names + [name], path + [.string(name)],
        hasNumbers: isOptimizer && name == "state")
    }
  }

  private mutating func add(
    _ object: PythonObject, _ names: [String], _ path: [PythonObject], hasNumbers: Bool = false
  ) throws(CheckpointError) {
    switch object {
    case .tensor(let index), .parameter(let index, _):
      return try append(.tensor(index), names, path)
    case .dict(let entries) where entries.areTraversed(hasNumbers: hasNumbers):
      return try add(entries, names, path, hasNumbers: hasNumbers)
    case .orderedDict(let entries, _)
    where entries.areTraversed(hasNumbers: hasNumbers) && object.holdsTensors:
      return try add(entries, names, path, hasNumbers: hasNumbers)
    case .list(let elements) where elements.contains(where: \.isTraversed):
      for (index, element) in elements.enumerated() {
        try add(element, names + [String(index)], path + [.int(index)])
      }
    default:
      if let entry = object.entryThatIsLookedFor {
        let key = names.joined(separator: ".")
        losses.append(
          ConversionLoss(
            .keyChanged, key,
            "it is saved as one object, with its class and keys; dcp.load into such a dictionary looks "
              + "for \((key + "." + entry).debugDescription), which is not there"))
      }
      try append(.object(object), names, path)
    }
  }

  private mutating func append(
    _ content: Content, _ names: [String], _ path: [PythonObject]
  ) throws(CheckpointError) {
    let key = names.joined(separator: ".")
    guard keys.insert(key).inserted else {
      throw CheckpointError(
        .unsupported, file: file, place: key,
        reason: "two values have this key in a distributed checkpoint, whose keys are flat",
        advice: "Rename one of them.")
    }
    entries.append(Entry(key: key, path: path, content: content))
  }
}

extension PythonObject.Entry {
  fileprivate var text: String? {
    guard case .string(let text) = key else { return nil }
    return text
  }

  fileprivate var number: Int? {
    guard case .int(let number) = key else { return nil }
    return number
  }
}

extension [PythonObject.Entry] {
  /// Whether a dictionary of these is gone through.
  fileprivate func areTraversed(hasNumbers: Bool) -> Bool {
    !isEmpty && (allSatisfy { $0.text != nil } || hasNumbers && allSatisfy { $0.number != nil })
  }
}

extension PythonObject {
  /// Whether a list with it is gone through.
  fileprivate var isTraversed: Bool {
    switch self {
    case .tensor, .parameter: true
    case .dict(let entries): entries.areTraversed(hasNumbers: false)
    case .orderedDict(let entries, _): entries.areTraversed(hasNumbers: false) && holdsTensors
    case .list(let elements): elements.contains(where: \.isTraversed)
    default: false
    }
  }

  /// The first key of a dictionary that PyTorch would go through, or of one in a list; nil for all else.
  fileprivate var entryThatIsLookedFor: String? {
    switch self {
    case .dict(let entries), .orderedDict(let entries, _):
      entries.first.map { $0.text ?? $0.number.map(String.init) ?? "…" }
    case .call(_, _, let arguments):
      // A class of dictionaries that is called with one, as `collections.Counter` is.
      arguments.count == 1 ? arguments.first?.entryOfDictionary : nil
    case .list(let elements):
      elements.enumerated().lazy.compactMap { index, element in
        element.entryThatIsLookedFor.map { "\(index).\($0)" }
      }.first
    default: nil
    }
  }

  private var entryOfDictionary: String? {
    guard case .dict = self else { return nil }
    return entryThatIsLookedFor
  }

  /// Whether a tensor is somewhere in it.
  fileprivate var holdsTensors: Bool {
    switch self {
    case .tensor, .parameter: true
    case .dict(let entries), .orderedDict(let entries, _):
      entries.contains { $0.value.holdsTensors }
    case .list(let elements), .tuple(let elements), .set(let elements):
      elements.contains(where: \.holdsTensors)
    case .call(_, _, let arguments): arguments.contains(where: \.holdsTensors)
    case .instance(_, _, let state): state?.holdsTensors ?? false
    default: false
    }
  }

  /// The same with tensors under other numbers.
  func renumbered(_ number: (Int) -> Int) -> PythonObject {
    func all(_ objects: [PythonObject]) -> [PythonObject] { objects.map { $0.renumbered(number) } }
    func all(_ entries: [Entry]) -> [Entry] {
      entries.map { Entry($0.key.renumbered(number), $0.value.renumbered(number)) }
    }
    return switch self {
    case .tensor(let index): .tensor(number(index))
    case .parameter(let index, let requiresGradient):
      .parameter(number(index), requiresGradient: requiresGradient)
    case .list(let elements): .list(all(elements))
    case .tuple(let elements): .tuple(all(elements))
    case .set(let elements): .set(all(elements))
    case .dict(let entries): .dict(all(entries))
    case .orderedDict(let entries, let attributes):
      .orderedDict(all(entries), attributes: all(attributes))
    case .call(let module, let name, let arguments):
      .call(module: module, name: name, arguments: all(arguments))
    case .instance(let module, let name, let state):
      .instance(module: module, name: name, state: state?.renumbered(number))
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes, .global: self
    }
  }
}
