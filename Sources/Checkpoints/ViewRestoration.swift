import Arrays

/// Puts tensors that shared a storage when they were saved back into one.
struct ViewRestoration {
  private let members: [(number: Int, array: NDArray, layout: Layout)]
  private let capacity: Int

  /// A storage is made again only if the tensors fill at least this part of it: what lay between
  /// them is not in the file, and a few elements at its ends may once have shown a slice of
  /// something huge. Else each tensor keeps a storage of its own, which changes no value.
  private static let leastFilledPart = 2

  /// - Parameter numbers: The tensors that shared a storage, as the index says.
  /// - Throws: ``CheckpointError`` if they cannot have.
  init(_ source: CheckpointFile, _ numbers: [Int], _ arrays: [NDArray]) throws {
    members = try numbers.map { number in
      let tensor = source.tensors[number]
      guard let view = tensor.view, tensor.dtype == source.tensors[numbers[0]].dtype,
        let layout = Layout(
          validating: tensor.shape, strides: view.strides, offset: view.offset,
          elementCapacity: .max / 16)
      else {
        throw CheckpointError(
          .damaged, file: source.path, place: "/" + tensor.path,
          reason: "the index tells of an impossible view")
      }
      return (number, arrays[number], layout)
    }
    capacity = members.map(\.layout.extent.upperBound).max() ?? 0
  }

  /// The tensors over a common storage; nil if it would be too large for what it shows.
  func restored() -> [(number: Int, array: NDArray)]? {
    let elementCount = members.reduce(0) { $0 + $1.array.elementCount }
    guard let dtype = members.first?.array.dtype,
      capacity <= elementCount * Self.leastFilledPart
    else { return nil }
    let storage = Storage(zeroedByteCount: capacity * dtype.itemSize)
    for member in members { member.array.scatter(into: storage, as: member.layout) }
    return members.map {
      ($0.number, NDArray(storage: storage, dtype: dtype, layout: $0.layout))
    }
  }
}
