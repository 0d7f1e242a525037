import Arrays
import Files
import Kernels

// The operators are those of Swift's SIMD masks.
extension Tensor {
  /// Whether both are true, elementwise, with broadcasting. Equivalent to `torch.logical_and` of
  /// booleans.
  ///
  /// Here and in the other logical operators, operands of another type trap: compare them first, as
  /// with `.!= 0`.
  public static func .& (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalAnd", lhs, rhs) { .select($0, $1, NDArray(false)) }
  }

  /// Whether at least one is true, elementwise, with broadcasting. Equivalent to `torch.logical_or`
  /// of booleans.
  public static func .| (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalOr", lhs, rhs) { .select($0, NDArray(true), $1) }
  }

  /// Whether exactly one is true, elementwise, with broadcasting. Equivalent to `torch.logical_xor`
  /// of booleans.
  public static func .^ (lhs: Tensor, rhs: Tensor) -> Tensor {
    logic("logicalXor", lhs, rhs) { .compare(.notEqual, $0, $1, for: "logicalXor") }
  }

  /// Whether elements are false. Equivalent to `torch.logical_not` of booleans.
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

  /// Whether any element is not zero. Equivalent to `torch.any`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func any(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireAxes(axes, "any")
    return (countNonzero(axes, keepDims: keepDims) .> 0).to(dtype == .uint8 ? .uint8 : .bool)
  }

  /// Whether all elements are not zero. Equivalent to `torch.all`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func all(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireAxes(axes, "all")
    return ((self .== 0).countNonzero(axes, keepDims: keepDims) .== 0)
      .to(dtype == .uint8 ? .uint8 : .bool)
  }

  /// The number of elements that are not zero, as `int64`. Equivalent to `torch.count_nonzero`.
  ///
  /// - Parameters:
  ///   - axes: The dimensions to reduce; all if nil.
  ///   - keepDims: Whether reduced dimensions are kept, with length one.
  public final func countNonzero(_ axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireAxes(axes, "countNonzero")
    return (self .!= 0).sum(axes, keepDims: keepDims)
  }

  /// Whether elements are NaN. Equivalent to `torch.isnan`.
  public final func isNaN() -> Tensor { self .!= self }

  /// Whether elements are infinite. Equivalent to `torch.isinf`.
  public final func isInfinite() -> Tensor { .!isFinite() .& (self .== self) }

  /// Whether elements are neither NaN nor infinite. Equivalent to `torch.isfinite`.
  public final func isFinite() -> Tensor {
    guard dtype.isFloatingPoint else { return self .== self }
    return self * 0 .== 0
  }

  /// Whether all elements are close to those of another tensor, with broadcasting. Equivalent to
  /// `torch.allclose`.
  ///
  /// Elements are close if |x − y| ≤ `absolute` + `relative` · |y|.
  ///
  /// - Parameters:
  ///   - other: The tensor of y.
  ///   - relative: The relative tolerance, PyTorch's `rtol`.
  ///   - absolute: The absolute tolerance, PyTorch's `atol`.
  ///   - equalNaN: Whether NaN is close to NaN.
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
