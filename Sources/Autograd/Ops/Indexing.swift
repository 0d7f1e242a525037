import Arrays
import Files
import Kernels

extension Tensor {
  /// The slices of a dimension at the given indices. Equivalent to `torch.index_select`.
  ///
  /// - Parameters:
  ///   - axis: The dimension.
  ///   - indices: One-dimensional integers, not negative; ``indexed(_:)`` accepts negative ones.
  /// - Returns: This tensor's shape, with the number of indices as the length of `axis`.
  /// - Precondition: Every index exists.
  public final func indexSelect(_ axis: Int, _ indices: Tensor) -> Tensor {
    require(
      indices.rank <= 1 && (rank > 0 || indices.elementCount == 1),
      "indexSelect: indices of shape \(indices.shape) do not pick from shape \(shape)")
    // As in PyTorch, what has no dimensions counts as one element.
    guard rank > 0 else {
      _ = shape.normalizedAxis(axis, for: "indexSelect")
      return reshaped([1]).indexSelect(0, indices).reshaped(.scalar)
    }
    if indices.rank == 0 { return indexSelect(axis, indices.reshaped([1])) }
    let position = shape.normalizedAxis(axis, for: "indexSelect")
    let checked = indices.array.checkedIndices(shape[position], for: "indexSelect")
    return indexSelect(position, checked)
  }

  private final func indexSelect(_ axis: Int, _ indices: NDArray) -> Tensor {
    let length = shape[axis]
    return .record("indexSelect", [self], array.selected(indices, axis: axis)) { _ in
      [{ $0.indexAdded(axis, indices, length) }]
    }
  }

  /// Zeros of `length` along a dimension, with the slices of this tensor added at the indices.
  final func indexAdded(_ axis: Int, _ indices: NDArray, _ length: Int) -> Tensor {
    let sum = array.addedAt(indices, axis: axis, length: length)
    return .record("indexAdd", [self], sum) { _ in [{ $0.indexSelect(axis, indices) }] }
  }

  /// Elements picked along a dimension. Equivalent to `torch.gather`.
  ///
  /// - Parameters:
  ///   - axis: The dimension that `indices` refer to.
  ///   - indices: Integers, not negative, of the shape of the result. Along other dimensions it is
  ///     no longer than this tensor.
  /// - Precondition: The shapes fit, and every index exists.
  public final func gather(_ axis: Int, _ indices: Tensor) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "gather")
    // As in PyTorch, no index picks nothing, whatever the shapes and types, and what has no dimensions
    // counts as one element.
    if indices.elementCount == 0 {
      return flattened().sliced(0, 0..<0).reshaped(indices.shape)
    }
    indices.array.requireIntegers("indices", for: "gather")
    if rank <= 1 && indices.rank <= 1 && rank + indices.rank < 2 {
      return reshaped([elementCount]).gather(0, indices.reshaped([indices.elementCount]))
        .reshaped(indices.shape)
    }
    let length = rank == 0 ? 1 : shape[position]
    return gather(position, indices.array.checkedIndices(length, for: "gather"))
  }

  final func gather(_ axis: Int, _ indices: NDArray) -> Tensor {
    let shape = shape
    return .record("gather", [self], array.gathered(indices, axis: axis)) { _ in
      [{ $0.scatterAdded(axis, indices, shape) }]
    }
  }

  /// Zeros of a shape with the elements of this tensor added, each at its index.
  final func scatterAdded(_ axis: Int, _ indices: NDArray, _ target: Shape) -> Tensor {
    let sum = array.scattered(indices, axis: axis, into: target, adding: true)
    return .record("scatterAdd", [self], sum) { _ in [{ $0.gather(axis, indices) }] }
  }
}
