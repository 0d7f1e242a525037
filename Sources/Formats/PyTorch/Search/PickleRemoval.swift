/// Takes parts out of an object, at any depth, and gives what is left of it.
struct PickleRemoval {
  /// Containers of which nothing is left, and their places.
  private(set) var vanished: [(value: PickleValue, place: String)] = []
  /// Objects of which only what is in their dictionary is left, or was taken, and their places.
  private(set) var reduced: [(instance: PickleInstance, place: String)] = []
  /// The places of elements of lists that were not taken as a whole.
  private(set) var staying: Set<String> = []
  private var cuts: [Cut] = []

  /// A part to take.
  fileprivate struct Cut {
    var path: ArraySlice<PickleStep>
    /// The positions of entries of its dictionary that stay.
    var kept: [Int]
  }

  /// Takes the part at a path.
  ///
  /// - Parameter kept: The positions of entries of its dictionary that stay.
  mutating func add(_ path: [PickleStep], keeping kept: [Int]) {
    cuts.append(Cut(path: path[...], kept: kept))
  }

  /// What is left of the outermost dictionary, by the names of its keys.
  mutating func rest(
    of dict: PickleDict, as root: PickleValue
  ) -> [(key: String, value: PickleValue)] {
    let groups = cuts.groups
    return dict.entries.enumerated().compactMap { index, entry in
      rest(of: entry.value, groups[index] ?? [], entry.key.description)
        .map { (entry.key.description, $0) }
    }
  }

  /// What is left of a value, nil if nothing is.
  private mutating func rest(
    of value: PickleValue, _ cuts: [Cut], _ place: String
  ) -> PickleValue? {
    guard let first = cuts.first else { return value }
    noteReduced(value, place)
    if let end = cuts.first(where: { $0.path.isEmpty }) {
      // With its entries that stay; what else is cut within it is among these.
      guard let dict = value.asDictionary, !end.kept.isEmpty else { return nil }
      let kept = Set(end.kept)
      let groups = cuts.groups
      var left: [(index: Int, value: PickleValue)] = []
      for (index, entry) in dict.entries.enumerated() where kept.contains(index) {
        let deeper = groups[index] ?? []
        if let rest = rest(of: entry.value, deeper, "\(place).\(entry.key.description)") {
          left.append((index, rest))
        }
      }
      let rest = PickleDict()
      for (index, value) in left { rest.add(value, from: dict, at: index) }
      return rest.count == 0 ? nil : .dict(rest)
    }
    if let elements = value.elements, case .index = first.path.first {
      var left: [PickleValue] = []
      let groups = cuts.groups
      for (index, element) in elements.enumerated() {
        let mine = groups[index] ?? []
        if let rest = rest(of: element, mine, "\(place).\(index)") {
          left.append(rest)
          if !mine.isEmpty { staying.insert("\(place).\(index)") }
        }
      }
      guard !left.isEmpty else { return nil }
      if case .tuple = value { return .tuple(PickleTuple(left)) }
      return .list(PickleList(left))
    }
    guard let dict = value.asDictionary else { return value }
    let left = PickleDict()
    let groups = cuts.groups
    for (index, entry) in dict.entries.enumerated() {
      if let rest = rest(of: entry.value, groups[index] ?? [], "\(place).\(entry.key.description)")
      {
        left.add(rest, from: dict, at: index)
      }
    }
    guard left.count > 0 else {
      vanished.append((value, place))
      return nil
    }
    left.typeName = dict.typeName
    left.attributes = dict.attributes
    guard case .instance(let instance) = value, instance.items == nil else { return .dict(left) }
    return .instance(PickleInstance(type: instance.type, state: .dict(left)))
  }

  /// Takes note of an object that is more than its dictionary. What is read of a module is told where it
  /// is read.
  private mutating func noteReduced(_ value: PickleValue, _ place: String) {
    guard case .instance(let instance) = value, !instance.isModule, !instance.isScriptModule,
      instance.items != nil || instance.hasMore
    else { return }
    reduced.append((instance, place))
  }
}

extension PickleInstance {
  /// Whether there is something in it besides its items, or besides its attributes if it has no items.
  var hasMore: Bool {
    guard arguments.isEmpty, elements.isEmpty else { return true }
    guard let state else { return false }
    return items != nil || state.dict == nil
  }
}

extension [PickleRemoval.Cut] {
  /// The cuts within each part, by its position.
  fileprivate var groups: [Int: Self] {
    var groups: [Int: Self] = [:]
    for var cut in self {
      guard let position = cut.path.popFirst()?.position else { continue }
      groups[position, default: []].append(cut)
    }
    return groups
  }
}

extension PickleStep {
  /// The position of the part among those of what it is in.
  var position: Int {
    switch self {
    case .key(_, let position), .attribute(_, let position, _), .index(let position, _): position
    }
  }
}

extension PickleValue {
  /// The entries of a dictionary, the attributes of an object, or the elements of a list by their
  /// numbers.
  var asDictionary: PickleDict? {
    switch self {
    case .dict(let dict): return dict
    case .instance(let instance): return instance.items ?? instance.attributes
    case .list, .tuple:
      let dict = PickleDict()
      for (index, element) in (elements ?? []).enumerated() {
        dict.set(.int(index), .int(index), element)
      }
      return dict
    default: return nil
    }
  }

  /// The step to an entry of ``asDictionary``.
  func step(to key: PickleValue, at index: Int) -> PickleStep {
    switch self {
    case .list: .index(index, isTuple: false)
    case .tuple: .index(index, isTuple: true)
    case .instance(let instance) where instance.items == nil:
      .attribute(key.description, at: index, of: instance.type)
    default: .key(key, at: index)
    }
  }

  /// The part at a step.
  func part(at step: PickleStep) -> PickleValue? {
    guard let values = asDictionary?.values, values.indices.contains(step.position) else {
      return nil
    }
    return values[step.position]
  }

  /// Whether it is an object of a class that derives from a dictionary.
  var isDictionaryObject: Bool {
    if case .instance(let instance) = self { return instance.items != nil }
    return false
  }

  /// Whether it is a list or tuple of tensors alone.
  var isTensorSequence: Bool {
    elements.map { !$0.isEmpty && $0.allSatisfy(\.isTensor) } ?? false
  }
}
