import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// The gradient of a reduction's result, broadcast over what was reduced.
  static func spread(
    _ gradient: Tensor, over shape: Shape, _ axes: [Int]?, _ keepDims: Bool
  ) -> Tensor {
    let kept = shape.keeping(shape.markedAxes(axes, for: "reduce"))
    return (keepDims ? gradient : gradient.reshaped(kept)).expanded(shape)
  }

  /// The sum of elements. Equivalent to `torch.sum`.
  ///
  /// Integers and booleans are summed as `int64`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func sum(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let shape = shape
    requireAxes(axes, "sum")
    return .record(
      axes == nil ? "sum" : "SumBackward1", [self],
      array.reduced(.sum, axes: axes, keepDims: keepDims)
    ) { _ in
      [{ .spread($0, over: shape, axes, keepDims) }]
    }
  }

  /// The mean of elements. Equivalent to `torch.mean`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The type is not an integer.
  public final func mean(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    require(!dtype.isIntegral, "mean: a tensor of \(dtype) must be converted to a float first")
    requireAxes(axes, "mean")
    if let result = widened({ $0.mean(axes, keepDims: keepDims) }) { return result }
    return (sum(axes, keepDims: keepDims) / Double(count(axes)))
      .named(axes == nil ? "MeanBackward0" : "MeanBackward1")
  }

  /// Traps in the name of an operation unless these dimensions exist.
  final func requireAxes(_ axes: [Int]?, _ operation: StaticString) {
    for axis in axes ?? [] { _ = shape.normalizedAxis(axis, for: operation) }
  }

  /// The number of elements that a reduction of these dimensions combines.
  private final func count(_ axes: [Int]?) -> Int {
    zip(shape, shape.markedAxes(axes, for: "reduce")).reduce(1) { $1.1 ? $0 * $1.0 : $0 }
  }

  /// The variance of elements. Equivalent to `torch.var`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: The sum of squares is divided by the number of elements minus this: 1 for the
  ///     unbiased estimate, 0 for the variance of the elements themselves.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The type is not an integer.
  public final func variance(
    _ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false
  ) -> Tensor {
    requireAxes(axes, "variance")
    if let result = widened({ $0.variance(axes, correction: correction, keepDims: keepDims) }) {
      return result
    }
    let divisor = Swift.max(0, Double(count(axes)) - correction)
    let squares = noGrad {
      (self - mean(axes, keepDims: true)).square().sum(axes, keepDims: keepDims)
    }
    if let result = beyondSquares(
      squares, { $0.variance(axes, correction: correction, keepDims: keepDims) })
    {
      return result
    }
    let result = noGrad { squares / divisor }
    let shape = shape
    return .record("variance", [self], result.array) { _ in
      let x = self.saved
      return [
        { grad in
          let slope = (x() - x().mean(axes, keepDims: true)) * (2 / divisor)
          return .spread(grad, over: shape, axes, keepDims) * slope
        }
      ]
    }
  }

  /// The standard deviation of elements. Equivalent to `torch.std`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: As for ``variance(_:correction:keepDims:)``.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The type is not an integer.
  public final func standardDeviation(
    _ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false
  ) -> Tensor {
    requireAxes(axes, "standardDeviation")
    if let result = widened({
      $0.standardDeviation(axes, correction: correction, keepDims: keepDims)
    }) {
      return result
    }
    let variance = variance(axes, correction: correction, keepDims: keepDims)
    if let result = beyondSquares(
      variance,
      {
        $0.standardDeviation(axes, correction: correction, keepDims: keepDims)
      })
    {
      return result
    }
    return .record("standardDeviation", [variance], variance.array.unary(.sqrt)) { output in
      // Where all elements are equal the slope is infinite, and PyTorch's gradient zero.
      [{ ($0 / (output() * 2)).maskedFill(output().detached() .== 0, 0) }]
    }
  }

  /// The product of elements. Equivalent to `torch.prod`. The gradient is exact where elements are
  /// zero.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func product(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).product(axes, keepDims: keepDims) }) {
      return result
    }
    let shape = shape
    requireAxes(axes, "prod")
    let array = array.reduced(.product, axes: axes, keepDims: keepDims)
    return .record("prod", [self], array) { output in
      let saved = self.saved
      return [
        { grad in
          let x = saved()
          let gradient = Tensor.spread(grad, over: shape, axes, keepDims)
          let zeros = x.zeroCount
          // Beside two zeros every product is nothing, even times infinity.
          if zeros > 1, axes == nil, !GradMode.isEnabled { return x.zeros }
          guard zeros > 0 else {
            return gradient * (Tensor.spread(output(), over: shape, axes, keepDims) / x)
          }
          return gradient * x.productsOfOthers(axes)
        }
      ]
    }
  }

  /// For each element the product of all others that a reduction of these dimensions combines.
  private final func productsOfOthers(_ axes: [Int]?) -> Tensor {
    let marks = shape.markedAxes(axes, for: "prod")
    let order = shape.indices.filter { !marks[$0] } + shape.indices.filter { marks[$0] }
    let moved = permuted(order)
    let kept = order.filter { !marks[$0] }.map { shape[$0] }
    let rows = moved.reshaped(Shape(kept + [count(axes)]))
    let others = rows.productsOfOthers().reshaped(moved.shape)
    return others.permuted(shape.indices.map { axis in order.firstIndex(of: axis) ?? axis })
  }

  /// The maximum of elements. Equivalent to `torch.amax`, and to `torch.max` without a dimension.
  ///
  /// Equal maxima share the gradient.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func max(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    extreme("max", .maximum, axes, keepDims)
  }

  /// The minimum of elements. Equivalent to `torch.amin`, and to `torch.min` without a dimension.
  ///
  /// Equal minima share the gradient.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func min(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    extreme("min", .minimum, axes, keepDims)
  }

  private final func extreme(
    _ name: StaticString, _ f: CKReduce, _ axes: [Int]?, _ keepDims: Bool
  ) -> Tensor {
    let shape = shape
    requireAxes(axes, name)
    require(
      elementCount > 0 || shape.keeping(shape.markedAxes(axes, for: name)).elementCount == 0,
      "\(name): shape \(shape) has no element to choose from")
    return .record(name, [self], array.reduced(f, axes: axes, keepDims: keepDims)) { output in
      let x = self.saved
      return [
        { grad in
          let extremum = Tensor.spread(output().detached(), over: shape, axes, keepDims)
          var isIt = x().detached() .== extremum
          // As in PyTorch, NaN is the greatest of all elements, but not along dimensions.
          if axes == nil { isIt = isIt .| (x().detached().isNaN() .& extremum.isNaN()) }
          let count = isIt.sum(axes, keepDims: true).to(grad.dtype)
          let spread = Tensor.spread(grad, over: shape, axes, keepDims)
          return axes == nil
            ? (spread / count).kept(where: isIt) : spread * isIt.to(grad.dtype) / count
        }
      ]
    }
  }

  /// The maxima along a dimension and their indices. Equivalent to `torch.max` with a dimension.
  ///
  /// Of equal maxima only the first gets the gradient.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func max(along axis: Int, keepDims: Bool = false) -> (
    values: Tensor, indices: Tensor
  ) {
    extreme(along: axis, least: false, keepDims)
  }

  /// The minima along a dimension and their indices. Equivalent to `torch.min` with a dimension.
  ///
  /// Of equal minima only the first gets the gradient.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func min(along axis: Int, keepDims: Bool = false) -> (
    values: Tensor, indices: Tensor
  ) {
    extreme(along: axis, least: true, keepDims)
  }

  private final func extreme(
    along axis: Int, least: Bool, _ keepDims: Bool
  ) -> (values: Tensor, indices: Tensor) {
    requireAxes([axis], least ? "min" : "max")
    let indices = Tensor(array.argExtreme(least: least, axis: axis, keepDims: true))
    let values = gather(axis, indices)
    let name: StaticString = least ? "MinBackward0" : "MaxBackward0"
    if keepDims || rank == 0 { return (values.named(name), indices) }
    return (values.squeezed([axis]).named(name), indices.squeezed([axis]))
  }

  /// The index of the maximum along a dimension, or of all elements in row-major order.
  ///
  /// Equivalent to `torch.argmax`, except that the first of equal maxima is guaranteed to be
  /// chosen.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Returns: Indices of `int64`.
  public final func argmax(_ axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    .record("argmax", [self], array.argExtreme(least: false, axis: axis, keepDims: keepDims)) { _ in
      []
    }
  }

  /// The index of the minimum along a dimension, or of all elements in row-major order.
  ///
  /// Equivalent to `torch.argmin`, except that the first of equal minima is guaranteed to be
  /// chosen.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Returns: Indices of `int64`.
  public final func argmin(_ axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    .record("argmin", [self], array.argExtreme(least: true, axis: axis, keepDims: keepDims)) { _ in
      []
    }
  }

  /// log Σ eˣ, without overflow. Equivalent to `torch.logsumexp`, but all dimensions are reduced if
  /// none is named.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func logSumExp(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireAxes(axes, "logSumExp")
    if dtype.isIntegral { return to(.float32).logSumExp(axes, keepDims: keepDims) }
    // Without elements there is no maximum, and the sum is zero.
    guard count(axes) > 0 else { return exp().sum(axes, keepDims: keepDims).log() }
    let maximum = noGrad { max(axes, keepDims: true) }
    let finite = Tensor.where(
      maximum.abs() .< .infinity, maximum, Tensor.zeros(maximum.shape, dtype: maximum.dtype))
    let sum = noGrad { (self - finite).exp().sum(axes, keepDims: true).log() + finite }
    let marks = shape.markedAxes(axes, for: "logSumExp")
    let kept = Shape(shape.indices.filter { !marks[$0] }.map { shape[$0] })
    let full = shape
    return .record("logSumExp", [self], keepDims ? sum.array : sum.array.reshaped(to: kept)) {
      output in
      let x = self.saved
      return [
        { grad in
          let result = Tensor.spread(output(), over: full, axes, keepDims)
          return .spread(grad, over: full, axes, keepDims) * (x() - result).exp()
        }
      ]
    }
  }
}
