/// Finds what in the object of a pickle may be the model.
///
/// It goes by structure: a candidate is a module, or a dictionary whose entries by texts or integers
/// are tensors. What stands beside the tensors does not disqualify it: counts, texts, `None`, other
/// dictionaries.
struct ModelSearch {
  /// What may be the model.
  struct Candidate {
    let path: [PickleStep]
    let content: PickleValue
    let tensorCount: Int
    var rank: ModelName.Rank
    /// Whether there is nothing in it but tensors, and dictionaries of tensors.
    let isPure: Bool
    /// Of which dictionary's, list's or object's parts it is one; nil for the root.
    let parent: PickleValue?
  }

  /// All candidates.
  private(set) var candidates: [Candidate] = []
  /// Whether there are so many parts that not all were looked at.
  private(set) var isCutShort = false
  private var trees = StateTrees()
  private var visited: Set<ObjectIdentifier> = []

  private static let greatestDepth = 24
  private static let greatestCount = 1_000_000
  private static let greatestCandidateCount = 50_000
  private static let longestList = 1000

  init(_ root: PickleValue) { search(root, [], parent: nil) }

  private mutating func search(_ value: PickleValue, _ path: [PickleStep], parent: PickleValue?) {
    guard path.count < Self.greatestDepth else { return }
    guard visited.count < Self.greatestCount, candidates.count < Self.greatestCandidateCount else {
      isCutShort = true
      return
    }
    func enter(_ node: PickleNode) -> Bool { visited.insert(ObjectIdentifier(node)).inserted }
    switch value {
    case .dict(let dict): if enter(dict) { search(dict, value, path, parent) }
    case .instance(let instance) where instance.unread == nil:
      guard enter(instance) else { return }
      if instance.isModule || instance.isScriptModule {
        add(value, path, parent, count: trees.tensorCount(value))
      } else if let items = instance.items {
        search(items, value, path, parent)
      } else if let attributes = instance.attributes {
        for (index, entry) in attributes.entries.enumerated() where entry.value.isContainer {
          guard let name = entry.key.stringValue else { continue }
          search(
            entry.value, path + [.attribute(name, at: index, of: instance.type)], parent: value)
        }
      }
    case .list(let node as PickleNode), .tuple(let node as PickleNode):
      let elements = value.elements ?? []
      guard elements.count <= Self.longestList, enter(node) else { return }
      var isTuple = false
      if case .tuple = value { isTuple = true }
      for (index, element) in elements.enumerated() where element.isContainer {
        search(element, path + [.index(index, isTuple: isTuple)], parent: value)
      }
    default: break
    }
  }

  private mutating func add(
    _ content: PickleValue, _ path: [PickleStep], _ parent: PickleValue?, count: Int,
    rank: ModelName.Rank? = nil, isPure: Bool = true
  ) {
    guard count > 0 else { return }
    let known = ModelName.rank(of: path.compactMap(\.key))
    candidates.append(
      Candidate(
        path: path, content: content, tensorCount: count,
        rank: rank.map { max($0, known) } ?? known, isPure: isPure, parent: parent))
  }

  /// Adds a dictionary, or what is in it.
  ///
  /// - Parameter whole: The dictionary, or the object of a class of its own that is one.
  private mutating func search(
    _ dict: PickleDict, _ whole: PickleValue, _ path: [PickleStep], _ parent: PickleValue?
  ) {
    guard !dict.isOptimizerState else { return }
    let value = PickleValue.dict(dict)
    let direct = dict.isRandomState ? 0 : dict.values.count(where: \.isTensor)
    if dict.attributes?["_metadata"] != nil {
      return add(value, path, parent, count: direct)
    }
    let isTree = trees.isStateTree(value)
    let first = candidates.count
    let parts = dict.entries.enumerated().filter(\.element.value.isContainer)
    // What has two names is found under the more telling one.
    for isTelling in [true, false] {
      for (index, entry) in parts
      where (entry.key.stringValue.flatMap(ModelName.place) != nil) == isTelling {
        search(entry.value, path + [.key(entry.key, at: index)], parent: whole)
      }
    }
    let inner = candidates[first...].filter { $0.path.count == path.count + 1 }
    let hasModel = isWrapper(dict, path, from: first, isTree: isTree)
    let hasNamesake = ModelName.rank(of: path.suffix(1).compactMap(\.key)) == .model
    if isTree, !hasModel, direct > 0 || (!path.isEmpty && !hasAverage(inner)) {
      candidates.removeSubrange(first...)
      add(value, path, parent, count: trees.tensorCount(value))
    } else if direct > 0, !hasModel {
      addDirect(dict, path, parent, direct, from: first, takesTrees: hasNamesake)
    }
  }

  /// Whether a dictionary holds the model, rather than being it: by the names in it, of which
  /// `state_dict` is none of a submodule, and `net` may be.
  ///
  /// - Parameters:
  ///   - first: The number of the first candidate in it.
  ///   - isTree: Whether there is nothing but tensors in it.
  private func isWrapper(
    _ dict: PickleDict, _ path: [PickleStep], from first: Int, isTree: Bool
  ) -> Bool {
    let within = candidates[first...]
    if isTree, within.contains(where: { $0.path.count > path.count + 1 }) { return true }
    let names = within.filter { $0.rank == .model }.compactMap { $0.path[path.count].key }
    if names.contains(where: ModelName.isContainer) { return true }
    let isKnown = path.contains { $0.key.flatMap(ModelName.place) != nil }
    guard !isKnown, !isTree || path.isEmpty || dict.count == 1 else { return false }
    return names.contains { ModelName.place($0) != nil }
  }

  /// Whether one of several dictionaries of tensors is the average of another: as large, and named so.
  private func hasAverage(_ inner: [Candidate]) -> Bool {
    // Where there are that many, they are the layers of one model.
    guard inner.count <= Self.longestList else { return false }
    func isAverage(_ candidate: Candidate) -> Bool {
      candidate.path.last?.key.map(ModelName.rank) == .average
    }
    return inner.contains { average in
      isAverage(average)
        && inner.contains { !isAverage($0) && $0.tensorCount == average.tensorCount }
    }
  }

  /// Adds the tensors that are themselves entries of a dictionary, with others beside them.
  ///
  /// - Parameters:
  ///   - first: The number of the first candidate in the dictionary.
  ///   - takesTrees: Whether the dictionaries of tensors in it are a part of the model.
  private mutating func addDirect(
    _ dict: PickleDict, _ path: [PickleStep], _ parent: PickleValue?, _ count: Int,
    from first: Int, takesTrees: Bool
  ) {
    var count = count
    if takesTrees {
      let trees = candidates[first...].filter { $0.path.count == path.count + 1 && $0.isPure }
      count += trees.reduce(0) { $0 + $1.tensorCount }
      candidates =
        Array(candidates[..<first])
        + candidates[first...].filter { candidate in
          !(candidate.path.count == path.count + 1 && candidate.isPure)
        }
    }
    // Tensors beside dictionaries of more are counts and losses; dictionaries of fewer are statistics.
    let base = ModelName.rank(of: path.compactMap(\.key))
    let inner = candidates[first...].filter { $0.rank == base && $0.isPure }
    let isLesser = !takesTrees && inner.reduce(0) { $0 + $1.tensorCount } >= count
    if !isLesser {
      for index in candidates.indices[first...] where candidates[index].rank == .other {
        candidates[index].rank = .lesser
      }
    }
    add(
      .dict(dict), path, parent, count: count, rank: isLesser ? .lesser : nil, isPure: false)
  }
}

extension PickleStep {
  /// The key, if it is a text.
  var key: String? {
    switch self {
    case .key(let key, _): key.stringValue
    case .attribute(let name, _, _): name
    case .index: nil
    }
  }
}

extension PickleDict {
  /// The keys with their values.
  var entries: [(key: PickleValue, value: PickleValue)] {
    zip(keys, values).map { (key: $0, value: $1) }
  }
}

extension PickleValue {
  /// Whether a model may be in it.
  fileprivate var isContainer: Bool {
    switch self {
    case .dict, .list, .tuple, .instance: true
    default: false
    }
  }
}
