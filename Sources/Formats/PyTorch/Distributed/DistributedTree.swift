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

    /// A clause.
    var reason: String {
      switch self {
      case .occupied: "two keys lead to the same place in the object that was saved"
      case .missing(let index, let count):
        "element \(index) of a list of \(count) in the object that was saved has no key"
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
      } else if let groups = entries["param_groups"]?.elements, !groups.isEmpty,
        groups.allSatisfy({ $0.entries?["params"] != nil })
      {
        restoreState(entries, groups, &notes)
      } else {
        for tree in entries.values { try tree.restoreOptimizers(machine, &notes) }
      }
    }
  }

  private func restoreState(
    _ entries: OrderedDictionary<String, DistributedTree>, _ groups: [DistributedTree],
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
      groups.allSatisfy({ $0.entries?["params"]?.value?.ints != nil })
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
    let state = DistributedTree()
    var options: OrderedDictionary<String, [(name: String, tree: DistributedTree)]> = [:]
    for (key, tree) in entries {
      let isState = key.hasPrefix(prefixes.state)
      let rest = key.dropFirst((isState ? prefixes.state : prefixes.groups).count)
      guard let point = rest.lastIndex(of: ".") else { return false }
      let parameter = String(rest[..<point])
      let name = String(rest[rest.index(after: point)...])
      if isState {
        guard case .dict(var slots, _) = state.content else { return false }
        let slot = slots[parameter] ?? DistributedTree()
        guard case .dict(var values, _) = slot.content else { return false }
        values[name] = tree
        slot.content = .dict(values, hasIntegerKeys: false)
        slots[parameter] = slot
        state.content = .dict(slots, hasIntegerKeys: false)
      } else {
        options[parameter, default: []].append((name, tree))
      }
    }
    var groups: [(options: [(name: String, tree: DistributedTree)], parameters: [String])] = []
    for (parameter, own) in options {
      // Each process may have put the options in an order of its own.
      let index = groups.firstIndex { group in
        group.options.count == own.count
          && own.allSatisfy { option in
            group.options.contains {
              $0.name == option.name && $0.tree.isEqual(to: option.tree)
            }
          }
      }
      if let index {
        groups[index].parameters.append(parameter)
      } else {
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

  /// Whether two are equal numbers, texts, or tuples of such; of what else nothing is known.
  private func isEqual(to other: DistributedTree) -> Bool {
    guard let mine = value, let theirs = other.value else { return false }
    return mine.isEqualOption(to: theirs)
  }
}

extension PickleValue {
  fileprivate func isEqualOption(to other: PickleValue) -> Bool {
    switch (self, other) {
    case (.none, .none): return true
    case (.bool(let first), .bool(let second)): return first == second
    case (.int(let first), .int(let second)): return first == second
    case (.float(let first), .float(let second)): return first.bitPattern == second.bitPattern
    case (.string(let first), .string(let second)): return first == second
    case (.tuple(let first), .tuple(let second)):
      return first.elements.count == second.elements.count
        && zip(first.elements, second.elements).allSatisfy { $0.isEqualOption(to: $1) }
    default: return false
    }
  }
}
