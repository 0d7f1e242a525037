/// Which of the candidates is the model.
enum ModelChoice {
  /// There is none.
  case none
  /// This one.
  case single(ModelSearch.Candidate)
  /// These are several networks, parts of one dictionary or object.
  case networks([ModelSearch.Candidate])
  /// It could be any of these.
  case unclear([ModelSearch.Candidate])

  /// How many times more tensors a candidate must have to be the model without a name that says so.
  private static let clearFactor = 4
  /// How many times more tensors beside a name that is used for other things too cast doubt on it.
  private static let doubtFactor = 20

  init(_ candidates: [ModelSearch.Candidate]) {
    let all = Self.demoted(candidates)
    guard let rank = all.map(\.rank).min(), rank < .training else {
      self = .none
      return
    }
    let best = all.filter { $0.rank == rank }
    self = rank == .model ? Self.byName(best, among: all) : Self.byPlace(best)
  }

  /// Tensors with others beside them count less than a dictionary of nothing but more of them.
  private static func demoted(
    _ candidates: [ModelSearch.Candidate]
  ) -> [ModelSearch.Candidate] {
    let greatest =
      candidates.filter { $0.rank == .other && $0.isPure }.map(\.tensorCount).max() ?? 0
    return candidates.map { candidate in
      var candidate = candidate
      if candidate.rank == .other, !candidate.isPure, candidate.tensorCount < greatest {
        candidate.rank = .lesser
      }
      return candidate
    }
  }

  // MARK: By name

  /// The outermost of the telling names counts, then which of them it is, then what is within it.
  private static func byName(
    _ best: [ModelSearch.Candidate], among all: [ModelSearch.Candidate]
  ) -> ModelChoice {
    func order(_ candidate: ModelSearch.Candidate) -> [Int] {
      let names = candidate.path.map { $0.key.flatMap(ModelName.place) }
      let depth = names.firstIndex { $0 != nil } ?? names.count
      let inner = names.dropFirst(depth + 1)
      return [
        depth, names.first { $0 != nil }.flatMap(\.self) ?? .max,
        inner.firstIndex { $0 != nil } ?? .max, inner.compactMap(\.self).first ?? .max,
      ]
    }
    let orders = best.map(order)
    guard let least = orders.min(by: { $0.lexicographicallyPrecedes($1) }) else { return .none }
    let first = zip(best, orders).filter { $1 == least }.map(\.0)
    let choice = byPlace(first)
    if case .single(let model) = choice, let name = model.path.last?.key,
      ModelName.vague.contains(name),
      let other = all.filter({ $0.rank == .other }).map(\.tensorCount).max(),
      other / doubtFactor > model.tensorCount
    {
      return .unclear([model] + all.filter { $0.rank == .other })
    }
    return choice
  }

  // MARK: By place

  /// Candidates of one dictionary are several networks; of several, one must stand out.
  private static func byPlace(_ best: [ModelSearch.Candidate]) -> ModelChoice {
    var groups: [[ModelSearch.Candidate]] = []
    var indices: [ObjectIdentifier?: Int] = [:]
    for candidate in best {
      if let index = indices[candidate.parent?.node] {
        groups[index].append(candidate)
      } else {
        indices[candidate.parent?.node] = groups.count
        groups.append([candidate])
      }
    }
    func count(_ group: [ModelSearch.Candidate]) -> Int { group.reduce(0) { $0 + $1.tensorCount } }
    guard let first = groups.max(by: { count($0) < count($1) }) else { return .none }
    guard
      groups.allSatisfy({ group in
        group[0].isSibling(of: first[0]) || count(group) <= count(first) / clearFactor
      })
    else { return .unclear(best) }
    guard first.count > 1 else { return .single(first[0]) }
    guard first[0].parent?.elements == nil else { return .unclear(best) }
    return .networks(first.sorted { $0.position < $1.position })
  }
}

extension ModelSearch.Candidate {
  /// Its place among the parts of the value that it is a part of.
  fileprivate var position: Int {
    switch path.last {
    case .key(_, let position)?, .attribute(_, let position, _)?, .index(let position, _)?: position
    case nil: 0
    }
  }

  /// Whether both are parts of one value.
  fileprivate func isSibling(of other: Self) -> Bool {
    switch (parent, other.parent) {
    case (nil, nil): true
    case (let mine?, let theirs?): mine.node != nil && mine.node == theirs.node
    default: false
    }
  }
}

extension PickleValue {
  /// Which node it is, nil for a value without identity.
  var node: ObjectIdentifier? {
    switch self {
    case .tuple(let node as PickleNode), .list(let node as PickleNode),
      .dict(let node as PickleNode), .set(let node as PickleNode),
      .instance(let node as PickleNode), .tensor(let node as PickleNode),
      .storage(let node as PickleNode), .numpyType(let node as PickleNode),
      .numpyArray(let node as PickleNode):
      ObjectIdentifier(node)
    default: nil
    }
  }
}
