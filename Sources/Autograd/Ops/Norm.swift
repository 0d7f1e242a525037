import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// The Euclidean norm: the square root of the sum of squares. Equivalent to
  /// `torch.linalg.vector_norm`.
  ///
  /// The gradient of a norm of zero is zero. Squares that leave the range of `float32` are added up in
  /// `float64`; PyTorch's loop along contiguous rows gives infinity there.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func norm(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let shape = shape
    requireAxes(axes, "norm")
    if let result = widened({ $0.norm(axes, keepDims: keepDims) }) { return result }
    let squares = array.unary(.square).reduced(.sum, axes: axes, keepDims: keepDims)
    if let result = beyondSquares(Tensor(squares), { $0.norm(axes, keepDims: keepDims) }) {
      return result
    }
    return .record("norm", [self], squares.unary(.sqrt)) { output in
      let x = self.saved
      return [
        { grad in
          let y = Tensor.spread(output(), over: shape, axes, keepDims)
          return .spread(grad, over: shape, axes, keepDims) * (x() / y).maskedFill(y .== 0, 0)
        }
      ]
    }
  }

  /// The norm of a given order, (Σ |x|^order)^(1 / order). Equivalent to
  /// `torch.linalg.vector_norm`.
  ///
  /// The gradient of a norm of zero is zero.
  ///
  /// - Parameters:
  ///   - order: The order. `.infinity` gives the maximum magnitude, `-.infinity` the minimum, and 0
  ///     the number of elements that are not zero.
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  /// - Precondition: The type is not an integer.
  public final func norm(
    order: Double, _ axes: [Int]? = nil, keepDims: Bool = false
  ) -> Tensor {
    require(!dtype.isIntegral, "norm: a tensor of \(dtype) must be converted to a float first")
    requireAxes(axes, "norm")
    switch order {
    case .infinity, -.infinity: return extremeNorm(order, axes, keepDims)
    case 0:
      let count = noGrad { countNonzero(axes, keepDims: keepDims).to(dtype) }
      let own = zeros
      return .record("norm", [self], count.array) { _ in [{ _ in own }] }
    case 1: return abs().sum(axes, keepDims: keepDims)
    case 2: return norm(axes, keepDims: keepDims)
    default: break
    }
    if let result = widened({ $0.norm(order: order, axes, keepDims: keepDims) }) { return result }
    let magnitudes = noGrad { abs() }
    let sum = magnitudes.array.unary(.power, order).reduced(.sum, axes: axes, keepDims: keepDims)
    return .record("norm", [self], sum.unary(.power, 1 / order)) { output in
      let x = self.saved
      let shape = self.shape
      return [
        { grad in
          let x = x()
          let y = Tensor.spread(output(), over: shape, axes, keepDims)
          let grad = Tensor.spread(grad, over: shape, axes, keepDims)
          // PyTorch's forms, by the order: what is nothing times infinity differs among them.
          if order < 1 {
            let scaled = x.sign() * x.abs().pow(order - 1).maskedFill(x.detached() .== 0, 0)
            return scaled * grad * y.pow(1 - order)
          }
          let isFlat = y.detached() .== 0
          let scale = (grad / y.pow(order - 1)).maskedFill(isFlat, 0)
          return scale
            * (order < 2 ? x.sign() * x.abs().pow(order - 1) : x * x.abs().pow(order - 2))
        }
      ]
    }
  }

  /// The greatest magnitude, or the least. Equal ones share the gradient.
  private final func extremeNorm(_ order: Double, _ axes: [Int]?, _ keepDims: Bool) -> Tensor {
    let result = noGrad {
      order > 0 ? abs().max(axes, keepDims: keepDims) : abs().min(axes, keepDims: keepDims)
    }
    let shape = shape
    return .record("norm", [self], result.array) { output in
      let x = self.saved
      return [
        { grad in
          let y = Tensor.spread(output().detached(), over: shape, axes, keepDims)
          let isIt = ((x().detached().abs() .== y) .| x().detached().isNaN()).to(grad.dtype)
          let shares = isIt / isIt.sum(axes, keepDims: true)
          return x().sign() * (.spread(grad, over: shape, axes, keepDims) * shares)
        }
      ]
    }
  }

  /// The norm of the difference of vectors along the last dimension. Equivalent to
  /// `torch.nn.functional.pairwise_distance`.
  ///
  /// - Parameters:
  ///   - other: The other vectors, which broadcast.
  ///   - order: The order of the norm, as for ``norm(order:_:keepDims:)``.
  ///   - eps: Added to each difference, as in PyTorch.
  ///   - keepDims: Whether the last dimension is kept, with length one.
  public final func pairwiseDistance(
    _ other: Tensor, order: Double = 2, eps: Double = 1e-6, keepDims: Bool = false
  ) -> Tensor {
    (self - other + eps).norm(order: order, [-1], keepDims: keepDims)
  }
}
