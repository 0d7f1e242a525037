import OrderedCollections
import States

/// Which tensors are one.
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
}
