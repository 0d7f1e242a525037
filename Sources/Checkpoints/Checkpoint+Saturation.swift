import Arrays
import Files
import OrderedCollections
import States

extension Checkpoint {
  /// The same with the model's tensors as they are written if what is too large becomes the largest
  /// number of its new type: see ``WriteOptions/saturates``.
  ///
  /// Tensors that have such a number come in the new type, in memory; all others are as they were.
  /// Names of one tensor, and views of one memory, stay what they are.
  ///
  /// - Throws: `FileError` if a tensor cannot be read.
  package func saturated(_ options: WriteOptions) throws -> Checkpoint {
    guard options.saturates, options.floatingPointType != nil else { return self }
    var checkpoint = self
    let groups = OrderedDictionary(
      grouping: state.keys, by: { key in state[key].map(SharedMemory.init) })
    for (memory, names) in groups {
      guard let memory else { continue }
      let (storage, dtype) = (memory.storage, memory.dtype)
      let arrays = names.compactMap { state[$0] }
      let type = options.type(for: dtype)
      guard type != dtype, try arrays.contains(where: { try $0.exceeds(type) }) else { continue }
      let isOne = arrays.allSatisfy { $0.layout == arrays[0].layout }
      let count = storage.byteCount / dtype.itemSize
      let whole =
        isOne
        ? arrays[0] : NDArray(storage: storage, dtype: dtype, layout: Layout([count]))
      let saturated = try whole.saturated(as: type)
      for (name, array) in zip(names, arrays) {
        checkpoint.state.entries[name]?.array =
          isOne
          ? saturated : NDArray(storage: saturated.storage, dtype: type, layout: array.layout)
      }
    }
    return checkpoint
  }
}

/// The memory of tensors that are looked at as one type: what is written as several types is several.
private struct SharedMemory: Hashable {
  let storage: Storage
  let dtype: DType

  init(_ array: NDArray) { (storage, dtype) = (array.storage, array.dtype) }

  static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.storage === rhs.storage && lhs.dtype == rhs.dtype
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(storage))
    hasher.combine(dtype)
  }
}

extension NDArray {
  /// Whether it has a finite number beyond the largest of another type.
  fileprivate func exceeds(_ type: DType) throws -> Bool {
    guard dtype.isFloatingPoint, let limit = type.largestFinite else { return false }
    var found = false
    try forEachDouble { numbers in
      found = found || numbers.contains { $0.isFinite && $0.magnitude > limit }
    }
    return found
  }

  /// The same as another type, finite numbers at most as large as its largest.
  package func saturated(as type: DType) throws -> NDArray {
    guard let limit = type.largestFinite else { return try converted(to: type) }
    let storage = Storage(uninitializedByteCount: elementCount * type.itemSize)
    let result = NDArray(storage: storage, dtype: type, layout: Layout(shape))
    var place = 0
    try forEachDouble { numbers in
      let clamped = numbers.map { $0.isFinite ? min(max($0, -limit), limit) : $0 }
      let part = try NDArray(clamped).converted(to: type)
      part.scatter(
        into: storage, as: Layout([clamped.count], offset: place))
      place += clamped.count
    }
    return result
  }

  /// Hands over the elements in row-major order, some thousands at a time.
  private func forEachDouble(_ body: ([Double]) throws -> Void) throws {
    try forEachBlock(in: 0..<elementCount, as: .float64, ofByteCount: 1 << 20) { bytes, _ in
      try body([Double](copying: bytes))
    }
  }
}
