import Arrays
import Files
import Kernels

extension Tensor {
  /// The sum of the elements that are not NaN. Equivalent to `torch.nansum`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func nansum(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireNoComplex("nansum")
    guard dtype.isFloatingPoint else { return sum(axes, keepDims: keepDims) }
    let isNumber = noGrad { self .== self }
    let present = noGrad { kept(where: isNumber) }
    let shape = shape
    let result = present.array.reduced(.sum, axes: axes, keepDims: keepDims)
    return .record("nansum", [self], result) { _ in
      let mask = isNumber.array
      return [{ .spread($0, over: shape, axes, keepDims) * Tensor(mask).to($0.dtype) }]
    }
  }

  /// The mean of the elements that are not NaN; NaN where there is none. Equivalent to `torch.nanmean`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The elements are floating-point numbers.
  public final func nanmean(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireFloats("nanmean")
    if let result = widened({ $0.nanmean(axes, keepDims: keepDims) }) { return result }
    let count = noGrad { (self .== self).sum(axes, keepDims: keepDims) }
    return nansum(axes, keepDims: keepDims) / count
  }

  /// The least and the greatest elements. Equivalent to `torch.aminmax`. Equal ones share the gradient.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func aminmax(_ axis: Int? = nil, keepDims: Bool = false) -> (
    min: Tensor, max: Tensor
  ) {
    let axes = axis.map { [$0] }
    return (amin(axes, keepDims: keepDims), amax(axes, keepDims: keepDims))
  }

  /// The standard deviation and the mean of elements. Equivalent to `torch.std_mean`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: As for ``variance(_:correction:keepDims:)``.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func stdMean(
    _ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false
  ) -> (std: Tensor, mean: Tensor) {
    (
      standardDeviation(axes, correction: correction, keepDims: keepDims),
      mean(axes, keepDims: keepDims)
    )
  }

  /// The variance and the mean of elements. Equivalent to `torch.var_mean`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - correction: As for ``variance(_:correction:keepDims:)``.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func varMean(
    _ axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false
  ) -> (var: Tensor, mean: Tensor) {
    (variance(axes, correction: correction, keepDims: keepDims), mean(axes, keepDims: keepDims))
  }

  /// The norm of the difference of two tensors, which broadcast. Equivalent to `torch.dist`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - p: The order of the norm.
  public final func dist(_ other: Tensor, p: Double = 2) -> Tensor {
    let difference = self - other
    return difference.norm(order: p, Array(difference.shape.indices)).named("DistBackward0")
  }

  /// The median of the elements that are not NaN, the lower one of two; NaN if there is none. Equivalent to
  /// `torch.nanmedian`. Elements equal to it share the gradient.
  public final func nanmedian() -> Tensor {
    requireNoComplex("nanmedian")
    guard dtype.isFloatingPoint, elementCount > 0 else { return median() }
    let shape = shape
    let result = noGrad { flattened().nanmedian(0).values }
    return .record("nanmedian", [self], result.array) { output in
      let saved = self.saved
      return [
        { grad in
          let (x, y) = (saved().detached(), output().detached())
          let isIt = (x .== y) .| (x.isNaN() .& y.isNaN())
          let share = grad / isIt.sum().to(grad.dtype)
          return Tensor.spread(share, over: shape, nil, false).kept(where: isIt)
        }
      ]
    }
  }

  /// The medians of the elements along a dimension that are not NaN, the lower ones of two, and their indices.
  /// Equivalent to `torch.nanmedian` with a dimension.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func nanmedian(
    _ axis: Int, keepDims: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    requireNoComplex("nanmedian")
    guard dtype.isFloatingPoint, rank > 0 else { return median(axis, keepDims: keepDims) }
    let length = shape[shape.normalizedAxis(axis, for: "nanmedian")]
    require(length > 0, "nanmedian: shape \(shape) has no element along dimension \(axis)")
    let indices: Tensor = noGrad {
      // NaN comes last in order.
      let count = (self .== self).sum([axis], keepDims: true)
      let middle = (count - 1).floorDivide(Tensor(2)).clamp(min: 0 as Int)
      return argsort(axis).gather(axis, middle)
    }
    let values = gather(axis, indices)
    guard !keepDims else { return (values.named("nanmedian"), indices) }
    return (values.squeezed([axis]).named("nanmedian"), indices.squeezed([axis]))
  }
}
