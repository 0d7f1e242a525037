import Arrays

/// Puts tensors that shared a storage when they were saved back into one.
package struct ViewRestoration {
  private let members: [(number: Int, array: NDArray, layout: Layout)]
  private let capacity: Int

  /// A storage is made again only if the tensors fill at least this part of it: what was between
  /// them is not in the file, and a few elements at its ends may once have shown a slice of
  /// something huge. Else each tensor keeps a storage of its own, which changes no value.
  private static let leastFilledPart = 2

  /// - Parameter members: The tensors that shared a storage, by any number that identifies each.
  ///   Nil if they cannot have: they differ in type, or a view is impossible.
  package init?(_ members: [(number: Int, array: NDArray, view: TensorSharing.View)]) {
    var placed: [(number: Int, array: NDArray, layout: Layout)] = []
    for (number, array, view) in members {
      guard array.dtype == members[0].array.dtype,
        let layout = Layout(
          validating: array.shape, strides: view.strides, offset: view.offset,
          elementCapacity: .max / 16)
      else { return nil }
      placed.append((number, array, layout))
    }
    self.members = placed
    capacity = placed.map(\.layout.extent.upperBound).max() ?? 0
  }

  /// The tensors over a common storage; nil if it would be too large for what it shows, or if they
  /// have different values where they would overlap.
  package func restored() -> [(number: Int, array: NDArray)]? {
    let elementCount = members.reduce(0) { $0 + $1.array.elementCount }
    guard let dtype = members.first?.array.dtype,
      capacity <= elementCount * Self.leastFilledPart
    else { return nil }
    let storage = Storage(zeroedByteCount: capacity * dtype.itemSize)
    for member in members { member.array.scatter(into: storage, as: member.layout) }
    let restored = members.map {
      (number: $0.number, array: NDArray(storage: storage, dtype: dtype, layout: $0.layout))
    }
    let isSame = zip(members, restored).allSatisfy { $0.array.isBitwiseEqual(to: $1.array) }
    return isSame ? restored : nil
  }
}
