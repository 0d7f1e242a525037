import Arrays
import Files
import Kernels

// PyTorch's second names of functions, and functions beside numbers.
extension Tensor {
  /// The arccosine: ``acos()``. Equivalent to `torch.arccos`.
  public final func arccos() -> Tensor { acos() }
  /// The arcsine: ``asin()``. Equivalent to `torch.arcsin`.
  public final func arcsin() -> Tensor { asin() }
  /// The arctangent: ``atan()``. Equivalent to `torch.arctan`.
  public final func arctan() -> Tensor { atan() }
  /// The angle of a point: ``atan2(_:)``. Equivalent to `torch.arctan2`.
  ///
  /// - Parameter other: The x coordinates.
  public final func arctan2(_ other: Tensor) -> Tensor { atan2(other) }
  /// The inverse of the hyperbolic cosine: ``acosh()``. Equivalent to `torch.arccosh`.
  public final func arccosh() -> Tensor { acosh() }
  /// The inverse of the hyperbolic sine: ``asinh()``. Equivalent to `torch.arcsinh`.
  public final func arcsinh() -> Tensor { asinh() }
  /// The inverse of the hyperbolic tangent: ``atanh()``. Equivalent to `torch.arctanh`.
  public final func arctanh() -> Tensor { atanh() }
  /// The integer part: ``trunc()``. Equivalent to `torch.fix`.
  public final func fix() -> Tensor { trunc() }

  /// x · log of a number. Equivalent to `torch.xlogy`.
  ///
  /// - Parameter other: The number.
  public final func xlogy(_ other: some TensorNumber) -> Tensor { xlogy(other.beside(self)) }
  /// The magnitude of each element with the sign of a number. Equivalent to `torch.copysign`.
  ///
  /// - Parameter other: The number.
  public final func copysign(_ other: some TensorNumber) -> Tensor {
    copysign(other.beside(self))
  }

  /// The bits that are set in each element and in a number. Equivalent to `torch.bitwise_and`.
  ///
  /// - Parameter other: The number.
  public final func bitwiseAnd(_ other: Int) -> Tensor { bitwiseAnd(other.beside(self)) }
  /// The bits that are set in each element or in a number. Equivalent to `torch.bitwise_or`.
  ///
  /// - Parameter other: The number.
  public final func bitwiseOr(_ other: Int) -> Tensor { bitwiseOr(other.beside(self)) }
  /// The bits that are set either in each element or in a number. Equivalent to `torch.bitwise_xor`.
  ///
  /// - Parameter other: The number.
  public final func bitwiseXor(_ other: Int) -> Tensor { bitwiseXor(other.beside(self)) }
  /// Integers shifted towards higher bits by a number. Equivalent to `torch.bitwise_left_shift`.
  ///
  /// - Parameter other: The distance.
  public final func bitwiseLeftShift(_ other: Int) -> Tensor {
    bitwiseLeftShift(other.beside(self))
  }
  /// Integers shifted towards lower bits by a number. Equivalent to `torch.bitwise_right_shift`.
  ///
  /// - Parameter other: The distance.
  public final func bitwiseRightShift(_ other: Int) -> Tensor {
    bitwiseRightShift(other.beside(self))
  }

  /// The inverses of square matrices: ``inverse()``. Equivalent to `torch.linalg.inv`.
  public final func inv() -> Tensor { inverse() }
  /// The norms of vectors. Equivalent to `torch.linalg.vector_norm`. See ``norm(order:_:keepDims:)``.
  ///
  /// - Parameters:
  ///   - ord: The order.
  ///   - dim: The dimensions to reduce; all if nil.
  ///   - keepdim: Whether they are kept, with length one.
  public final func vectorNorm(
    _ ord: Double = 2, dim: (any TensorDimensions)? = nil, keepdim: Bool = false
  ) -> Tensor {
    norm(order: ord, dim?.dimensionList, keepDims: keepdim)
  }
  /// The norms of matrices. Equivalent to `torch.linalg.matrix_norm`.
  ///
  /// - Parameters:
  ///   - ord: 1 or −1 for the greatest or least sum of a column's magnitudes, `.infinity` or −`.infinity` for
  ///     that of a row's; nil for the Frobenius norm. Others, which need singular values, trap.
  ///   - dim: The dimensions of rows and columns.
  ///   - keepdim: Whether they are kept, with length one.
  public final func matrixNorm(
    _ ord: Double? = nil, dim: (Int, Int) = (-2, -1), keepdim: Bool = false
  ) -> Tensor {
    require(
      rank >= 2, "matrixNorm: the input of shape \(shape) must be of at least two dimensions")
    requireFloats("matrixNorm")
    let rows = shape.normalizedAxis(dim.0, for: "matrixNorm")
    let columns = shape.normalizedAxis(dim.1, for: "matrixNorm")
    require(
      rows != columns, "matrixNorm: dims must be different, not \(dim), for shape \(shape)")
    guard let ord else { return norm([rows, columns], keepDims: keepdim) }
    let (summed, searched) = ord.magnitude == 1 ? (rows, columns) : (columns, rows)
    require(
      ord.magnitude == 1 || ord.isInfinite,
      "matrixNorm: order \(ord) is not there, for shape \(shape): 1, -1, .infinity, -.infinity and nil are"
    )
    let sums = abs().sum([summed], keepDims: true)
    let result =
      ord > 0 ? sums.amax([searched], keepDims: true) : sums.amin([searched], keepDims: true)
    return keepdim ? result : result.squeezed([rows, columns])
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// The transposed matrix. Equivalent to `torch.Tensor.H` of real numbers.
  ///
  /// - Precondition: There are two dimensions, or none.
  public final var H: Tensor {
    requireNoComplex("H")
    require(
      rank == 0 || rank == 2,
      "H: is only supported on matrices, not on a tensor of shape \(shape): use mH")
    return t()
  }
  /// The transposed matrices in the last two dimensions. Equivalent to `torch.Tensor.mH` of real numbers.
  public final var mH: Tensor {
    requireNoComplex("mH")
    return mT
  }
  /// The transposed matrices in the last two dimensions. Equivalent to `torch.adjoint` of real numbers.
  public final func adjoint() -> Tensor { mH }
}

// Dimensions by name.
extension Tensor {
  /// The sum of the elements along `dim` that are not NaN. Equivalent to `torch.nansum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func nansum(dim: some TensorDimensions, keepdim: Bool = false) -> Tensor {
    nansum(dim.dimensionList, keepDims: keepdim)
  }
  /// The mean of the elements along `dim` that are not NaN. Equivalent to `torch.nanmean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func nanmean(dim: some TensorDimensions, keepdim: Bool = false) -> Tensor {
    nanmean(dim.dimensionList, keepDims: keepdim)
  }
  /// The sum along a dimension of the elements that are not NaN. Equivalent to `torch.nansum`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func nansum(_ dim: Int, keepdim: Bool = false) -> Tensor {
    nansum([dim], keepDims: keepdim)
  }
  /// The mean along a dimension of the elements that are not NaN. Equivalent to `torch.nanmean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func nanmean(_ dim: Int, keepdim: Bool = false) -> Tensor {
    nanmean([dim], keepDims: keepdim)
  }
  /// The least and the greatest elements along a dimension. Equivalent to `torch.aminmax`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func aminmax(dim: Int, keepdim: Bool = false) -> (min: Tensor, max: Tensor) {
    aminmax(dim, keepDims: keepdim)
  }
  /// The standard deviation and the mean along `dim`. Equivalent to `torch.std_mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - correction: As for ``variance(_:correction:keepDims:)``.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func stdMean(
    dim: some TensorDimensions, correction: Double = 1, keepdim: Bool = false
  ) -> (std: Tensor, mean: Tensor) {
    stdMean(dim.dimensionList, correction: correction, keepDims: keepdim)
  }
  /// The variance and the mean along `dim`. Equivalent to `torch.var_mean`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce, or an array of some.
  ///   - correction: As for ``variance(_:correction:keepDims:)``.
  ///   - keepdim: Whether reduced dimensions are kept, with length one.
  public final func varMean(
    dim: some TensorDimensions, correction: Double = 1, keepdim: Bool = false
  ) -> (var: Tensor, mean: Tensor) {
    varMean(dim.dimensionList, correction: correction, keepDims: keepdim)
  }
  /// The running log Σ eˣ. Equivalent to `torch.logcumsumexp`.
  ///
  /// - Parameter dim: The dimension.
  public final func logcumsumexp(dim: Int) -> Tensor { logcumsumexp(dim) }
  /// The running maxima and their indices. Equivalent to `torch.cummax`.
  ///
  /// - Parameter dim: The dimension.
  public final func cummax(dim: Int) -> (values: Tensor, indices: Tensor) { cummax(dim) }
  /// The running minima and their indices. Equivalent to `torch.cummin`.
  ///
  /// - Parameter dim: The dimension.
  public final func cummin(dim: Int) -> (values: Tensor, indices: Tensor) { cummin(dim) }
  /// The differences between neighbours. Equivalent to `torch.diff`.
  ///
  /// - Parameters:
  ///   - n: How many times they are formed.
  ///   - dim: The dimension.
  public final func diff(n: Int = 1, dim: Int) -> Tensor { diff(n: n, dim) }
  /// The medians of what is not NaN, and their indices. Equivalent to `torch.nanmedian`.
  ///
  /// - Parameters:
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func nanmedian(dim: Int, keepdim: Bool = false) -> (
    values: Tensor, indices: Tensor
  ) {
    nanmedian(dim, keepDims: keepdim)
  }
  /// A quantile along a dimension. Equivalent to `torch.quantile`.
  ///
  /// - Parameters:
  ///   - q: The quantile.
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  ///   - interpolation: What a quantile between two elements is.
  public final func quantile(
    _ q: Double, dim: Int, keepdim: Bool = false, interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    quantile(q, dim, keepDims: keepdim, interpolation: interpolation)
  }
  /// A quantile of what is not NaN along a dimension. Equivalent to `torch.nanquantile`.
  ///
  /// - Parameters:
  ///   - q: The quantile.
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  ///   - interpolation: What a quantile between two elements is.
  public final func nanquantile(
    _ q: Double, dim: Int, keepdim: Bool = false, interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    nanquantile(q, dim, keepDims: keepdim, interpolation: interpolation)
  }
}
