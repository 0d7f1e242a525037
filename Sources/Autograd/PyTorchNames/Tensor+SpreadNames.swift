import Arrays

// Dimensions as PyTorch's users give them: `x.sum(0)`, `x.sum([0, 1])`, `x.sum(dim: 0)`, `x.sum(dim: [0,
// 1], keepdim: true)`; and one after the other, `x.sum(0, 1)`, which in PyTorch is an error. The work is
// done where the dimensions are an array.

extension Tensor {
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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func `var`(dim: Int, correction: Double = 1, keepDims: Bool = false) -> Tensor {
    `var`([dim], correction: correction, keepDims: keepDims)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func `var`(dim: [Int], correction: Double = 1, keepDims: Bool = false) -> Tensor {
    `var`(dim, correction: correction, keepDims: keepDims)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(dim: Int, correction: Double = 1, keepdim: Bool) -> Tensor {
    `var`([dim], correction: correction, keepDims: keepdim)
  }

  /// The variance of elements along `dim`. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func `var`(dim: [Int], correction: Double = 1, keepdim: Bool) -> Tensor {
    `var`(dim, correction: correction, keepDims: keepdim)
  }

  /// The product of elements: PyTorch's name of ``product(_:keepDims:)``. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func prod(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    product(axes, keepDims: keepDims)
  }

  /// The product of elements along these dimensions. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func prod(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    prod([axis] + axes, keepDims: keepDims)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: Int, keepDims: Bool = false) -> Tensor {
    prod([dim], keepDims: keepDims)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: [Int], keepDims: Bool = false) -> Tensor {
    prod(dim, keepDims: keepDims)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: Int, keepdim: Bool) -> Tensor {
    prod([dim], keepDims: keepdim)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: [Int], keepdim: Bool) -> Tensor {
    prod(dim, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: Int, keepDims: Bool = false) -> Tensor {
    amax([dim], keepDims: keepDims)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: [Int], keepDims: Bool = false) -> Tensor {
    amax(dim, keepDims: keepDims)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: Int, keepdim: Bool) -> Tensor {
    amax([dim], keepDims: keepdim)
  }

  /// The maximum of elements along `dim`. Equivalent to `torch.amax`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amax(dim: [Int], keepdim: Bool) -> Tensor {
    amax(dim, keepDims: keepdim)
  }
}
