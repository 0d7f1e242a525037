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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: Int, keepDims: Bool = false) -> Tensor {
    amin([dim], keepDims: keepDims)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: [Int], keepDims: Bool = false) -> Tensor {
    amin(dim, keepDims: keepDims)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: Int, keepdim: Bool) -> Tensor {
    amin([dim], keepDims: keepdim)
  }

  /// The minimum of elements along `dim`. Equivalent to `torch.amin`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func amin(dim: [Int], keepdim: Bool) -> Tensor {
    amin(dim, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func any(dim: Int, keepDims: Bool = false) -> Tensor {
    any([dim], keepDims: keepDims)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func any(dim: [Int], keepDims: Bool = false) -> Tensor {
    any(dim, keepDims: keepDims)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func any(dim: Int, keepdim: Bool) -> Tensor {
    any([dim], keepDims: keepdim)
  }

  /// Whether any element is not zero along `dim`. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func any(dim: [Int], keepdim: Bool) -> Tensor {
    any(dim, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func all(dim: Int, keepDims: Bool = false) -> Tensor {
    all([dim], keepDims: keepDims)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func all(dim: [Int], keepDims: Bool = false) -> Tensor {
    all(dim, keepDims: keepDims)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func all(dim: Int, keepdim: Bool) -> Tensor {
    all([dim], keepDims: keepdim)
  }

  /// Whether all elements are not zero along `dim`. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func all(dim: [Int], keepdim: Bool) -> Tensor {
    all(dim, keepDims: keepdim)
  }

  /// log Σ eˣ of elements: PyTorch's name of ``logSumExp(_:keepDims:)``. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    logSumExp(axes, keepDims: keepDims)
  }

  /// log Σ eˣ of elements along these dimensions. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - axis: A dimension to reduce; a negative one counts from the end.
  ///   - axes: Further ones.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(_ axis: Int, _ axes: Int..., keepDims: Bool = false) -> Tensor {
    logsumexp([axis] + axes, keepDims: keepDims)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: Int, keepDims: Bool = false) -> Tensor {
    logsumexp([dim], keepDims: keepDims)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: [Int], keepDims: Bool = false) -> Tensor {
    logsumexp(dim, keepDims: keepDims)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: Int, keepdim: Bool) -> Tensor {
    logsumexp([dim], keepDims: keepdim)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimensions to reduce; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: [Int], keepdim: Bool) -> Tensor {
    logsumexp(dim, keepDims: keepdim)
  }
}
