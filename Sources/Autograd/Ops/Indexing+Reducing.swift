import Arrays
import Files
import Kernels

/// How elements that go to one place are combined: the `reduce` of `torch.scatter_reduce`.
public enum ScatterReduction: String, Sendable, CaseIterable {
  /// Their sum.
  case sum
  /// Their product.
  case prod
  /// Their mean; of integers rounded down.
  case mean
  /// The greatest of them.
  case amax
  /// The least of them.
  case amin
}

extension ScatterReduction {
  /// Of real numbers; NaN remains.
  fileprivate var ofReals: (Double, Double) -> Double {
    switch self {
    case .sum, .mean: { $0 + $1 }
    case .prod: { $0 * $1 }
    case .amax: { $0.isNaN || $0 > $1 ? $0 : $1 }
    case .amin: { $0.isNaN || $0 < $1 ? $0 : $1 }
    }
  }

  /// Of integers, which wrap around.
  fileprivate var ofIntegers: (Int64, Int64) -> Int64 {
    switch self {
    case .sum, .mean: { $0 &+ $1 }
    case .prod: { $0 &* $1 }
    case .amax: { Swift.max($0, $1) }
    case .amin: { Swift.min($0, $1) }
    }
  }
}

extension Tensor {
  /// This tensor with elements of another combined with those at indices along a dimension. Equivalent to
  /// `torch.scatter_reduce`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Integers, not negative. Along no dimension longer than `source`, nor, apart from `dim`, than
  ///     this tensor.
  ///   - source: The elements, of this tensor's type.
  ///   - reduce: How they are combined.
  ///   - includeSelf: Whether this tensor's elements take part where others go.
  /// - Precondition: The shapes fit, and every index exists.
  public final func scatterReduce(
    _ dim: Int, _ index: Tensor, _ source: Tensor, reduce: ScatterReduction,
    includeSelf: Bool = true
  ) -> Tensor {
    requireNoComplex("scatterReduce")
    let places = scatterPlaces(dim, index, source, "scatterReduce")
    let (axis, own) = (places.axis, Tensor(places.indices))
    let part = source.cropped(to: index.shape)
    let result =
      dtype.isFloatingPoint
      ? array.scatterReduced(
        part.array, places, reduce, includeSelf, reduce.ofReals, { $0 / Double($1) })
      : array.scatterReduced(
        part.array, places, reduce, includeSelf, reduce.ofIntegers,
        // Rounded down.
        { $0 / Int64($1) - ($0 % Int64($1) < 0 ? 1 : 0) })
    return .recordJointly("scatterReduce", [self, part], result) { output in
      let (x, y) = (self.saved, part.saved)
      return { grad, _ in
        let slopes = Self.reductionSlopes(
          grad, x(), y(), output(), axis, own, reduce, includeSelf)
        return [includeSelf ? slopes.0 : slopes.0.scattered(axis, own, 0), slopes.1]
      }
    }
  }

  /// PyTorch's gradients of both operands, for each kind of reduction.
  private static func reductionSlopes(
    _ grad: Tensor, _ x: Tensor, _ y: Tensor, _ result: Tensor, _ axis: Int, _ index: Tensor,
    _ reduce: ScatterReduction, _ includeSelf: Bool
  ) -> (Tensor, Tensor) {
    func picked(_ tensor: Tensor) -> Tensor { tensor.gather(axis, index) }
    switch reduce {
    case .sum: return (grad, picked(grad))
    case .mean:
      let ones = Tensor.ones(like: y.detached())
      let start = includeSelf ? Tensor.ones(like: grad.detached()) : grad.detached().zeros
      let count = start.scatterAdded(axis, index, ones)
      let divisor = count.maskedFill(count .== 0, 1)
      return (grad / divisor, picked(grad) / picked(divisor))
    case .amax, .amin:
      let isOwn = (x .== result).to(x.dtype)
      let isOther = (y .== picked(result)).to(y.dtype)
      let share = grad / isOwn.scatterAdded(axis, index, isOther)
      return (isOwn * share, isOther * picked(share))
    case .prod:
      let full = x.maskedFill(x .== 0, 1)
      let own =
        grad * full.scatterReduce(axis, index, y, reduce: .prod, includeSelf: includeSelf) / full
      let isZero = y .== 0
      let zeros = picked(
        y.detached().zeros.matching(x).scatterAdded(axis, index, isZero.to(y.dtype)))
      let isOnlyZero = (zeros .== 1) .& isZero
      let others = x.scatterReduce(
        axis, index, y.maskedFill(isOnlyZero, 1), reduce: .prod, includeSelf: includeSelf)
      let slope = Tensor.where(
        isOnlyZero, picked(grad * others), picked(grad * result) / y.maskedFill(isZero, 1))
      return (own, slope)
    }
  }

  /// Zeros of this type in another tensor's shape.
  private final func matching(_ other: Tensor) -> Tensor { Tensor.zeros(other.shape, dtype: dtype) }
}

extension NDArray {
  fileprivate func scatterReduced<T: NDArrayElement>(
    _ source: NDArray, _ places: (axis: Int, indices: NDArray), _ reduce: ScatterReduction,
    _ includeSelf: Bool, _ combine: (T, T) -> T, _ divide: (T, Int) -> T
  ) -> NDArray {
    var elements = cast(to: T.dtype).elements(as: T.self)
    let others = source.cast(to: T.dtype).elements(as: T.self)
    let indices = places.indices.elements(as: Int64.self)
    var counts = [Int](repeating: includeSelf ? 1 : 0, count: elements.count)
    let (outer, own) = (Layout(source.shape).strides, Layout(shape).strides)
    for place in others.indices {
      var target = 0
      for axis in source.shape.indices {
        let coordinate = place / outer[axis] % source.shape[axis]
        target += (axis == places.axis ? Int(indices[place]) : coordinate) * own[axis]
      }
      counts[target] += 1
      let other = others[place]
      elements[target] = counts[target] > 1 ? combine(elements[target], other) : other
    }
    if reduce == .mean {
      for place in elements.indices where counts[place] > 1 {
        elements[place] = divide(elements[place], counts[place])
      }
    }
    return NDArray(elements, shape: shape).cast(to: dtype)
  }
}
