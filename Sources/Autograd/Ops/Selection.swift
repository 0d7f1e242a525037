import Arrays
import Files
import Kernels

extension Tensor {
  /// The k-th smallest elements along a dimension, and their indices. Equivalent to
  /// `torch.kthvalue`, except that the first of equal elements is guaranteed to be chosen.
  ///
  /// - Parameters:
  ///   - k: The rank, 1 for the smallest; one that does not exist traps.
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func kthvalue(
    _ k: Int, _ axis: Int = -1, keepDims: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    let length = rank == 0 ? 1 : shape[shape.normalizedAxis(axis, for: "kthvalue")]
    require(
      (1...Swift.max(1, length)).contains(k) && length > 0,
      "kthvalue: selected number k \(k) out of range for dimension \(axis) of shape \(shape)")
    guard rank > 0 else { return (reshaped(.scalar), Tensor(NDArray(Int64(0)))) }
    return picked(argsort(axis).sliced(axis, k - 1..<k), axis, keepDims, "kthvalue")
  }

  /// The median of all elements, the lower one of two. Equivalent to `torch.median`.
  ///
  /// Elements equal to it share the gradient. NaN is the median of what contains it, and of nothing.
  public final func median() -> Tensor {
    guard elementCount > 0 || !dtype.isFloatingPoint else { return sum() * Double.nan }
    require(elementCount > 0, "median: shape \(shape) has no element to choose from")
    let shape = shape
    let median = noGrad { flattened().median(0).values }
    return .record("median", [self], median.array) { output in
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

  /// The medians along a dimension, the lower ones of two, and their indices. Equivalent to
  /// `torch.median` with a dimension.
  ///
  /// NaN is the median of what contains it. Of equal elements one gets the gradient, that of the index.
  ///
  /// - Parameters:
  ///   - axis: The dimension to reduce.
  ///   - keepDims: Whether it is kept, with length one.
  public final func median(
    _ axis: Int, keepDims: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    guard rank > 0 else { return kthvalue(1, axis) }
    let length = shape[shape.normalizedAxis(axis, for: "median")]
    require(length > 0, "median: shape \(shape) has no element along dimension \(axis)")
    let order = argsort(axis)
    guard dtype.isFloatingPoint else {
      let middle = (length - 1) / 2
      return picked(order.sliced(axis, middle..<middle + 1), axis, keepDims, "median")
    }
    let indices: Tensor = noGrad {
      // NaN comes last in order.
      let hasNaN = isNaN().any([axis], keepDims: true)
      let middle = Tensor.full(hasNaN.shape, (length - 1) / 2)
      return order.gather(axis, Tensor.where(hasNaN, Tensor.full(hasNaN.shape, length - 1), middle))
    }
    return picked(indices, axis, keepDims, "median")
  }

  private final func picked(
    _ indices: Tensor, _ axis: Int, _ keepDims: Bool, _ name: StaticString
  ) -> (values: Tensor, indices: Tensor) {
    indices.picked(from: self, axis, keepDims, name)
  }

  /// The elements of a tensor at these indices, and the indices, without the dimension unless kept.
  private final func picked(
    from source: Tensor, _ axis: Int, _ keepDims: Bool, _ name: StaticString
  ) -> (values: Tensor, indices: Tensor) {
    let values = source.gather(axis, self)
    guard !keepDims else { return (values.named(name), self) }
    return (values.squeezed([axis]).named(name), squeezed([axis]))
  }

  /// The different elements in ascending order. Equivalent to `torch.unique`.
  ///
  /// - Returns: (count,).
  public final func unique() -> Tensor { uniqueWithInverseAndCounts().values }

  /// The different elements in ascending order, for each element which of them it is, and how often
  /// each occurs. Equivalent to `torch.unique` with `return_inverse` and `return_counts`.
  ///
  /// - Returns: Values of shape (count,), indices of this tensor's shape, and counts of shape
  ///   (count,), the last two of `int64`.
  public final func uniqueWithInverseAndCounts() -> (
    values: Tensor, inverse: Tensor, counts: Tensor
  ) {
    requireStorage("unique")
    return noGrad {
      let flat = detached().flattened()
      guard elementCount > 0 else {
        let none = Tensor([Int]())
        return (flat.clone(), none.reshaped(shape), none)
      }
      let order = flat.argsort(0)
      let sorted = flat.gather(0, order)
      let isNew = (sorted.sliced(0, 1..<elementCount) .!= sorted.sliced(0, 0..<elementCount - 1))
        .elements(as: Bool.self)
      let starts = [0] + isNew.indices.filter { isNew[$0] }.map { $0 + 1 }
      var inverse = [Int](repeating: 0, count: elementCount)
      var group = 0
      for (place, index) in order.elements(as: Int.self).enumerated() {
        if place > 0 && isNew[place - 1] { group += 1 }
        inverse[index] = group
      }
      let counts = zip(starts, starts.dropFirst() + [elementCount]).map { $1 - $0 }
      return (
        sorted.indexSelect(0, Tensor(starts)), Tensor(inverse, shape: shape), Tensor(counts)
      )
    }
  }

  /// How often each number occurs. Equivalent to `torch.bincount`.
  ///
  /// - Parameters:
  ///   - weights: What an occurrence counts, of this tensor's shape; 1 if nil.
  ///   - minLength: The least number of counts.
  /// - Returns: (the greatest number + 1,), of `int64`, or `float64` and `float32` as the weights
  ///   are.
  /// - Precondition: The tensor is one-dimensional, of integers that are not negative.
  public final func bincount(weights: Tensor? = nil, minLength: Int = 0) -> Tensor {
    requireStorage("bincount")
    require(
      rank == 1 && dtype.isIntegral && dtype != .bool,
      "bincount only supports 1-d non-negative integral inputs, not \(dtype) of shape \(shape)")
    require(
      weights.map { $0.shape == shape } ?? true,
      "bincount: weights should be of the same shape as input, \(shape)")
    let numbers = array.cast(to: .int64).elements(as: Int.self)
    require(
      numbers.allSatisfy { $0 >= 0 },
      "bincount only supports 1-d non-negative integral inputs: shape \(shape) has a negative one")
    let count = Swift.max(minLength, (numbers.max() ?? -1) + 1)
    guard let weights else {
      var counts = [Int](repeating: 0, count: count)
      for number in numbers { counts[number] += 1 }
      return Tensor(counts)
    }
    // As in PyTorch, one after the other in the type of the result.
    func sums<T: BinaryFloatingPoint & NDArrayElement>(_ shares: [T]) -> NDArray {
      var sums = [T](repeating: 0, count: count)
      for (number, share) in zip(numbers, shares) { sums[number] += share }
      return NDArray(sums)
    }
    return Tensor(weights.dtype == .float32 ? sums([Float](weights)) : sums([Double](weights)))
  }

  /// How many elements are in each of some bins of equal width. Equivalent to `torch.histc`.
  ///
  /// As in PyTorch, the bin of an element is computed in the tensor's type, and NaN is in none.
  ///
  /// - Parameters:
  ///   - bins: The number of bins.
  ///   - min: The lower end of the first; with `max` equal to it the least element.
  ///   - max: The upper end of the last, which belongs to it; likewise.
  /// - Returns: (bins,), of this tensor's type.
  /// - Precondition: The tensor is of a floating-point type. Where its own elements give the ends, they
  ///   are finite.
  public final func histc(_ bins: Int = 100, min: Double = 0, max: Double = 0) -> Tensor {
    require(
      dtype.isFloatingPoint && bins > 0 && min <= max,
      "histc: \(bins) bins from \(min) to \(max) of \(dtype) and shape \(shape)")
    return noGrad {
      let x = detached()
      var (low, high) = (Tensor(min, dtype: dtype), Tensor(max, dtype: dtype))
      if min == max, elementCount > 0 { (low, high) = (x.min(), x.max()) }
      if Double(low) == Double(high) { (low, high) = (low - 1, high + 1) }
      let (first, last) = (Double(low), Double(high))
      require(
        first.isFinite && last.isFinite,
        "histc: range of [\(first), \(last)] is not finite for shape \(shape): name min and max")
      let places = [Double]((x - low) * Double(bins) / (high - low))
      var counts = [Int](repeating: 0, count: bins)
      for (number, place) in zip([Double](x), places) where number >= first && number <= last {
        counts[Swift.min(Int(place), bins - 1)] += 1
      }
      return Tensor(counts).to(dtype)
    }
  }

  /// Where elements would have to be put into this tensor to keep its last dimension in ascending
  /// order. Equivalent to `torch.searchsorted` with this tensor as the sorted sequence.
  ///
  /// - Parameters:
  ///   - values: The elements to put in. Unless this tensor has one dimension, all dimensions but the
  ///     last must agree.
  ///   - right: Whether an element goes after equal ones.
  /// - Returns: Indices of `int64`, of the shape of `values`.
  public final func searchsorted(_ values: Tensor, right: Bool = false) -> Tensor {
    require(
      rank > 0
        && (rank == 1 || values.shape.dimensions.dropLast() == shape.dimensions.dropLast()),
      "searchsorted: values of shape \(values.shape) do not fit a sequence of shape \(shape)")
    let places =
      dtype.isIntegral && values.dtype.isIntegral
      ? places(for: [Int](values), in: [Int](self), values.shape, right)
      : places(for: [Double](values), in: [Double](self), values.shape, right)
    return Tensor(places, shape: values.shape)
  }

  private final func places<T: Comparable>(
    for values: [T], in sequence: [T], _ target: Shape, _ right: Bool
  ) -> [Int] {
    let length = shape[-1]
    let perRow = Swift.max(1, rank == 1 ? values.count : target[-1])
    return values.enumerated().map { index, value in
      let start = index / perRow * length
      var (low, high) = (0, length)
      while low < high {
        let middle = (low + high) / 2
        let element = sequence[start + middle]
        // As in PyTorch, so that NaN comes last.
        let isBefore = right ? !(element > value) : !(element >= value)
        if isBefore { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// Each element several times. Equivalent to `torch.repeat_interleave`.
  ///
  /// - Parameters:
  ///   - count: How often; not negative.
  ///   - axis: The dimension along which elements are repeated; all elements in one dimension if nil.
  public final func repeatInterleave(_ count: Int, _ axis: Int? = nil) -> Tensor {
    guard let axis else { return flattened().repeatInterleave(count, 0) }
    require(count >= 0, "repeatInterleave: repeats must be non-negative, not \(count)")
    let length = rank == 0 ? 1 : shape[shape.normalizedAxis(axis, for: "repeatInterleave")]
    let places = (0..<length).flatMap { [Int](repeating: $0, count: count) }
    return (rank == 0 ? reshaped([1]) : self).indexSelect(axis, Tensor(places))
  }
}
