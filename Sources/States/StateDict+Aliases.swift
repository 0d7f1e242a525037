import Arrays

extension StateDict {
  /// The keys that name the same elements of the same storage as an earlier key, each with that
  /// key.
  ///
  /// PyTorch calls such weights tied. Empty arrays are never tied, since they share nothing. Two
  /// keys with equal values in separate storages are not tied either.
  public var ties: [(key: String, original: String)] {
    var ties: [(key: String, original: String)] = []
    // Hardly any tensor shares a storage, so lists are made for those that do.
    var first: [ObjectIdentifier: Int] = Dictionary(minimumCapacity: entries.count)
    var shared: [ObjectIdentifier: [Int]] = [:]
    let values = entries.values
    for index in values.indices where values[index].array.elementCount > 0 {
      let array = values[index].array
      let storage = ObjectIdentifier(array.storage)
      guard let firstIndex = first[storage] else {
        first[storage] = index
        continue
      }
      let candidates = shared[storage] ?? [firstIndex]
      if let original = candidates.first(where: { values[$0].array.isIdentical(to: array) }) {
        ties.append((entries.keys[index], entries.keys[original]))
      } else {
        shared[storage] = candidates + [index]
      }
    }
    return ties
  }
}
