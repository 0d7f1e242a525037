import Arrays
import OrderedCollections
import States

extension ReadResult {
  /// Takes a part of what was read as the model, in the place of all of it.
  ///
  /// The part is the tensors whose keys begin with the root and a point, or a value of the metadata
  /// that holds tensors, or the optimizer under `optimizer`. What is left out is told in a note.
  ///
  /// - Parameter root: See ``ReadOptions/root``; slashes are points where no key has them.
  /// - Throws: ``CheckpointError`` with code `unsupported` if there is no such part.
  package mutating func takeRoot(_ root: String, file: String) throws(CheckpointError) {
    let whole = checkpoint
    guard let part = whole.part(at: root) ?? whole.part(at: root.replacing("/", with: ".")) else {
      let names = whole.roots.map(\.root)
      let known = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
      let similar = KeySuggestion.closest(to: root, among: names)
      throw CheckpointError(
        .unsupported, file: file,
        reason: "it has no part \"\(root)\" with tensors",
        advice: similar.map { "Did you mean \"\($0)\"?" }
          ?? (names.isEmpty ? nil : "There are \(known)\(names.count > 8 ? ", …" : "")."))
    }
    replaceCheckpoint(part.checkpoint, origins: part.origins)
    if part.isValue {
      for (key, entry) in part.checkpoint.state.entries {
        let isBuffer = RoleRule.isBufferByTypeOrName(key, entry.array.dtype) {
          part.checkpoint.state[$0] != nil
        }
        checkpoint.state.entries[key]?.role = isBuffer ? .buffer : .parameter
        roleRules[key] = isBuffer ? .dtypeOrName : .default
      }
    }
    let names = Dictionary(
      part.origins.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    let dotted = root.replacing("/", with: ".")
    losses = losses.compactMap { loss in
      guard let subject = loss.subject else { return loss }
      if let name = names[subject] {
        return ConversionLoss(loss.kind, name, loss.detail, saysAll: loss.saysAll)
      }
      // A path in a file does not say which part it is of, and may well be of this one.
      let isInside =
        subject.hasPrefix("/") || subject.hasPrefix(root) || subject.hasPrefix(dotted)
        || root == "optimizer" && loss.kind == .optimizerDropped
      return isInside ? loss : nil
    }
    candidates = []
    uncertainty = nil
    furtherRoleRules = [:]
    if !part.outside.isEmpty { notes.append(Self.note(root, outside: part.outside)) }
    if let known = partOf {
      partOf = (known.origin, part.origins.compactMapValues { known.keys[$0] })
    } else {
      partOf = (whole.origin, part.origins)
    }
  }

  /// What is said of the parts of a file that are outside of the one that was asked for.
  package static func note(_ root: String, outside: [String]) -> String {
    let named = outside.prefix(8).joined(separator: ", ")
    return "only \"\(root)\" was read; outside of it: \(named)"
      + (outside.count > 8 ? " and \(outside.count - 8) more" : "")
  }
}

extension Checkpoint {
  /// A part of a checkpoint.
  package struct Part {
    package let checkpoint: Checkpoint
    /// The key that each of its tensors had.
    package let origins: [String: String]
    /// Whether it was a value of the metadata, of whose tensors no roles are known.
    package let isValue: Bool
    /// What is not in it.
    package let outside: [String]
  }

  /// The parts that ``part(at:)`` finds, with the numbers of their tensors.
  package var roots: [ModelCandidate] {
    var counts: OrderedDictionary<String, Int> = [:]
    for key in state.keys {
      guard let point = key.firstIndex(of: ".") else { continue }
      counts[String(key[..<point]), default: 0] += 1
    }
    for (name, value) in metadata {
      let count = value.tensorCount
      if count > 0 { counts[name, default: 0] += count }
    }
    if optimizer != nil { counts["optimizer", default: 0] += optimizer?.tensorCount ?? 0 }
    return counts.map { ModelCandidate(root: $0, tensorCount: $1, isTaken: false) }
  }

  /// The part at a path, nil if there is none that holds tensors.
  package func part(at root: String) -> Part? {
    let prefix = root + "."
    // Beside a tensor `a` there may be `a.b`: then the part is what is below, and the tensor outside.
    let hasMembers = state.keys.contains { $0.hasPrefix(prefix) }
    func isInside(_ key: String) -> Bool {
      key.hasPrefix(prefix) || !hasMembers && key == root
    }
    func inner(_ key: String) -> String {
      key == root
        ? String(key.split(separator: ".").last ?? "") : String(key.dropFirst(prefix.count))
    }
    let keys = state.keys.filter(isInside)
    guard keys.isEmpty else {
      var part = StateDict()
      var origins: [String: String] = [:]
      for key in keys {
        part.entries[inner(key)] = state.entries[key]
        origins[inner(key)] = key
      }
      for (path, version) in state.moduleVersions where path == root || isInside(path) {
        part.moduleVersions[path == root ? "" : inner(path)] = version
      }
      let rest = metadata[root]?.dictionary ?? [:]
      let own = OrderedDictionary(
        rest.map { ($0.key.text, $0.value) }, uniquingKeysWith: { first, _ in first })
      return Part(
        checkpoint: Checkpoint(state: part, metadata: own), origins: origins, isValue: false,
        outside: outside(of: root, own: isInside))
    }
    let value = value(at: root[...], in: metadata.map { ($0.key, $0.value) })
    if case .model(let state)? = value {
      return Part(
        checkpoint: Checkpoint(state: state), origins: [:], isValue: false,
        outside: outside(of: root) { _ in false })
    }
    if case .optimizer(let optimizer)? = value {
      return Part(
        checkpoint: Checkpoint(state: [:], optimizer: optimizer), origins: [:], isValue: false,
        outside: outside(of: root) { _ in false })
    }
    if let part = partOfFurtherModel(at: root) { return part }
    if let value, value.tensorCount > 0 {
      var part = StateDict()
      var rest: OrderedDictionary<String, Value> = [:]
      Self.gather(value, "", into: &part, rest: &rest)
      return Part(
        checkpoint: Checkpoint(state: part, metadata: rest), origins: [:], isValue: true,
        outside: outside(of: root) { _ in false })
    }
    guard root == "optimizer", optimizer != nil else { return nil }
    return Part(
      checkpoint: Checkpoint(state: [:], optimizer: optimizer), origins: [:], isValue: false,
      outside: outside(of: root) { _ in false })
  }

  /// What is below a name in a model beside the first; nil if it is not just one that has such.
  private func partOfFurtherModel(at root: String) -> Part? {
    let parts = models.compactMap { place, model -> (place: String, part: Part)? in
      guard root.hasPrefix(place + ".") else { return nil }
      return Checkpoint(state: model).part(at: String(root.dropFirst(place.count + 1)))
        .map { (place, $0) }
    }
    guard parts.count == 1, let (place, part) = parts.first else { return nil }
    return Part(
      checkpoint: part.checkpoint, origins: [:], isValue: false,
      outside: outside(of: place) { _ in false } + part.outside.map { "\($0) \"\(place)\"" })
  }

  /// What is not in a part, in words.
  private func outside(of root: String, own: (String) -> Bool) -> [String] {
    let count = state.keys.count { !own($0) }
    // Of a value beside tensors of its name, only what is in a dictionary goes with them.
    let rest = metadata.filter { name, value in
      name != root || count < state.count && value.dictionary == nil
    }.keys
    return (count > 0 ? ["\(count) tensor\(count == 1 ? "" : "s") of the model"] : [])
      + (optimizer != nil && root != "optimizer" ? ["the optimizer"] : [])
      + rest
  }

  /// The value at a path, of keys that may have points in them; nil if there is none, or if it can be
  /// read in more than one way.
  private func value(at path: Substring, in members: [(String, Value)]) -> Value? {
    let found = values(at: path, in: members)
    return found.count == 1 ? found[0] : nil
  }

  private func values(at path: Substring, in members: [(String, Value)]) -> [Value] {
    members.flatMap { name, value -> [Value] in
      if path == name { return [value] }
      guard path.hasPrefix(name + ".") else { return [] }
      return values(at: path.dropFirst(name.count + 1), in: value.members)
    }
  }

  /// Puts the tensors in a value into a state dict, by the names that lead to them, and what else is in
  /// it into `rest`.
  private static func gather(
    _ value: Value, _ prefix: String, into state: inout StateDict,
    rest: inout OrderedDictionary<String, Value>
  ) {
    if let array = value.tensor {
      state.entries[prefix.isEmpty ? "tensor" : prefix] = .init(array)
      return
    }
    for (name, member) in value.members {
      let key = prefix.isEmpty ? name : "\(prefix).\(name)"
      if member.tensorCount == 0 || state.entries[key] != nil {
        // Two ways may have one name: `a.b`, and `b` in `a`.
        var place = key
        while rest[place] != nil { place += "'" }
        rest[place] = member
      } else {
        gather(member, key, into: &state, rest: &rest)
      }
    }
  }
}

extension Value {
  /// The parts of it by their names: those of a dictionary, of a list by their numbers, of an object
  /// those of its content.
  package var members: [(String, Value)] {
    switch self {
    case .dict(let dict): dict.map { ($0.key.text, $0.value) }
    case .list(let elements), .tuple(let elements):
      elements.enumerated().map { (String($0), $1) }
    case .object(_, let state): state.members
    case .model, .optimizer: content?.members ?? []
    default: []
    }
  }
}
