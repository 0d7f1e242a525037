import Arrays

// Dimensions as PyTorch's users give them: `x.sum(0)`, `x.sum([0, 1])`, `x.sum(dim: 0)`, `x.sum(dim: [0,
// 1], keepdim: true)`; and one after the other, `x.sum(0, 1)`, which in PyTorch is an error. The work is
// done where the dimensions are an array.

extension Tensor {
  /// The sum of elements along these dimensions. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func sum(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    sum([axis] + axes, keepDims: keepDims)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: Int, keepDims: Bool = false) -> Tensor {
    sum([dim], keepDims: keepDims)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: [Int], keepDims: Bool = false) -> Tensor {
    sum(dim, keepDims: keepDims)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: Int, keepdim: Bool) -> Tensor {
    sum([dim], keepDims: keepdim)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: [Int], keepdim: Bool) -> Tensor {
    sum(dim, keepDims: keepdim)
  }

  /// The mean of elements along these dimensions. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func mean(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    mean([axis] + axes, keepDims: keepDims)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: Int, keepDims: Bool = false) -> Tensor {
    mean([dim], keepDims: keepDims)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: [Int], keepDims: Bool = false) -> Tensor {
    mean(dim, keepDims: keepDims)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: Int, keepdim: Bool) -> Tensor {
    mean([dim], keepDims: keepdim)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: [Int], keepdim: Bool) -> Tensor {
    mean(dim, keepDims: keepdim)
  }

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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func std(dim: Int, correction: Double = 1, keepDims: Bool = false) -> Tensor {
    std([dim], correction: correction, keepDims: keepDims)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func std(dim: [Int], correction: Double = 1, keepDims: Bool = false) -> Tensor {
    std(dim, correction: correction, keepDims: keepDims)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(dim: Int, correction: Double = 1, keepdim: Bool) -> Tensor {
    std([dim], correction: correction, keepDims: keepdim)
  }

  /// The standard deviation of elements along `dim`. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - correction: The number of elements less this is what the sum is divided by.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func std(dim: [Int], correction: Double = 1, keepdim: Bool) -> Tensor {
    std(dim, correction: correction, keepDims: keepdim)
  }
}
