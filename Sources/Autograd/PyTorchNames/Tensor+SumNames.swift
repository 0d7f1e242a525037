import Arrays

// Dimensions as PyTorch's users give them: `x.sum(0)`, `x.sum([0, 1])`, `x.sum(1, keepdim: true)`, `x.sum(dim: [0,
// 1], keepdim: true)`; and one after the other, `x.sum(0, 1)`, which in PyTorch is an error. The work is
// done where the dimensions are an array.

/// A dimension, or an array of some: what PyTorch's `dim` takes.
public protocol TensorDimensions {
  /// The dimensions in order.
  var dimensionList: [Int] { get }
}

extension Int: TensorDimensions {
  /// This dimension alone.
  public var dimensionList: [Int] { [self] }
}

extension [Int]: TensorDimensions {
  /// These dimensions.
  public var dimensionList: [Int] { self }
}

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
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    sum(dim.dimensionList, keepDims: keepDims)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func sum(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    sum(dim.dimensionList, keepDims: keepdim)
  }

  /// The sum of elements along `dim`. Equivalent to `torch.sum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func sum(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    sum(dim.dimensionList, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    mean(dim.dimensionList, keepDims: keepDims)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func mean(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    mean(dim.dimensionList, keepDims: keepdim)
  }

  /// The mean of elements along `dim`. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func mean(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    mean(dim.dimensionList, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    prod(dim.dimensionList, keepDims: keepDims)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func prod(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    prod(dim.dimensionList, keepDims: keepdim)
  }

  /// The product of elements along `dim`. Equivalent to `torch.prod`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func prod(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    prod(dim.dimensionList, keepDims: keepdim)
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
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: some TensorDimensions, keepDims: Bool = false) -> Tensor {
    logsumexp(dim.dimensionList, keepDims: keepDims)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    logsumexp(dim.dimensionList, keepDims: keepdim)
  }

  /// log Σ eˣ of elements along `dim`. Equivalent to `torch.logsumexp`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some; negative ones count from the end.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func logsumexp(_ dim: some TensorDimensions, keepdim: Bool) -> Tensor {
    logsumexp(dim.dimensionList, keepDims: keepdim)
  }
}
