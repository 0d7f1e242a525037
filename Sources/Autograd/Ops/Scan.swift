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
          guard x.hasZero, x.rank > 0 else {
            return (grad * output()).reversedCumsum(position) / x
          }
          return grad.cumprodGradient(x, position)
        }
      ]
    }
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
  final var hasZero: Bool {
    let zero = NDArray(filling: .scalar, with: 0, dtype: dtype)
    return NDArray.compare(.equal, array, zero, for: "eq").reduced(.sum)
      .item(as: Int64.self) > 0
  }
}
