import Arrays
import Kernels

extension Tensor {
  /// The running sums along a dimension. Equivalent to `torch.cumsum`.
  ///
  /// Integers and booleans are summed as `int64`.
  ///
  /// - Parameter axis: The dimension.
  public final func cumsum(_ axis: Int) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "cumsum")
    let x = dtype.isIntegral ? to(.int64) : self
    return .record("cumsum", [x], x.array.scanned(axis: position, product: false)) { _ in
      [{ $0.reversedCumsum(position) }]
    }
  }

  /// The sums of all elements from each one to the end of a dimension.
  private final func reversedCumsum(_ axis: Int) -> Tensor {
    flipped([axis]).cumsum(axis).flipped([axis])
  }

  /// The running products along a dimension. Equivalent to `torch.cumprod`.
  ///
  /// Integers and booleans are multiplied as `int64`.
  ///
  /// - Parameter axis: The dimension.
  public final func cumprod(_ axis: Int) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "cumprod")
    let x = dtype.isIntegral ? to(.int64) : self
    return .record("cumprod", [x], x.array.scanned(axis: position, product: true)) { output in
      let saved = x.saved
      return [
        { grad in
          let x = saved()
          guard x.elementCount > 1, x.shape[position] != 1 else { return grad }
          guard x.hasZero else { return (grad * output()).reversedCumsum(position) / x }
          return GradMode.isEnabled
            ? grad.cumprodGradient(x, position) : grad.cumprodSlopes(x, output(), position)
        }
      ]
    }
  }

  /// The gradient of ``cumprod(_:)`` in linear time, which cannot be differentiated again: before the first
  /// zero of each row that of the products up to it, at it the sum of the others times those that follow,
  /// and nothing beyond it, as in PyTorch.
  private final func cumprodSlopes(_ x: Tensor, _ output: Tensor, _ axis: Int) -> Tensor {
    let zeros = (x .== 0).cumsum(axis)
    let isBefore = zeros .== 0
    let before = (output * self).kept(where: isBefore).reversedCumsum(axis) / x
    // From the first zero to the next.
    let isBetween = zeros .== 1
    let first = isBetween.to(.int64).argmax(axis, keepDims: true)
    let isFirst = Tensor.zeros(x.shape, dtype: .int64).scatterAdded(
      axis, first, Tensor.ones(first.shape, dtype: .int64))
    let isIt = (isFirst .> 0) .& isBetween
    let one = Tensor.ones([], dtype: x.dtype)
    let following = Tensor.where(isBetween .& .!isIt, x, one).cumprod(axis)
    let sum = (following * kept(where: isBetween)).sum([axis], keepDims: true)
    let preceding = Tensor.where(
      first .== 0, one, output.gather(axis, (first - 1).clamp(min: 0 as Int)))
    return Tensor.where(isBefore, before, (sum * preceding).expanded(x.shape).kept(where: isIt))
  }

  /// The gradient of ``cumprod(_:)``, without dividing by elements that are zero: for each element, the products
  /// without it, each times its gradient.
  ///
  /// They are formed place by place as PyTorch does, so that what is infinite or NaN meets only what follows
  /// it, in the gradient's own gradient too. Time and space grow with the square of the length.
  private final func cumprodGradient(_ x: Tensor, _ axis: Int) -> Tensor {
    let length = x.shape[axis]
    let parts = (0..<length).map { place in
      let following = sliced(axis, place..<length)
      // The factor that all products from here on have, but for the element itself.
      let before =
        place == 0
        ? Tensor.ones(following.sliced(axis, 0..<1).shape, dtype: x.dtype)
        : x.sliced(axis, 0..<place).product([axis], keepDims: true)
      guard place + 1 < length else { return following * before }
      let after = x.sliced(axis, place + 1..<length).cumprod(axis)
      let products = Tensor.concatenated([before, place == 0 ? after : before * after], axis: axis)
      return (following * products).sum([axis], keepDims: true)
    }
    return Tensor.concatenated(parts, axis: axis)
  }

  /// For each element of the last dimension the product of all others.
  final func productsOfOthers() -> Tensor {
    func before(_ x: Tensor) -> Tensor {
      let last = x.shape[x.rank - 1] - 1
      return
        (x.sliced(-1, 0..<last).padded(-1, before: 1, after: 0)
        + Tensor([1.0] + [Double](repeating: 0, count: last)).to(x.dtype)).cumprod(-1)
    }
    return before(self) * before(flipped([-1])).flipped([-1])
  }

  /// Whether an element is zero, which decides how a gradient of products is computed.
  final var hasZero: Bool { zeroCount > 0 }

  /// How many elements are zero.
  final var zeroCount: Int64 {
    let zero = NDArray(filling: .scalar, with: 0, dtype: dtype)
    return NDArray.compare(.equal, array, zero, for: "eq").reduced(.sum).item(as: Int64.self)
  }
}
