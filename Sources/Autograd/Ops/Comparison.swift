import Arrays
import CKernels
import Kernels

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence

// The dots are those of Swift's SIMD types: `==` on tensors would have to give one Bool.
extension Tensor {
  private static func compare(
    _ f: CKCompare, _ lhs: Tensor, _ rhs: Tensor, _ operation: StaticString
  ) -> Tensor {
    record(operation, [lhs, rhs], .compare(f, lhs.array, rhs.array, for: operation)) { _ in [] }
  }

  private static func compare(
    _ f: CKCompare, _ lhs: Tensor, _ rhs: Double, _ operation: StaticString
  ) -> Tensor {
    let isReal = lhs.dtype.isFloatingPoint || rhs.rounded() != rhs
    return compare(f, lhs, Tensor(isReal ? NDArray(rhs) : NDArray(Int(rhs))), operation)
  }

  /// Where elements are equal, broadcasting; of type `bool`. Equivalent to `torch.eq`.
  public static func .== (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.equal, lhs, rhs, "eq") }
  /// Where elements differ. Equivalent to `torch.ne`.
  public static func .!= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.notEqual, lhs, rhs, "ne")
  }
  /// Where elements of the left are less. Equivalent to `torch.lt`.
  public static func .< (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.less, lhs, rhs, "lt") }
  /// Where elements of the left are less or equal. Equivalent to `torch.le`.
  public static func .<= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.lessOrEqual, lhs, rhs, "le")
  }
  /// Where elements of the left are greater. Equivalent to `torch.gt`.
  public static func .> (lhs: Tensor, rhs: Tensor) -> Tensor { compare(.greater, lhs, rhs, "gt") }
  /// Where elements of the left are greater or equal. Equivalent to `torch.ge`.
  public static func .>= (lhs: Tensor, rhs: Tensor) -> Tensor {
    compare(.greaterOrEqual, lhs, rhs, "ge")
  }

  /// Where elements equal a number. Equivalent to `torch.eq`.
  public static func .== (lhs: Tensor, rhs: Double) -> Tensor { compare(.equal, lhs, rhs, "eq") }
  /// Where elements differ from a number. Equivalent to `torch.ne`.
  public static func .!= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.notEqual, lhs, rhs, "ne")
  }
  /// Where elements are less than a number. Equivalent to `torch.lt`.
  public static func .< (lhs: Tensor, rhs: Double) -> Tensor { compare(.less, lhs, rhs, "lt") }
  /// Where elements are less than a number or equal to it. Equivalent to `torch.le`.
  public static func .<= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.lessOrEqual, lhs, rhs, "le")
  }
  /// Where elements are greater than a number. Equivalent to `torch.gt`.
  public static func .> (lhs: Tensor, rhs: Double) -> Tensor { compare(.greater, lhs, rhs, "gt") }
  /// Where elements are greater than a number or equal to it. Equivalent to `torch.ge`.
  public static func .>= (lhs: Tensor, rhs: Double) -> Tensor {
    compare(.greaterOrEqual, lhs, rhs, "ge")
  }

  /// Elements of `x` where `condition` is true, of `y` where it is false, broadcasting.
  ///
  /// Equivalent to `torch.where`.
  public static func `where`(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
    // The mask is not an input for the graph, but where it is tells where the result is.
    record("where", [condition, x, y], .select(condition.array, x.array, y.array)) { _ in
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
  public final func maskedFill(_ mask: Tensor, _ value: Double) -> Tensor {
    .where(mask, Tensor(NDArray(filling: .scalar, with: value, dtype: dtype)), self)
  }
}
