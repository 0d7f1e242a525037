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

  /// The gradient of ``cumprod(_:)``, without dividing by elements that are zero.
  ///
  /// Each result is treated as a separate product over the whole dimension, so time and space grow
  /// with the square of its length.
  private final func cumprodGradient(_ x: Tensor, _ axis: Int) -> Tensor {
    let rows = x.transposed(axis, -1).unsqueezed(-2)
    let length = x.shape[axis]
    let isPart = Tensor.arange(length).unsqueezed(1) .>= Tensor.arange(length)
    let one = Tensor.ones([], dtype: x.dtype)
    let factors = Tensor.where(isPart, rows, one)
    let slopes = factors.productsOfOthers() * isPart.to(x.dtype)
    let gradient = (transposed(axis, -1).unsqueezed(-1) * slopes).sum([-2])
    return gradient.transposed(axis, -1)
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
