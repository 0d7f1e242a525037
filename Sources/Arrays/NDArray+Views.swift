import Files

extension NDArray {
  /// The array with two dimensions swapped, over the same storage. Equivalent to `torch.transpose`.
  ///
  /// - Parameters:
  ///   - first: A dimension; negative ones count from the end.
  ///   - second: The dimension to swap it with.
  /// - Precondition: Both dimensions exist.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> NDArray {
    view(layout.transposed(first, second))
  }

  /// The array with its dimensions in a different order, over the same storage.
  ///
  /// Equivalent to `torch.permute`.
  ///
  /// - Parameter axes: Each dimension exactly once; negative ones count from the end.
  public func permuted(_ axes: [Int]) -> NDArray { view(layout.permuted(axes)) }

  /// Every `step`-th index in `range` along one dimension, over the same storage.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - range: The indices, within `0..<shape[axis]`; anything else traps.
  ///   - step: The distance between consecutive indices, at least 1.
  public func sliced(axis: Int, _ range: Range<Int>, step: Int = 1) -> NDArray {
    view(layout.sliced(axis: axis, range, step: step))
  }

  /// The array at one index of a dimension, which is removed; over the same storage.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - index: The index; negative ones count from the end. Traps if it does not exist.
  public func selected(axis: Int, _ index: Int) -> NDArray {
    view(layout.selected(axis: axis, index))
  }

  /// A diagonal of two dimensions, which becomes the last dimension; over the same storage.
  ///
  /// - Parameters:
  ///   - distance: How far the diagonal is above the main one; negative for below.
  ///   - rows: The dimension of rows.
  ///   - columns: The dimension of columns, a different one.
  public func diagonal(_ distance: Int, rows: Int, columns: Int) -> NDArray {
    view(layout.diagonal(distance, rows: rows, columns: columns))
  }

  /// All windows along a dimension, each as a new last dimension, over the same storage.
  ///
  /// - Parameters:
  ///   - axis: The dimension, which then counts the windows.
  ///   - size: The length of a window, at most that of the dimension.
  ///   - step: The distance between the starts of consecutive windows, at least 1.
  public func unfolded(axis: Int, size: Int, step: Int) -> NDArray {
    view(layout.unfolded(axis: axis, size: size, step: step))
  }

  /// The array broadcast to `shape`, over the same storage. Equivalent to `torch.Tensor.expand`.
  ///
  /// - Parameter shape: The shape wanted. Dimensions of length one are repeated, and new ones may
  ///   be added in front; anything else traps.
  public func expanded(to shape: Shape) -> NDArray { view(layout.expanded(to: shape)) }

  /// The array with a dimension of length one inserted before `axis`, over the same storage.
  ///
  /// - Parameter axis: In `-rank - 1...rank`; negative ones count from the end of the result.
  public func unsqueezed(_ axis: Int) -> NDArray { view(layout.unsqueezed(axis)) }

  /// The array without its dimensions of length one, over the same storage.
  ///
  /// - Parameter axes: The dimensions to remove where they have length one; nil for all of them.
  public func squeezed(_ axes: [Int]? = nil) -> NDArray { view(layout.squeezed(axes)) }

  /// The same elements, in row-major order, under another shape.
  ///
  /// Shares the storage where strides can describe the result, and copies the elements otherwise.
  ///
  /// - Parameter shape: A shape with the same number of elements; anything else traps.
  public func reshaped(to shape: Shape) -> NDArray {
    if let reshaped = layout.reshaped(to: shape) { return view(reshaped) }
    return contiguous().view(Layout(shape))
  }

  /// This array if its elements are in row-major order without gaps, otherwise a copy that is.
  ///
  /// Equivalent to `torch.Tensor.contiguous`.
  public func contiguous() -> NDArray { isContiguous ? self : copied() }

  /// A copy with its own storage, in row-major order without gaps.
  public func copied() -> NDArray {
    let copy = NDArray(uninitialized: shape, dtype: dtype)
    storage.withBytes { source in
      copy.storage.withMutableBytes { destination in
        StridedCopy.gather(
          from: source, layout: layout, itemSize: dtype.itemSize, into: &destination)
      }
    }
    return copy
  }

  /// Writes the elements of this array to their places in a storage under another layout.
  ///
  /// - Parameters:
  ///   - storage: The destination, which no other array refers to yet.
  ///   - target: Where the elements go.
  /// - Precondition: `target` has this array's shape and is within the storage.
  public func scatter(into storage: Storage, as target: Layout) {
    require(target.shape == shape, "scatter: shape \(shape) is not \(target.shape)")
    require(
      target.extent.lowerBound >= 0
        && target.extent.upperBound * dtype.itemSize <= storage.byteCount,
      "scatter: the layout leaves the storage")
    withContiguousBytes { source in
      storage.withMutableBytes { destination in
        StridedCopy.scatter(
          from: source, layout: target, itemSize: dtype.itemSize, into: &destination)
      }
    }
  }
}
