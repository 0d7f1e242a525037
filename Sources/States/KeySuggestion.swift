/// Suggestions for misspelt keys, for "did you mean" in messages.
public enum KeySuggestion {
  /// The candidate most similar to `key`; nil if none is similar.
  ///
  /// A candidate that differs only by a prefix ending in a dot, such as `module.`, is taken first.
  /// Otherwise the smallest number of inserted, deleted and replaced bytes decides (Levenshtein's
  /// distance), which may be at most a third of the longer key.
  ///
  /// ```swift
  /// KeySuggestion.closest(to: "fc.wieght", among: ["fc.bias", "fc.weight"])   // "fc.weight"
  /// ```
  ///
  /// - Parameters:
  ///   - key: What was given.
  ///   - candidates: What is known. The first of equally similar ones is returned.
  public static func closest(to key: String, among candidates: [String]) -> String? {
    if let same = candidates.first(where: { $0.hasSuffix("." + key) || key.hasSuffix("." + $0) }) {
      return same
    }
    let key = Array(key.utf8)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let limit = min(best?.distance ?? .max, max(key.count, candidate.utf8.count) / 3 + 1)
      if let distance = distance(key, Array(candidate.utf8), below: limit) {
        best = (candidate, distance)
      }
    }
    return best?.candidate
  }

  /// Levenshtein's distance, nil if it is not below a limit.
  private static func distance(_ a: [UInt8], _ b: [UInt8], below limit: Int) -> Int? {
    guard abs(a.count - b.count) < limit else { return nil }
    var previous = Array(0...b.count)
    for (row, x) in a.enumerated() {
      var current = [row + 1]
      for (column, y) in b.enumerated() {
        current.append(
          min(previous[column + 1] + 1, current[column] + 1, previous[column] + (x == y ? 0 : 1)))
      }
      guard current.contains(where: { $0 < limit }) else { return nil }
      previous = current
    }
    return previous[b.count] < limit ? previous[b.count] : nil
  }
}
