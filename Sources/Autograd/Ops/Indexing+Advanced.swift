import Arrays
import Files
import Kernels

extension Tensor {
  /// Elements selected by tensors of indices. Equivalent to `x[i, :, j]` in PyTorch, with nil for
  /// the colon.
  ///
  /// The tensors of indices broadcast together, and their common dimensions replace the ones they
  /// index, in that place if these are adjacent and in front otherwise. A mask stands for the
  /// indices where it is true, one tensor per dimension of the mask.
  ///
  /// ```swift
  /// x.indexed([rows, nil, columns])
  /// x.indexed([x .> 0])                    // the positive elements
  /// ```
  ///
  /// - Parameter indices: One entry per dimension: integers, which count from the end if negative;
  ///   a mask of type `bool`; or nil for all. Dimensions omitted at the end are kept whole. Indices
  ///   out of range trap.
  public final func indexed(_ indices: [Tensor?]) -> Tensor {
    let plain = plainIndices(indices)
    let indexed = plain.indices.filter { plain[$0] != nil }
    guard let first = indexed.first else { return self }
    require(
      plain.count <= rank,
      "index: \(plain.count) indices are too many for shape \(shape)")
    let picked = plain.compactMap(\.self)
    let common = picked.dropFirst().reduce(picked[0].shape) {
      Shape.broadcast($0, $1.shape, for: "index")
    }
    // The indexed dimensions, put first, are one whose indices follow from all of theirs.
    let kept = shape.indices.filter { !indexed.contains($0) }
    var places = NDArray(zeros: common, dtype: .int64)
    for (axis, index) in zip(indexed, picked) {
      let length = Tensor(NDArray(Int64(shape[axis]))).array
      let checked = index.array.checkedIndices(
        shape[axis], countsFromEnd: true, for: "index")
      places = .binary(.multiply, places, length, for: "index")
      places = .binary(.add, places, checked, for: "index")
    }
    let merged = indexed.reduce(1) { $0 * shape[$1] }
    let rest = kept.map { shape[$0] }
    let rows = permuted(indexed + kept).reshaped(Shape([merged] + rest))
    let flat = places.expanded(to: common).reshaped(to: [common.elementCount])
    let result = rows.indexSelect(0, Tensor(flat)).reshaped(Shape(common.dimensions + rest))
    let isAdjacent = indexed.count == (indexed.last ?? first) - first + 1
    guard isAdjacent && first > 0 else { return result.named("IndexBackward0") }
    let own = Array(0..<common.rank)
    let others = Array(common.rank..<common.rank + kept.count)
    return result.permuted(others.prefix(first) + own + others.dropFirst(first))
      .named("IndexBackward0")
  }

  /// The indices with each mask as the indices where it is true.
  private final func plainIndices(_ indices: [Tensor?]) -> [Tensor?] {
    var plain: [Tensor?] = []
    for index in indices {
      guard let index, index.dtype == .bool else {
        plain.append(index)
        continue
      }
      let covered = shape.dimensions.dropFirst(plain.count).prefix(index.rank)
      require(
        index.rank > 0 && Array(covered) == index.shape.dimensions,
        "index: a mask of shape \(index.shape) does not fit shape \(shape) at dimension "
          + "\(plain.count)")
      let places = index.nonzero()
      plain += (0..<index.rank).map { places.select(1, $0) }
    }
    return plain
  }

  /// The indices of all elements that are not zero, in row-major order. Equivalent to
  /// `torch.nonzero`.
  ///
  /// - Returns: (count, dimensions), of `int64`.
  /// - Precondition: The tensor is not on ``Device/meta``, where the count is unknown.
  public final func nonzero() -> Tensor {
    requireStorage("nonzero")
    let zero = NDArray(filling: .scalar, with: 0, dtype: dtype)
    let isOther = NDArray.compare(.notEqual, array, zero, for: "nonzero").elements(as: Bool.self)
    let strides = Layout(shape).strides
    let indices = isOther.indices.filter { isOther[$0] }.flatMap { place in
      shape.indices.map { place / strides[$0] % shape[$0] }
    }
    return Tensor(indices, shape: [isOther.count { $0 }, rank])
  }
}
