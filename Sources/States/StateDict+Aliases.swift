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
    var shared: [Place: Int] = [:]
    let values = entries.values
    for index in values.indices where values[index].array.elementCount > 0 {
      let array = values[index].array
      let storage = ObjectIdentifier(array.storage)
      guard let firstIndex = first[storage] else {
        first[storage] = index
        continue
      }
      // The first one gets its place when there is a second.
      shared[Place(values[firstIndex].array), default: firstIndex] = firstIndex
      let place = Place(array)
      if let original = shared[place] {
        ties.append((entries.keys[index], entries.keys[original]))
      } else {
        shared[place] = index
      }
    }
    return ties
  }

  /// What two arrays have in common that are the same elements of one storage.
  private struct Place: Hashable {
    let storage: ObjectIdentifier
    let dtype: DType
    let layout: Layout

    init(_ array: NDArray) {
      (storage, dtype, layout) = (ObjectIdentifier(array.storage), array.dtype, array.layout)
    }
  }
}
