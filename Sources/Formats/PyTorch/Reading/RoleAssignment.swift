import Arrays
import Checkpoints
import OrderedCollections
import States

/// Finds out which tensors of a state dict are parameters and which are buffers.
struct RoleAssignment {
  /// A role and what decided it.
  struct Decision {
    let role: StateDict.Role
    let rule: RoleRule
  }

  private let items: [StateCollector.Item]
  private let state: StateDict
  /// For each item the first item with the same elements of the same storage.
  private var originals: [Int] = []
  /// What the optimizer says of an item, true for a parameter.
  private var optimizerVerdicts: [Int: Bool] = [:]
  /// The networks whose parameters the file marks, so that all else in them is a buffer.
  private let markedNetworks: Set<String>

  /// - Parameter state: The arrays of the items, in their order.
  init(items: [StateCollector.Item], state: StateDict) {
    self.items = items
    self.state = state
    var marked = Set(items.filter { $0.isParameter == true }.map(\.network))
    // One marked parameter among plain weights was put there by hand, and says nothing of them.
    if !marked.isEmpty {
      for (item, entry) in zip(items, state.entries.values)
      where item.isParameter == nil && !entry.array.dtype.isIntegral && Self.isWeightName(item.key)
      {
        marked.remove(item.network)
      }
    }
    markedNetworks = marked
    originals = Array(items.indices)
    let ties = state.ties
    guard !ties.isEmpty else { return }
    let indices = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.key, $0) })
    for (key, original) in ties {
      if let index = indices[key], let first = indices[original] { originals[index] = first }
    }
  }

  /// Whether an item is a buffer by its type or name.
  private func isBufferByName(_ index: Int) -> Bool {
    RoleRule.isBufferByTypeOrName(items[index].key, array(index).dtype) { state[$0] != nil }
  }

  private func array(_ index: Int) -> NDArray { state.entries.values[index].array }

  /// Whether the file itself says that an item is a parameter; nil if it says nothing.
  private func verdictOfFile(_ item: StateCollector.Item) -> Bool? {
    // A dictionary with Parameter objects in it was made with keep_vars: the rest are buffers.
    item.isParameter ?? (markedNetworks.contains(item.network) ? false : nil)
  }

  // MARK: The optimizer

  /// Matches the optimizer's parameters with the items, and remembers what that shows.
  ///
  /// Names in the file are believed. Shapes prove nothing: an optimizer has the parameters in the order
  /// in which it was given them, of this model, of another one, or of a loss.
  ///
  /// - Returns: The key of each of the optimizer's parameters; nil if nothing says which they are.
  mutating func match(_ optimizer: SavedOptimizer) -> [String]? {
    if let names = optimizer.names { return match(names, optimizer) }
    guessFromOrder(optimizer)
    return nil
  }

  /// Takes what an optimizer in the order of the model would leave out for a buffer. It is a guess, as is
  /// every role of ``RoleRule/optimizerOmission``.
  private mutating func guessFromOrder(_ optimizer: SavedOptimizer) {
    let candidates = items.indices.filter { index in
      originals[index] == index && (verdictOfFile(items[index]) ?? !isBufferByName(index))
    }
    let wanted = optimizer.groups.map { $0.map { optimizer.shapes[$0] } }
    let shapes = candidates.map { array($0).shape }
    guard let places = ParameterAlignment.unique(of: wanted, in: shapes) else { return }
    let matched = Set(places.joined())
    learn(
      parameters: [],
      leftOut: candidates.indices.filter { !matched.contains($0) }.map { candidates[$0] })
  }

  /// Takes the names that the file gives, if the model has them and the shapes agree.
  ///
  /// The names may lack what a wrapper put before all keys of the state dict.
  private mutating func match(_ names: [String], _ optimizer: SavedOptimizer) -> [String]? {
    guard let first = names.first else { return nil }
    let prefixes =
      [""]
      + state.keys.filter { $0.hasSuffix("." + first) }
      .map { String($0.dropLast(first.count)) }
    let fitting = prefixes.filter { prefix in
      zip(names, optimizer.shapes).allSatisfy { name, shape in
        guard let array = state[prefix + name] else { return false }
        return shape.map { $0 == array.shape } ?? true
      }
    }
    guard let prefix = fitting.first, prefix.isEmpty || fitting.count == 1 else { return nil }
    let indices = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.key, $0) })
    let keys = names.map { prefix + $0 }
    let matched = Set(keys.compactMap { indices[$0] }.map { originals[$0] })
    learn(
      parameters: matched.sorted(),
      leftOut: items.indices.filter {
        originals[$0] == $0 && !isBufferByName($0) && !matched.contains($0)
          && items[$0].key.hasPrefix(prefix)
      })
    return keys
  }

  /// Remembers what the optimizer has. What it leaves out of a model that is otherwise its own may be
  /// a buffer; where that has the name of a weight, the optimizer is one for a part of the
  /// parameters, and says nothing of the rest.
  private mutating func learn(parameters: [Int], leftOut: [Int]) {
    for index in parameters { optimizerVerdicts[index] = true }
    guard !leftOut.contains(where: { Self.isWeightName(items[$0].key) }) else { return }
    for index in leftOut { optimizerVerdicts[index] = false }
  }

  private static func isWeightName(_ key: String) -> Bool {
    let name = key.split(separator: ".").last ?? ""
    return name == "weight" || name == "bias" || name.hasPrefix("weight_")
      || name.hasPrefix("bias_")
  }

  // MARK: The verdict

  /// The role of each tensor, in the order of the state dict.
  func roles() -> OrderedDictionary<String, Decision> {
    var roles = OrderedDictionary<String, Decision>(minimumCapacity: items.count)
    for (index, item) in items.enumerated() {
      let decision: Decision
      if let isParameter = verdictOfFile(item) {
        decision = Decision(role: isParameter ? .parameter : .buffer, rule: .parameterObject)
      } else if let isParameter = optimizerVerdicts[originals[index]] {
        decision =
          isParameter
          ? Decision(role: .parameter, rule: .optimizer)
          : Decision(role: .buffer, rule: .optimizerOmission)
      } else if isBufferByName(index) {
        decision = Decision(role: .buffer, rule: .dtypeOrName)
      } else {
        decision = Decision(role: .parameter, rule: .default)
      }
      roles[item.key] = decision
    }
    return roles
  }
}
