import Arrays

// Dimensions as for sums: see Tensor+SumNames.swift.

extension Tensor {
  /// The minimum of elements: PyTorch's name of ``min(_:keepDims:)-([Int]?,_)``. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amin(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    min(axes ?? Array(shape.indices), keepDims: keepDims).named("AminBackward0")
  }

  /// The minimum of elements along these dimensions. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amin(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    amin([axis] + axes, keepDims: keepDims)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    amin(dim.dimensionList, keepDims: keepDims)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    amin(dim.dimensionList, keepDims: keepdim)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amin(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    amin(dim.dimensionList, keepDims: keepdim)
  }

  /// The maximum of elements: PyTorch's name of ``max(_:keepDims:)-([Int]?,_)``. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amax(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    max(axes ?? Array(shape.indices), keepDims: keepDims).named("AmaxBackward0")
  }

  /// The maximum of elements along these dimensions. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amax(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    amax([axis] + axes, keepDims: keepDims)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    amax(dim.dimensionList, keepDims: keepDims)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    amax(dim.dimensionList, keepDims: keepdim)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amax(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    amax(dim.dimensionList, keepDims: keepdim)
  }

  /// Whether any element is not zero along these dimensions. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func any(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    any([axis] + axes, keepDims: keepDims)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func any(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    any(dim.dimensionList, keepDims: keepDims)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func any(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    any(dim.dimensionList, keepDims: keepdim)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func any(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    any(dim.dimensionList, keepDims: keepdim)
  }

  /// Whether all elements are not zero along these dimensions. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func all(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    all([axis] + axes, keepDims: keepDims)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func all(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    all(dim.dimensionList, keepDims: keepDims)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func all(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    all(dim.dimensionList, keepDims: keepdim)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func all(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    all(dim.dimensionList, keepDims: keepdim)
  }
}
