import Checkpoints
import OrderedCollections

/// The object that was saved, put together again from flat keys and the ways to their values.
///
/// PyTorch makes flat keys of nested dictionaries and lists when it saves, and keeps the way to each value
/// (`flatten_state_dict` in `_nested_dict.py` of `torch/distributed/checkpoint`). Dictionaries without
/// entries are left out there, and keys that are integers become texts.
final class DistributedTree {
  /// What is at a place.
  private enum Content {
    case value(PickleValue)
    case dict(OrderedDictionary<String, DistributedTree>, hasIntegerKeys: Bool)
    case list([Int: DistributedTree])
  }

  private var content: Content

  private init(_ content: Content) { self.content = content }

  /// A dictionary without entries.
  convenience init() { self.init(.dict([:], hasIntegerKeys: false)) }

  /// Why a value cannot be put in its place.
  enum Conflict: Error {
    /// Something else is there.
    case occupied
    /// A list lacks an element.
    case missing(Int, of: Int)

    /// PyTorch writes lists that lack an element: of a dictionary without entries there is no key.
    var code: CheckpointError.Code {
      switch self {
      case .occupied: .damaged
      case .missing: .unsupported
      }
    }

    /// A clause.
    var reason: String {
      switch self {
      case .occupied: "two keys lead to the same place in the object that was saved"
      case .missing(let index, let count):
        "element \(index) of a list of \(count) in the object that was saved has no key, as a dictionary "
          + "without entries has none, and what it was is not known"
      }
    }
  }

  // MARK: Values

  /// Puts a value in its place.
  func set(
    _ value: PickleValue, at path: some Collection<DistributedMetadata.Step>
  ) throws(Conflict) {
    guard let step = path.first else { throw .occupied }
    let rest = path.dropFirst()
    let next = rest.first
    let known = child(at: step)
    guard let next else {
      guard known == nil else { throw .occupied }
      return try put(DistributedTree(.value(value)), at: step)
    }
    if let known { return try known.set(value, at: rest) }
    let made =
      switch next {
      case .key: DistributedTree()
      case .index: DistributedTree(.list([:]))
      }
    try put(made, at: step)
    try made.set(value, at: rest)
  }

  private func child(at step: DistributedMetadata.Step) -> DistributedTree? {
    switch (content, step) {
    case (.dict(let entries, _), .key(let key)): entries[key]
    case (.list(let elements), .index(let index)): elements[index]
    default: nil
    }
  }

  private func put(
    _ tree: DistributedTree, at step: DistributedMetadata.Step
  ) throws(Conflict) {
    switch (content, step) {
    case (.dict(var entries, let hasIntegerKeys), .key(let key)):
      content = .list([:])
      entries[key] = tree
      content = .dict(entries, hasIntegerKeys: hasIntegerKeys)
    case (.list(var elements), .index(let index)):
      content = .list([:])
      elements[index] = tree
      content = .list(elements)
    default: throw .occupied
    }
  }

  private var entries: OrderedDictionary<String, DistributedTree>? {
    guard case .dict(let entries, _) = content else { return nil }
    return entries
  }

  private var value: PickleValue? {
    guard case .value(let value) = content else { return nil }
    return value
  }

  /// The elements of a list in order; nil if it is none, or lacks one.
  private var elements: [DistributedTree]? {
    guard case .list(let elements) = content else { return nil }
    let all = (0..<elements.count).compactMap { elements[$0] }
    return all.count == elements.count ? all : nil
  }

  // MARK: The object

  /// The object as a pickle would give it.
  ///
  /// - Throws: ``Conflict`` in `CheckpointError`'s place is told by `report`.
  func object(
    _ machine: PickleMachine, _ report: (Conflict) -> CheckpointError
  ) throws(CheckpointError) -> PickleValue {
    switch content {
    case .value(let value): return value
    case .dict(let entries, let hasIntegerKeys):
      let dict = try machine.adopt(PickleDict())
      for (key, tree) in entries {
        let number = hasIntegerKeys ? Int(key) : nil
        try machine.set(
          dict, number.map(PickleValue.int) ?? .string(key), tree.object(machine, report))
      }
      return .dict(dict)
    case .list(let elements):
      let list = try machine.adopt(PickleList())
      let count = (elements.keys.max() ?? -1) + 1
      guard count == elements.count else {
        let missing = (0..<count).first { elements[$0] == nil } ?? 0
        throw report(.missing(missing, of: count))
      }
      for index in 0..<count {
        if let tree = elements[index] { list.elements.append(try tree.object(machine, report)) }
      }
      return .list(list)
    }
  }
}

// MARK: - Optimizers

extension DistributedTree {
  /// What became of optimizers, a sentence each.
  struct Notes {
    /// Whether texts became the numbers of parameters again.
    var hasNumbers = false
    /// Whether an optimizer had flat keys of its own.
    var isFlat = false

    /// The sentences.
    var texts: [String] {
      (hasNumbers
        ? [
          "the numbers of the optimizer's parameters, which are texts in the folder, are numbers again"
        ]
        : [])
        + (isFlat
          ? [
            "the optimizer's state has flat keys; parameters with the same options were put into one "
              + "group"
          ] : [])
    }
  }

  /// Gives optimizers, wherever they are, the form of `torch.optim.Optimizer.state_dict()`.
  ///
  /// Three things differ: an optimizer without state yet lacks `state`, the numbers of parameters are texts
  /// there, and `get_state_dict` with `flatten_optimizer_state_dict` makes flat keys,
  /// `state.<parameter>.<slot>` and `param_groups.<parameter>.<option>`.
  func restoreOptimizers(
    _ machine: PickleMachine, _ notes: inout Notes
  ) throws(CheckpointError) {
    switch content {
    case .value: return
    case .list(let elements):
      for tree in elements.values { try tree.restoreOptimizers(machine, &notes) }
    case .dict(let entries, _):
      if try restoreFlat(entries, machine) {
        notes.isFlat = true
      } else if let parameters = entries["param_groups"]?.parametersOfGroups {
        restoreState(entries, parameters, &notes)
      } else {
        for tree in entries.values { try tree.restoreOptimizers(machine, &notes) }
      }
    }
  }

  /// What `params` of each group of an optimizer is, nil for what is no object of its own; nil if these are no
  /// groups. PyTorch up to 2.3 saved the list of groups as one object.
  private var parametersOfGroups: [PickleValue?]? {
    if let groups = elements, !groups.isEmpty {
      let all = groups.compactMap { $0.entries?["params"] }
      return all.count == groups.count ? all.map(\.value) : nil
    }
    guard let groups = value?.elements, !groups.isEmpty else { return nil }
    let all = groups.compactMap { $0.dict?["params"] }
    return all.count == groups.count ? all : nil
  }

  private func restoreState(
    _ entries: OrderedDictionary<String, DistributedTree>, _ parameters: [PickleValue?],
    _ notes: inout Notes
  ) {
    guard let state = entries["state"] else {
      var all: OrderedDictionary<String, DistributedTree> = ["state": DistributedTree()]
      all.merge(entries) { first, _ in first }
      content = .dict(all, hasIntegerKeys: false)
      return
    }
    guard let slots = state.entries, !slots.isEmpty,
      slots.keys.allSatisfy({ key in Int(key).map { String($0) == key && $0 >= 0 } ?? false }),
      parameters.allSatisfy({ $0?.ints != nil })
    else { return }
    state.content = .dict(slots, hasIntegerKeys: true)
    notes.hasNumbers = true
  }

  private func restoreFlat(
    _ entries: OrderedDictionary<String, DistributedTree>, _ machine: PickleMachine
  ) throws(CheckpointError) -> Bool {
    let prefixes = (state: "state.", groups: "param_groups.")
    guard !entries.isEmpty, entries.keys.contains(where: { $0.hasPrefix(prefixes.groups) }),
      entries.keys.allSatisfy({ $0.hasPrefix(prefixes.state) || $0.hasPrefix(prefixes.groups) })
    else { return false }
    var slots: OrderedDictionary<String, OrderedDictionary<String, DistributedTree>> = [:]
    var options: OrderedDictionary<String, [(name: String, tree: DistributedTree)]> = [:]
    for (key, tree) in entries {
      let isState = key.hasPrefix(prefixes.state)
      let rest = key.dropFirst((isState ? prefixes.state : prefixes.groups).count)
      guard let point = rest.lastIndex(of: ".") else { return false }
      let parameter = String(rest[..<point])
      let name = String(rest[rest.index(after: point)...])
      if isState {
        slots[parameter, default: [:]][name] = tree
      } else {
        options[parameter, default: []].append((name, tree))
      }
    }
    let state = DistributedTree(
      .dict(
        slots.mapValues { DistributedTree(.dict($0, hasIntegerKeys: false)) },
        hasIntegerKeys: false))
    var groups: [(options: [(name: String, tree: DistributedTree)], parameters: [String])] = []
    var indices: [[Option]: Int] = [:]
    for (parameter, own) in options {
      // Each process may have put the options in an order of its own.
      let all = own.map { Option($0.name, $0.tree) }.sorted { $0.name < $1.name }
      if let index = indices[all] {
        groups[index].parameters.append(parameter)
      } else {
        indices[all] = groups.count
        groups.append((own, [parameter]))
      }
    }
    var list: [Int: DistributedTree] = [:]
    for (index, group) in groups.enumerated() {
      var members = OrderedDictionary(
        group.options.map { ($0.name, $0.tree) }, uniquingKeysWith: { first, _ in first })
      let parameters = try machine.adopt(
        PickleList(group.parameters.map { PickleValue.string($0) }))
      members["params"] = DistributedTree(.value(.list(parameters)))
      list[index] = DistributedTree(.dict(members, hasIntegerKeys: false))
    }
    content = .dict(
      ["state": state, "param_groups": DistributedTree(.list(list))], hasIntegerKeys: false)
    return true
  }

  /// An option of a group. Numbers, texts, and tuples of such may be equal; of what else nothing is known, so
  /// that it is equal to itself alone.
  private struct Option: Hashable {
    let name: String
    private let value: Key

    private enum Key: Hashable {
      case none
      case bool(Bool)
      case int(Int)
      case float(UInt64)
      case string(ExactString)
      case tuple([Key])
      case other(ObjectIdentifier)

      init(_ value: PickleValue?, _ tree: DistributedTree) {
        self =
          switch value {
          case .none?: .none
          case .bool(let truth)?: .bool(truth)
          case .int(let number)?: .int(number)
          case .float(let number)?: .float(number.bitPattern)
          case .string(let text)?: .string(ExactString(text))
          case .tuple(let tuple)?: .tuple(tuple.elements.map { Key($0, tree) })
          default: .other(ObjectIdentifier(tree))
          }
      }
    }

    init(_ name: String, _ tree: DistributedTree) {
      self.name = name
      value = Key(tree.value, tree)
    }
  }
}
