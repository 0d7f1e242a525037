import Arrays

extension KerasMapping {
  /// The PyTorch tensors of Keras variables.
  func toPyTorch(
    _ arrays: [NDArray], _ content: KerasTransform.Content
  ) throws(KerasTransform.Mismatch) -> [NDArray] {
    var arrays = arrays
    for order in orders {
      arrays = try arrays.map { array throws(KerasTransform.Mismatch) in
        try order.permuted(array, toKeras: false)
      }
    }
    return try transform.toPyTorch(arrays, content)
  }

  /// The Keras variables of PyTorch tensors: the inverse of ``toPyTorch(_:_:)``.
  func toKeras(
    _ arrays: [NDArray], _ content: KerasTransform.Content
  ) throws(KerasTransform.Mismatch) -> [NDArray] {
    var results = try transform.toKeras(arrays, count: variables.count, content)
    for order in orders.reversed() {
      results = try results.map { array throws(KerasTransform.Mismatch) in
        try order.permuted(array, toKeras: true)
      }
    }
    return results
  }
}

extension KerasMapping.Order {
  /// The number of features.
  var count: Int { blocks.map(\.count).reduce(0, +) }

  /// The axis of an array of so many dimensions, nil if it has no such axis.
  func index(ofRank rank: Int) -> Int? {
    let index = axis < 0 ? rank + axis : axis
    return (0..<rank).contains(index) ? index : nil
  }

  /// The array with its features in the other library's order.
  fileprivate func permuted(
    _ array: NDArray, toKeras: Bool
  ) throws(KerasTransform.Mismatch) -> NDArray {
    guard let index = index(ofRank: array.rank), array.shape[index] == count else {
      throw KerasTransform.Mismatch(
        reason: "its shape is \(array.shape), and the model has \(count) features there")
    }
    var parts: [NDArray] = []
    var start = 0
    for block in blocks {
      let end = start + block.count
      let part =
        blocks.count == 1 ? array : array.sliced(axis: index, start..<end)
      parts.append(block.permuted(part, axis: index, toKeras: toKeras))
      start = end
    }
    return parts.count == 1 ? parts[0] : try KerasTransform.joined(parts, axis: index)
  }
}

extension KerasArrangement.Block {
  fileprivate func permuted(_ array: NDArray, axis: Int, toKeras: Bool) -> NDArray {
    guard !isPlain else { return array }
    let before = Array(array.shape.dimensions[..<axis])
    let after = Array(array.shape.dimensions[(axis + 1)...])
    let (own, axes): ([Int], [Int]) =
      toKeras
      ? (order.map { lengths[$0] }, lengths.indices.map { order.firstIndex(of: $0) ?? $0 })
      : (lengths, order)
    let grid = array.reshaped(to: Shape(before + own + after))
    let turned = grid.permuted(
      Array(before.indices) + axes.map { $0 + axis }
        + after.indices.map { $0 + axis + own.count })
    return turned.reshaped(to: array.shape)
  }
}
