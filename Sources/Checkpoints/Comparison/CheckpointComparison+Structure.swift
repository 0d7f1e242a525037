import OrderedCollections
import States

/// What differs besides tensors.
extension CheckpointComparison {
  typealias Named = (name: String, difference: Difference)

  /// Ties of keys that both have.
  static func tieDifferences(_ first: StateDict, _ second: StateDict) -> [Named] {
    let common = Array(first.keys.intersection(second.keys))
    let mine = originals(first, common)
    let theirs = originals(second, common)
    return common.compactMap { key in
      mine[key] == theirs[key] ? nil : (key, .tie(mine[key], theirs[key]))
    }
  }

  /// For each of these keys that is tied, the first of them that it is tied to.
  private static func originals(_ state: StateDict, _ keys: [String]) -> [String: String] {
    let roots = Dictionary(
      state.ties.map { ($0.key, $0.original) }, uniquingKeysWith: { first, _ in first })
    var firsts: [String: String] = [:]
    var result: [String: String] = [:]
    for key in keys {
      let root = roots[key] ?? key
      if let first = firsts[root] { result[key] = first } else { firsts[root] = key }
    }
    return result
  }

  /// What of the optimizers differs besides the tensors of their state.
  static func optimizerDifferences(
    _ first: OptimizerState?, _ second: OptimizerState?
  ) -> [Named] {
    guard let first, let second else {
      guard let only = first ?? second else { return [] }
      let place: Difference = first == nil ? .unexpected : .missing
      return [("the optimizer (\(only.tensorCount) tensors)", place)]
    }
    var texts: [String] = []
    if let mine = first.type, let theirs = second.type, mine != theirs {
      texts.append("\(mine) and \(theirs)")
    }
    if first.naming != second.naming {
      texts.append("its parameters are named by \(first.naming) and by \(second.naming)")
    }
    if first.groups.count != second.groups.count {
      texts.append("\(first.groups.count) and \(second.groups.count) groups")
    }
    for (number, (mine, theirs)) in zip(first.groups, second.groups).enumerated() {
      texts += differences(mine.options, theirs.options).map { "group \(number): \($0)" }
      if mine.parameters != theirs.parameters {
        texts.append("group \(number) has other parameters, or in another order")
      }
    }
    for (parameter, mine) in first.state {
      let theirs = second.state[parameter] ?? [:]
      texts += differences(plain(mine), plain(theirs)).map { "state of \(parameter): \($0)" }
    }
    return texts.map { ("the optimizer", .optimizer($0)) }
  }

  /// The slots that are no tensors.
  private static func plain(_ slots: OptimizerState.Slots) -> OptimizerState.Slots {
    slots.filter { $0.value.tensor == nil }
  }

  /// Metadata, module versions and the description of the model.
  static func otherDifferences(_ first: Checkpoint, _ second: Checkpoint) -> [Named] {
    var result: [Named] = differences(first.metadata, second.metadata)
      .map { ("the metadata", .other($0)) }
    let versions = (first.state.moduleVersions, second.state.moduleVersions)
    let paths = OrderedSet(versions.0.keys).union(versions.1.keys)
    let others = paths.filter { versions.0[$0] != versions.1[$0] }
    if let path = others.first {
      let more = others.count > 1 ? " and \(others.count - 1) more" : ""
      result.append(("the versions of modules", .other("other for '\(path)'\(more)")))
    }
    let common = first.state.keys.intersection(second.state.keys)
    if common != second.state.keys.intersection(first.state.keys) {
      result.append(("the order of the tensors", .other("another")))
    }
    if first.architecture != second.architecture {
      result.append(("the description of the model", .other("another")))
    }
    return result
  }

  private static func differences(
    _ first: OrderedDictionary<String, Value>, _ second: OrderedDictionary<String, Value>
  ) -> [String] {
    first.keys.union(second.keys).compactMap { key in
      switch (first[key], second[key]) {
      case (let mine?, let theirs?):
        mine == theirs ? nil : "\(key) is \(short(mine)) and \(short(theirs))"
      case (nil, _): "\(key) only in the second"
      case (_, nil): "\(key) only in the first"
      }
    }
  }

  private static func short(_ value: Value) -> String {
    let text = value.json()
    return text.count > 60 ? text.prefix(59) + "…" : text
  }
}
