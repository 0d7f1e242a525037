import Arrays
import CKernels
import Kernels

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence

// The dots are those of Swift's SIMD types. PyTorch's operators without dots mean the same.
extension Tensor {
  private static func compare(
    _ f: CKCompare, _ lhs: Tensor, _ rhs: Tensor, _ operation: StaticString
  ) -> Tensor {
    record(operation, [lhs, rhs], .compare(f, lhs.array, rhs.array, for: operation)) { _ in [] }
  }

  private static func compare(
    _ f: CKCompare, _ lhs: Tensor, _ rhs: Double, _ operation: StaticString
  ) -> Tensor {
    // As in PyTorch, 0.1 equals what 0.1 is in the tensor's type.
    if lhs.dtype.isFloatingPoint {
      return compare(
        f, lhs, Tensor(NDArray(filling: .scalar, with: rhs, dtype: lhs.dtype)), operation)
    }
    // Whole numbers are compared exactly; of infinity, or beyond 64 bits, there is no integer.
    let whole = Int64(exactly: rhs)
    return compare(f, lhs, Tensor(whole.map { NDArray($0) } ?? NDArray(rhs)), operation)
  }

  /// Whether elements are equal, with broadcasting. Equivalent to `torch.eq`.
  ///
  /// The result is of type `bool`, and no gradient flows through it. The same holds for the other
  /// comparisons.
  public static func .== (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.equal, lhs, rhs, "eq") }
  /// Whether elements differ, with broadcasting. Equivalent to `torch.ne`.
  public static func .!= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.notEqual, lhs, rhs, "ne")
  }
  /// Whether elements on the left are smaller, with broadcasting. Equivalent to `torch.lt`.
  public static func .< (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.less, lhs, rhs, "lt") }
  /// Whether elements on the left are smaller or equal, with broadcasting. Equivalent to
  /// `torch.le`.
  public static func .<= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.lessOrEqual, lhs, rhs, "le")
  }
  /// Whether elements on the left are larger, with broadcasting. Equivalent to `torch.gt`.
  public static func .> (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.greater, lhs, rhs, "gt") }
  /// Whether elements on the left are larger or equal, with broadcasting. Equivalent to `torch.ge`.
  public static func .>= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.greaterOrEqual, lhs, rhs, "ge")
  }

  /// Whether elements equal a number. Equivalent to `torch.eq`.
  public static func .== (lhs: Tensor, rhs: Double) -> Tensor { compare(.equal, lhs, rhs, "eq") }
  /// Whether elements differ from a number. Equivalent to `torch.ne`.
  public static func .!= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.notEqual, lhs, rhs, "ne")
  }
  /// Whether elements are smaller than a number. Equivalent to `torch.lt`.
  public static func .< (lhs: Tensor, rhs: Double) -> Tensor { compare(.less, lhs, rhs, "lt") }
  /// Whether elements are smaller than a number or equal to it. Equivalent to `torch.le`.
  public static func .<= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.lessOrEqual, lhs, rhs, "le")
  }
  /// Whether elements are larger than a number. Equivalent to `torch.gt`.
  public static func .> (lhs: Tensor, rhs: Double) -> Tensor { compare(.greater, lhs, rhs, "gt") }
  /// Whether elements are larger than a number or equal to it. Equivalent to `torch.ge`.
  public static func .>= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.greaterOrEqual, lhs, rhs, "ge")
  }

  /// Elements of `x` where `condition` is true, of `y` elsewhere, with broadcasting. Equivalent to
  /// `torch.where`.
  ///
  /// - Parameters:
  ///   - condition: A mask of type `bool`.
  ///   - x: The elements where the mask is true, and the only ones that get a gradient there.
  ///   - y: The elements where the mask is false, likewise.
  public static func `where`(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
    select(condition, x, y, "where")
  }

  private static func select(
    _ condition: Tensor, _ x: Tensor, _ y: Tensor, _ operation: StaticString
  ) -> Tensor {
    // The mask is not an input for the graph, but its device decides that of the result.
    let array = NDArray.select(condition.array, x.array, y.array, for: operation)
    return record(operation, [condition, x, y], array) { _ in
      let mask = condition.array
      func share(_ isFirst: Bool) -> (Tensor) -> Tensor {
        { grad in
          let zero = Tensor(NDArray(filling: .scalar, with: 0, dtype: grad.dtype))
          let mask = Tensor(mask)
          return isFirst ? .where(mask, grad, zero) : .where(mask, zero, grad)
        }
      }
      return [{ _ in nil }, share(true), share(false)]
    }
  }

  /// This tensor with a number where `mask` is true. Equivalent to `torch.Tensor.masked_fill`.
  ///
  /// - Parameters:
  ///   - mask: A mask of type `bool`, which broadcasts.
  ///   - value: The number, converted to this tensor's type; one beyond its range traps.
  public final func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor {
    NDArray.requireFits(value, dtype, for: "maskedFill")
    let number = Tensor(NDArray(filling: .scalar, with: value, dtype: dtype))
    return Tensor.select(mask, number, self, "maskedFill")
  }
}
