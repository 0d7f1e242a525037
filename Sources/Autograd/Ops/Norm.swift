import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// The square root of the sum of squares over some dimensions, or all. Equivalent to
  /// `torch.linalg.vector_norm`.
  ///
  /// The gradient of a norm of zero is zero.
  public final func norm(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let shape = shape
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

  /// The norm of an order over some dimensions, or all: (Σ |x|^order)^(1 / order), the greatest or
  /// least magnitude for ±∞, and for 0 how many are not zero. Equivalent to
  /// `torch.linalg.vector_norm`.
  ///
  /// The gradient of a norm of zero is zero.
  public final func norm(
    order: Double, _ axes: [Int]? = nil, keepDims: Bool = false
  ) -> Tensor {
    require(!dtype.isIntegral, "norm: a tensor of \(dtype) must be converted to a float first")
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
  ///   - order: As for ``norm(order:_:keepDims:)``.
  ///   - eps: What is added to each difference.
  public final func pairwiseDistance(
    _ other: Tensor, order: Double = 2, eps: Double = 1e-6, keepDims: Bool = false
  ) -> Tensor {
    (self - other + eps).norm(order: order, [-1], keepDims: keepDims)
  }
}
