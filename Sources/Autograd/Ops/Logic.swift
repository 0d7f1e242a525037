import Arrays
import Files
import Kernels

// The operators are those of Swift's SIMD masks.
extension Tensor {
  /// Where both are true, broadcasting. Equivalent to `torch.logical_and` of booleans.
  public static func .& (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalAnd", lhs, rhs) { .select($0, $1, NDArray(false)) }
  }

  /// Where at least one is true, broadcasting. Equivalent to `torch.logical_or` of booleans.
  public static func .| (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalOr", lhs, rhs) { .select($0, NDArray(true), $1) }
  }

  /// Where one is true and the other is not, broadcasting. Equivalent to `torch.logical_xor` of
  /// booleans.
  public static func .^ (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalXor", lhs, rhs) { .compare(.notEqual, $0, $1, for: "logicalXor") }
  }

  /// Where it is not true. Equivalent to `torch.logical_not` of booleans.
  public static prefix func .! (x: Tensor) -> Tensor {
    logic("logicalNot", x, x) { x, _ in .select(x, NDArray(false), NDArray(true)) }
  }

  private static func logic(
    _ operation: StaticString, _ lhs: Tensor, _ rhs: Tensor,
    _ function: (NDArray, NDArray) -> NDArray
  ) -> Tensor {
    require(
      lhs.dtype == .bool && rhs.dtype == .bool,
      "\(operation): \(lhs.dtype) of shape \(lhs.shape) and \(rhs.dtype) of shape \(rhs.shape) must "
        + "be bool: compare them, as with .!= 0")
    return record(operation, [lhs, rhs], function(lhs.array, rhs.array)) { _ in [] }
  }

  /// Whether any element is not zero, over some dimensions, or all. Equivalent to `torch.any`.
  public final func any(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    countNonzero(axes, keepDims: keepDims) .> 0
  }

  /// Whether no element is zero, over some dimensions, or all. Equivalent to `torch.all`.
  public final func all(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    (self .== 0).countNonzero(axes, keepDims: keepDims) .== 0
  }

  /// How many elements are not zero, over some dimensions, or all; of type `int64`. Equivalent to
  /// `torch.count_nonzero`.
  public final func countNonzero(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    (self .!= 0).sum(axes, keepDims: keepDims)
  }

  /// Where elements are not numbers. Equivalent to `torch.isnan`.
  public final func isNaN() -> Tensor { self .!= self }

  /// Where elements are infinite. Equivalent to `torch.isinf`.
  public final func isInfinite() -> Tensor { .!isFinite() .& (self .== self) }

  /// Where elements are numbers and not infinite. Equivalent to `torch.isfinite`.
  public final func isFinite() -> Tensor {
    guard dtype.isFloatingPoint else { return self .== self }
    return self * 0 .== 0
  }

  /// Whether all elements are close to those of another tensor: |x − y| ≤ `absolute` + `relative` ·
  /// |y|, broadcasting. Equivalent to `torch.allclose`.
  ///
  /// - Parameter equalNaN: Whether what is not a number equals its like.
  public final func isClose(
    to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
  ) -> Bool {
    noGrad {
      let isNear = (self - other).abs() .<= other.abs() * relative + absolute
      // An infinite bound would let every number pass.
      var isClose = (self .== other) .| (isNear .& other.isFinite())
      if equalNaN { isClose = isClose .| (isNaN() .& other.isNaN()) }
      return isClose.all().item(as: Bool.self)
    }
  }
}
