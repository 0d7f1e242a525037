import Arrays
import OrderedCollections

/// Which tensors of a list are the same elements of one storage, and which are views of parts of
/// one.
package struct TensorSharing {
  /// How a tensor was placed in a storage that it shared with others.
  package struct View: Sendable, Hashable {
    /// Equal for the tensors that shared it.
    package var storage: Int
    /// The position of the first element, in elements.
    package var offset: Int
    /// The distance between neighbours along each dimension, in elements.
    package var strides: [Int]

    package init(storage: Int, offset: Int, strides: [Int]) {
      self.storage = storage
      self.offset = offset
      self.strides = strides
    }
  }

  /// For each tensor, the first one of the same elements, if that is another.
  package private(set) var originals: [Int?]
  /// For each tensor, its place in the storage, if others have other places there. Not for those
  /// that have an original.
  package private(set) var views: [View?]

  /// - Parameter tensors: The tensors, each with the type as which it is written: what shared a
  ///   storage no longer can if it is written as two types.
  package init(_ tensors: [(array: NDArray, writtenType: DType)]) {
    originals = [Int?](repeating: nil, count: tensors.count)
    views = [View?](repeating: nil, count: tensors.count)
    // Hardly any tensor shares a storage, so lists are made for those that do.
    var first: [Group: Int] = [:]
    var shared: OrderedDictionary<Group, [Int]> = [:]
    for index in tensors.indices where tensors[index].array.elementCount > 0 {
      let group = Group(
        storage: ObjectIdentifier(tensors[index].array.storage),
        dtype: tensors[index].array.dtype, writtenType: tensors[index].writtenType)
      if let first = first[group] {
        shared[group, default: [first]].append(index)
      } else {
        first[group] = index
      }
    }
    for (number, indices) in shared.values.enumerated() {
      var firsts: [Layout: Int] = [:]
      for index in indices {
        let layout = tensors[index].array.layout
        if let first = firsts[layout] {
          originals[index] = first
        } else {
          firsts[layout] = index
        }
      }
      guard firsts.count > 1 else { continue }
      let base = firsts.keys.map(\.extent.lowerBound).min() ?? 0
      for (layout, index) in firsts {
        views[index] = View(
          storage: number, offset: layout.offset - base, strides: layout.strides)
      }
    }
  }

  private struct Group: Hashable {
    let storage: ObjectIdentifier
    let dtype: DType
    let writtenType: DType
  }
}
