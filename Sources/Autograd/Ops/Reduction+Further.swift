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

  /// A quantile of the elements that are not NaN, with linear interpolation between elements; NaN if there is
  /// none. Equivalent to `torch.nanquantile`.
  ///
  /// - Parameters:
  ///   - q: The quantile, in 0...1; anything else traps.
  ///   - axis: The dimension to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The tensor is of `float32` or `float64`, and has elements to reduce.
  public final func nanquantile(_ q: Double, _ axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).nanquantile(q, axis, keepDims: keepDims)
    }) {
      return result
    }
    guard let axis else {
      let result = flattened().nanquantile(q, 0)
      return keepDims ? result.reshaped(Shape(shape.map { _ in 1 })) : result
    }
    require(
      dtype == .float32 || dtype == .float64,
      "nanquantile: input tensor of shape \(shape) must be either float or double dtype, not \(dtype)"
    )
    require(
      (0...1).contains(q), "nanquantile: \(q) must be in the range 0 to 1 for shape \(shape)")
    guard rank > 0 else { return reshaped([1]).nanquantile(q, 0) }
    let length = shape[shape.normalizedAxis(axis, for: "nanquantile")]
    require(length > 0, "nanquantile: shape \(shape) has no element along dimension \(axis)")
    let place = noGrad {
      ((self .== self).sum([axis], keepDims: true).to(dtype) - 1).clamp(min: 0.0)
        * Tensor(NDArray(filling: .scalar, with: q, dtype: dtype))
    }
    let order = sorted(axis).values
    let low = order.gather(axis, place.floor().to(.int64))
    let high = order.gather(axis, place.ceil().to(.int64))
    let result = low.lerp(high, place - place.floor())
    return keepDims ? result : result.squeezed([axis])
  }
}
