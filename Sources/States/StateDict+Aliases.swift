import Arrays

extension StateDict {
  /// The keys that name the same elements of the same storage as an earlier key, each with that
  /// key.
  ///
  /// PyTorch calls such weights tied. Empty arrays are never tied, since they share nothing. Two
  /// keys with equal values in separate storages are not tied either.
  public var ties: [(key: String, original: String)] {
    var firstKeys: [ObjectIdentifier: [String]] = [:]
    var ties: [(key: String, original: String)] = []
    for (key, entry) in entries where entry.array.elementCount > 0 {
      let storage = ObjectIdentifier(entry.array.storage)
      let original = firstKeys[storage]?.first {
        entries[$0]?.array.isIdentical(to: entry.array) ?? false
      }
      if let original {
        ties.append((key, original))
      } else {
        firstKeys[storage, default: []].append(key)
      }
    }
    return ties
  }
}
