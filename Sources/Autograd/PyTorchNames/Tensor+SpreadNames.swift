import Arrays

// Dimensions as for sums: see Tensor+SumNames.swift.

extension Tensor {
  /// The standard deviation of elements: PyTorch's name of ``standardDeviation(_:correction:keepDims:)``. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func std(_ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false)
    -> Tensor
  {
    standardDeviation(axes, correction: correction, keepDims: keepDims)
  }

  /// The standard deviation of elements along these dimensions. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func std(_ axis: Int, _ axes: Int..., correction: Double = 1, keepDims: Bool = false)
    -> Tensor
  {
    std([axis] + axes, correction: correction, keepDims: keepDims)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func std(dim: some TensorDimensions, correction: Double = 1, keepDims: Bool = false)
    -> Tensor
  {
    std(dim.dimensionList, correction: correction, keepDims: keepDims)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(dim: some TensorDimensions, correction: Double = 1, keepdim: Bool) -> Tensor
  {
    std(dim.dimensionList, correction: correction, keepDims: keepdim)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(_ dim: some TensorDimensions, correction: Double = 1, keepdim: Bool)
    -> Tensor
  {
    std(dim.dimensionList, correction: correction, keepDims: keepdim)
  }

  /// The standard deviation of all elements. Equivalent to `torch.std`.
  ///
  /// - Parameter unbiased: Whether one is taken from the number of elements by which the sum is divided.
  public final func std(unbiased: Bool) -> Tensor { std(correction: unbiased ? 1 : 0) }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - unbiased: Whether one is taken from the number of elements by which the sum is divided.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(
    _ dim: some TensorDimensions, unbiased: Bool, keepdim: Bool = false
  ) -> Tensor {
    std(dim.dimensionList, correction: unbiased ? 1 : 0, keepDims: keepdim)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - unbiased: Whether one is taken from the number of elements by which the sum is divided.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(
    dim: some TensorDimensions, unbiased: Bool, keepdim: Bool = false
  ) -> Tensor {
    std(dim.dimensionList, correction: unbiased ? 1 : 0, keepDims: keepdim)
  }

  /// The variance of elements: PyTorch's name of ``variance(_:correction:keepDims:)``. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func `var`(_ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false)
    -> Tensor
  {
    variance(axes, correction: correction, keepDims: keepDims)
  }

  /// The variance of elements along these dimensions. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func `var`(
    _ axis: Int, _ axes: Int..., correction: Double = 1, keepDims: Bool = false
  ) -> Tensor {
    `var`([axis] + axes, correction: correction, keepDims: keepDims)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func `var`(
    dim: some TensorDimensions, correction: Double = 1, keepDims: Bool = false
  ) -> Tensor {
    `var`(dim.dimensionList, correction: correction, keepDims: keepDims)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(dim: some TensorDimensions, correction: Double = 1, keepdim: Bool)
    -> Tensor
  {
    `var`(dim.dimensionList, correction: correction, keepDims: keepdim)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(_ dim: some TensorDimensions, correction: Double = 1, keepdim: Bool)
    -> Tensor
  {
    `var`(dim.dimensionList, correction: correction, keepDims: keepdim)
  }

  /// The variance of all elements. Equivalent to `torch.var`.
  ///
  /// - Parameter unbiased: Whether one is taken from the number of elements by which the sum is divided.
  public final func `var`(unbiased: Bool) -> Tensor { `var`(correction: unbiased ? 1 : 0) }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - unbiased: Whether one is taken from the number of elements by which the sum is divided.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(
    _ dim: some TensorDimensions, unbiased: Bool, keepdim: Bool = false
  ) -> Tensor {
    `var`(dim.dimensionList, correction: unbiased ? 1 : 0, keepDims: keepdim)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - unbiased: Whether one is taken from the number of elements by which the sum is divided.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(
    dim: some TensorDimensions, unbiased: Bool, keepdim: Bool = false
  ) -> Tensor {
    `var`(dim.dimensionList, correction: unbiased ? 1 : 0, keepDims: keepdim)
  }
}
