import OrderedCollections
import States

/// Puts the model and the optimizer back into what was left of the objects that they were parts of.
///
/// What is left is in the metadata: of `{"model": {"state_dict": …, "args": {…}}}` it is
/// `{"model": {"args": {…}}}`. Where it does not fit the paths any more, nothing is put there.
struct CheckpointGraft {
  /// What is put back.
  enum Leaf {
    /// The state dict, with what stood beside its tensors, by the name of the network.
    case model(PythonObject, beside: OrderedDictionary<String, [Int]>)
    case optimizer(PythonObject)
  }

  fileprivate struct Part {
    var path: ArraySlice<StructureStep>
    let leaf: Leaf
  }

  private var parts: [Part] = []

  /// Puts something at a path, whose first step is a key of the outermost dictionary.
  mutating func add(_ leaf: Leaf, at path: [StructureStep]) {
    parts.append(Part(path: path[...], leaf: leaf))
  }

  /// The keys of the outermost dictionary under which something is put.
  var keys: OrderedSet<Value.Key> {
    OrderedSet(
      parts.compactMap { part in
        if case .key(let key, _)? = part.path.first { return key }
        return nil
      })
  }

  /// The value of one of the ``keys``, nil if what is left does not fit.
  ///
  /// - Parameter rest: What is left of it.
  func object(_ key: Value.Key, _ rest: Value?, _ values: inout ValuePickling) -> PythonObject? {
    let mine = parts.filter { part in
      if case .key(let other, _)? = part.path.first { return other == key }
      return false
    }
    return Self.object(Self.inner(mine), rest, key.text, &values)
  }

  private static func inner(_ parts: [Part]) -> [Part] {
    parts.map { Part(path: $0.path.dropFirst(), leaf: $0.leaf) }
  }

  private static func object(
    _ parts: [Part], _ rest: Value?, _ place: String, _ values: inout ValuePickling
  ) -> PythonObject? {
    let deeper = parts.filter { !$0.path.isEmpty }
    guard let end = parts.first(where: { $0.path.isEmpty }) else {
      if case .index? = deeper.first?.path.first {
        return sequence(deeper, rest, place, &values)
      }
      let members: OrderedDictionary<Value.Key, Value>
      switch rest {
      case nil: members = [:]
      case .dict(let dict)?: members = dict
      case .object(let type, .dict(let dict))?:
        values.lose(place, "an object of class \(type) became a dictionary")
        members = dict
      default: return nil
      }
      guard let all = entries(deeper, members, place, &values) else { return nil }
      return values.dictionary(all, place)
    }
    switch end.leaf {
    case .optimizer(let object): return rest == nil ? object : nil
    case .model(let object, let beside):
      guard let tensors = object.entries else {
        return rest == nil && deeper.isEmpty ? object : nil
      }
      var merged = tensors
      if let rest {
        guard let all = merge(tensors, rest, beside, place, &values) else { return nil }
        merged = all
      }
      guard let all = inserted(deeper, into: merged, place, &values) else { return nil }
      return object.with(all)
    }
  }

  // MARK: Dictionaries

  private static func entries(
    _ parts: [Part], _ members: OrderedDictionary<Value.Key, Value>, _ place: String,
    _ values: inout ValuePickling
  ) -> [PythonObject.Entry]? {
    var entries: [PythonObject.Entry] = []
    var new = parts
    for (key, value) in members {
      let mine = parts.filter { $0.path.first?.key == key }
      new.removeAll { $0.path.first?.key == key }
      let name = "\(place).\(key.placeName)"
      let object =
        mine.isEmpty
        ? values.object(value, name) : Self.object(inner(mine), value, name, &values)
      guard let object else { return nil }
      entries.append(.init(values.object(Value(key), place), object))
    }
    return inserted(new, into: entries, place, &values)
  }

  /// Entries with further ones at the positions that their steps say.
  private static func inserted(
    _ parts: [Part], into entries: [PythonObject.Entry], _ place: String,
    _ values: inout ValuePickling
  ) -> [PythonObject.Entry]? {
    var entries = entries
    var groups: OrderedDictionary<Value.Key, [Part]> = [:]
    for part in parts {
      guard let key = part.path.first?.key else { return nil }
      groups[key, default: []].append(part)
    }
    let ordered = groups.sorted { ($0.value[0].position) < ($1.value[0].position) }
    for (key, mine) in ordered {
      let object = Self.object(inner(mine), nil, "\(place).\(key.placeName)", &values)
      guard let object else { return nil }
      let entry = PythonObject.Entry(values.object(Value(key), place), object)
      entries.insert(entry, at: min(mine[0].position, entries.count))
    }
    return entries
  }

  /// The entries of a state dict with those that stood beside them, nil if these are no dictionary.
  static func merge(
    _ tensors: [PythonObject.Entry], _ rest: Value, _ beside: OrderedDictionary<String, [Int]>,
    _ place: String, _ values: inout ValuePickling
  ) -> [PythonObject.Entry]? {
    guard case .dict(let members) = rest else { return nil }
    var entries = tensors
    var positions = (beside[""] ?? [])[...]
    for (key, value) in members {
      // A network has entries beside its own tensors.
      if let index = tensors.firstIndex(where: { $0.key.isKey(key) }) {
        guard let inner = tensors[index].value.entries,
          let mine = beside[key.text],
          let all = merge(inner, value, ["": mine], "\(place).\(key.placeName)", &values),
          let current = entries.firstIndex(where: { $0.key.isKey(key) })
        else { return nil }
        entries[current] = .init(entries[current].key, tensors[index].value.with(all))
        continue
      }
      let object = values.object(value, "\(place).\(key.placeName)")
      let entry = PythonObject.Entry(values.object(Value(key), place), object)
      entries.insert(entry, at: min(positions.popFirst() ?? .max, entries.count))
    }
    return entries
  }

  // MARK: Lists

  private static func sequence(
    _ parts: [Part], _ rest: Value?, _ place: String, _ values: inout ValuePickling
  ) -> PythonObject? {
    var groups: [Int: [Part]] = [:]
    var isTuple = false
    for part in parts {
      guard case .index(let index, let ofTuple, _)? = part.path.first else { return nil }
      isTuple = ofTuple
      groups[index, default: []].append(part)
    }
    switch rest {
    case nil, .list?, .tuple?: break
    default: return nil
    }
    var left = (rest?.elements ?? [])[...]
    var objects: [PythonObject] = []
    func name() -> String { "\(place)[\(objects.count)]" }
    while !left.isEmpty || groups[objects.count] != nil {
      guard let mine = groups[objects.count] else {
        objects.append(values.object(left.removeFirst(), name()))
        continue
      }
      var stays = false
      if case .index(_, _, let isThere)? = mine[0].path.first { stays = isThere }
      let value = stays ? left.popFirst() : nil
      // What keeps the place of an optimizer that was taken out.
      if case .optimizer? = mine.first(where: { $0.path.count == 1 })?.leaf,
        left.first == Value.none
      {
        left.removeFirst()
      }
      guard let object = object(inner(mine), value, name(), &values) else { return nil }
      objects.append(object)
    }
    // An index beyond the end: the list is not the one that it was.
    guard groups.keys.allSatisfy({ $0 < objects.count }) else { return nil }
    return isTuple ? .tuple(objects) : .list(objects)
  }
}

extension StructureStep {
  /// The key, if it is one.
  fileprivate var key: Value.Key? {
    if case .key(let key, _) = self { return key }
    return nil
  }
}

extension CheckpointGraft.Part {
  /// The position that its first step says.
  fileprivate var position: Int {
    switch path.first {
    case .key(_, let position)?, .index(let position, _, _)?: position
    case nil: 0
    }
  }
}

extension PythonObject {
  /// Whether it is a key of a dictionary.
  fileprivate func isKey(_ key: Value.Key) -> Bool {
    switch (self, key) {
    case (.string(let mine), .string(let other)): mine == other
    case (.int(let mine), .int(let other)): mine == other
    default: false
    }
  }
}
