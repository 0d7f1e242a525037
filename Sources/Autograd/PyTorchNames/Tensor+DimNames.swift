import Arrays

// Dimensions as PyTorch's users give them: `x.sum(0)`, `x.sum([0, 1])`, `x.sum(dim: 0)`, `x.sum(dim: [0,
// 1], keepdim: true)`; and one after the other, `x.sum(0, 1)`, which in PyTorch is an error. The work is
// done where the dimensions are an array.

extension Tensor {
  /// The maxima along a dimension and their indices: PyTorch's spelling of
  /// ``max(along:keepDims:)``. Equivalent to `torch.max` with a dimension.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func max(_ axis: Int, keepDims: Bool = false) -> (values: Tensor, indices: Tensor) {
    max(along: axis, keepDims: keepDims)
  }

  /// The maxima along a dimension and their indices. Equivalent to `torch.max` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func max(dim: Int, keepDims: Bool = false) -> (values: Tensor, indices: Tensor) {
    max(along: dim, keepDims: keepDims)
  }

  /// The maxima along a dimension and their indices. Equivalent to `torch.max` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func max(dim: Int, keepdim: Bool) -> (values: Tensor, indices: Tensor) {
    max(along: dim, keepDims: keepdim)
  }

  /// The elementwise maximum with another tensor. Equivalent to `torch.max` with a tensor.
  ///
  /// - Parameter other: The other tensor, which broadcasts.
  public final func max(_ other: Tensor) -> Tensor { .maximum(self, other) }

  /// The minima along a dimension and their indices: PyTorch's spelling of
  /// ``min(along:keepDims:)``. Equivalent to `torch.min` with a dimension.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func min(_ axis: Int, keepDims: Bool = false) -> (values: Tensor, indices: Tensor) {
    min(along: axis, keepDims: keepDims)
  }

  /// The minima along a dimension and their indices. Equivalent to `torch.min` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func min(dim: Int, keepDims: Bool = false) -> (values: Tensor, indices: Tensor) {
    min(along: dim, keepDims: keepDims)
  }

  /// The minima along a dimension and their indices. Equivalent to `torch.min` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func min(dim: Int, keepdim: Bool) -> (values: Tensor, indices: Tensor) {
    min(along: dim, keepDims: keepdim)
  }

  /// The elementwise minimum with another tensor. Equivalent to `torch.min` with a tensor.
  ///
  /// - Parameter other: The other tensor, which broadcasts.
  public final func min(_ other: Tensor) -> Tensor { .minimum(self, other) }

  /// The index of the maximum along a dimension. Equivalent to `torch.argmax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func argmax(dim: Int, keepDims: Bool = false) -> Tensor {
    argmax(dim, keepDims: keepDims)
  }

  /// The index of the maximum along a dimension. Equivalent to `torch.argmax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func argmax(dim: Int, keepdim: Bool) -> Tensor {
    argmax(dim, keepDims: keepdim)
  }

  /// The index of the minimum along a dimension. Equivalent to `torch.argmin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func argmin(dim: Int, keepDims: Bool = false) -> Tensor {
    argmin(dim, keepDims: keepDims)
  }

  /// The index of the minimum along a dimension. Equivalent to `torch.argmin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func argmin(dim: Int, keepdim: Bool) -> Tensor {
    argmin(dim, keepDims: keepdim)
  }

  /// As ``median(_:keepDims:)``. Equivalent to `torch.median` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func median(dim: Int, keepdim: Bool = false) -> (values: Tensor, indices: Tensor) {
    median(dim, keepDims: keepdim)
  }

  /// As ``kthvalue(_:_:keepDims:)``. Equivalent to `torch.kthvalue` with a dimension.
  ///
  /// - Parameters:
  ///   - k: The rank, 1 for the smallest.
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func kthvalue(_ k: Int, dim: Int, keepdim: Bool = false) -> (
    values: Tensor, indices: Tensor
  ) {
    kthvalue(k, dim, keepDims: keepdim)
  }

  /// The softmax along a dimension. Equivalent to `torch.softmax`.
  ///
  /// - Parameter dim: The dimension.
  public final func softmax(dim: Int) -> Tensor { softmax(dim) }

  /// The logarithm of the softmax along a dimension. Equivalent to `torch.log_softmax`.
  ///
  /// - Parameter dim: The dimension.
  public final func logSoftmax(dim: Int) -> Tensor { logSoftmax(dim) }

  /// The softmin along a dimension. Equivalent to `torch.nn.functional.softmin`.
  ///
  /// - Parameter dim: The dimension.
  public final func softmin(dim: Int) -> Tensor { softmin(dim) }

  /// The running sums along a dimension. Equivalent to `torch.cumsum`.
  ///
  /// - Parameter dim: The dimension.
  public final func cumsum(dim: Int) -> Tensor { cumsum(dim) }

  /// The running products along a dimension. Equivalent to `torch.cumprod`.
  ///
  /// - Parameter dim: The dimension.
  public final func cumprod(dim: Int) -> Tensor { cumprod(dim) }

  /// The maximum along a dimension, with the positions. Equivalent to `torch.max` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; a negative one counts from the end.
  ///   - keepdim: Whether the reduced dimension is kept, with length one.
  public final func max(_ dim: Int, keepdim: Bool) -> (values: Tensor, indices: Tensor) {
    max(dim, keepDims: keepdim)
  }

  /// The minimum along a dimension, with the positions. Equivalent to `torch.min` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; a negative one counts from the end.
  ///   - keepdim: Whether the reduced dimension is kept, with length one.
  public final func min(_ dim: Int, keepdim: Bool) -> (values: Tensor, indices: Tensor) {
    min(dim, keepDims: keepdim)
  }

  /// The position of the maximum along a dimension. Equivalent to `torch.argmax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; a negative one counts from the end.
  ///   - keepdim: Whether the reduced dimension is kept, with length one.
  public final func argmax(_ dim: Int, keepdim: Bool) -> Tensor { argmax(dim, keepDims: keepdim) }

  /// The position of the minimum along a dimension. Equivalent to `torch.argmin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; a negative one counts from the end.
  ///   - keepdim: Whether the reduced dimension is kept, with length one.
  public final func argmin(_ dim: Int, keepdim: Bool) -> Tensor { argmin(dim, keepDims: keepdim) }

  /// The median along a dimension, with the positions. Equivalent to `torch.median` with a dimension.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; a negative one counts from the end.
  ///   - keepdim: Whether the reduced dimension is kept, with length one.
  public final func median(_ dim: Int, keepdim: Bool) -> (values: Tensor, indices: Tensor) {
    median(dim, keepDims: keepdim)
  }
}
