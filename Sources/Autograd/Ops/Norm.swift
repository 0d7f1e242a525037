import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// The Euclidean norm: the square root of the sum of squares. Equivalent to
  /// `torch.linalg.vector_norm`.
  ///
  /// The gradient of a norm of zero is zero.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func norm(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let shape = shape
    requireAxes(axes, "norm")
    let squares = array.unary(.square).reduced(.sum, axes: axes, keepDims: keepDims)
    return .record("norm", [self], squares.unary(.sqrt)) { output in
      let x = self.saved
      return [
        { grad in
          let y = output()
          let slope = (grad / y).maskedFill(y .== 0, 0)
          return x() * .spread(slope, over: shape, axes, keepDims)
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
    case .infinity: return abs().max(axes, keepDims: keepDims)
    case -.infinity: return abs().min(axes, keepDims: keepDims)
    case 0: return countNonzero(axes, keepDims: keepDims).to(dtype)
    case 1: return abs().sum(axes, keepDims: keepDims)
    case 2: return norm(axes, keepDims: keepDims)
    default: break
    }
    let magnitudes = noGrad { abs() }
    let sum = magnitudes.array.unary(.power, order).reduced(.sum, axes: axes, keepDims: keepDims)
    return .record("norm", [self], sum.unary(.power, 1 / order)) { output in
      let x = self.saved
      let shape = self.shape
      return [
        { grad in
          let x = x()
          let y = Tensor.spread(output(), over: shape, axes, keepDims)
          // (|x| / norm)^(order − 1), with the sign of x.
          let slope = (x.abs() / y).pow(order - 1) * x.sign()
          let isFlat = (y .== 0) .| (x .== 0)
          return (.spread(grad, over: shape, axes, keepDims) * slope).maskedFill(isFlat, 0)
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
