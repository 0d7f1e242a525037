import Files

extension NDArray {
  /// The array with two dimensions exchanged, over the same storage.
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> NDArray {
    view(layout.transposed(first, second))
  }

  /// The array with its dimensions in another order, over the same storage.
  public func permuted(_ axes: [Int]) -> NDArray { view(layout.permuted(axes)) }

  /// Every `step`-th index in `range` along one dimension, over the same storage.
  public func sliced(axis: Int, _ range: Range<Int>, step: Int = 1) -> NDArray {
    view(layout.sliced(axis: axis, range, step: step))
  }

  /// One index of a dimension, which goes away, over the same storage.
  public func selected(axis: Int, _ index: Int) -> NDArray {
    view(layout.selected(axis: axis, index))
  }

  /// A diagonal of two dimensions as the last one, over the same storage.
  public func diagonal(_ distance: Int, rows: Int, columns: Int) -> NDArray {
    view(layout.diagonal(distance, rows: rows, columns: columns))
  }

  /// All windows of a dimension, each as a new last dimension, over the same storage.
  public func unfolded(axis: Int, size: Int, step: Int) -> NDArray {
    view(layout.unfolded(axis: axis, size: size, step: step))
  }

  /// The array with dimensions of length one, or new leading ones, repeated; over the same storage.
  public func expanded(to shape: Shape) -> NDArray { view(layout.expanded(to: shape)) }

  /// The array with a dimension of length one put before `axis`, over the same storage.
  public func unsqueezed(_ axis: Int) -> NDArray { view(layout.unsqueezed(axis)) }

  /// The array without dimensions of length one, over the same storage.
  public func squeezed(_ axes: [Int]? = nil) -> NDArray { view(layout.squeezed(axes)) }

  /// The same elements in row-major order under another shape, copied only if they must be.
  public func reshaped(to shape: Shape) -> NDArray {
    if let reshaped = layout.reshaped(to: shape) { return view(reshaped) }
    return contiguous().view(Layout(shape))
  }

  /// This array if its elements lie in row-major order without gaps, otherwise a copy that does.
  public func contiguous() -> NDArray { isContiguous ? self : copied() }

  /// A copy with a storage of its own, in row-major order without gaps.
  public func copied() -> NDArray {
    let copy = NDArray(uninitialized: shape, dtype: dtype)
    storage.withUnsafeBytes { source in
      copy.storage.withUnsafeMutableBytes { destination in
        StridedCopy.gather(
          from: source, layout: layout, itemSize: dtype.itemSize, into: destination)
      }
    }
    return copy
  }

  /// Writes the elements of this array to their places in a storage under another layout.
  ///
  /// - Parameters:
  ///   - storage: One that no other array refers to yet.
  ///   - target: Of this array's shape, within the storage.
  public func scatter(into storage: Storage, as target: Layout) {
    require(target.shape == shape, "scatter: shape \(shape) is not \(target.shape)")
    require(
      target.extent.lowerBound >= 0
        && target.extent.upperBound * dtype.itemSize <= storage.byteCount,
      "scatter: the layout leaves the storage")
    withContiguousBytes { source in
      storage.withUnsafeMutableBytes { destination in
        StridedCopy.scatter(
          from: source, layout: target, itemSize: dtype.itemSize, into: destination)
      }
    }
  }
}
