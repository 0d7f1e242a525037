import Arrays
import Files
import Kernels

extension Tensor {
  /// Whether both elements are not zero, with broadcasting. Equivalent to `torch.logical_and`, of elements of
  /// any type.
  ///
  /// - Parameter other: The other tensor.
  /// - Returns: A tensor of `bool`.
  public final func logicalAnd(_ other: Tensor) -> Tensor { truth .& other.truth }

  /// Whether at least one element is not zero, with broadcasting. Equivalent to `torch.logical_or`, of
  /// elements of any type.
  ///
  /// - Parameter other: The other tensor.
  /// - Returns: A tensor of `bool`.
  public final func logicalOr(_ other: Tensor) -> Tensor { truth .| other.truth }

  /// Whether exactly one element is not zero, with broadcasting. Equivalent to `torch.logical_xor`, of
  /// elements of any type.
  ///
  /// - Parameter other: The other tensor.
  /// - Returns: A tensor of `bool`.
  public final func logicalXor(_ other: Tensor) -> Tensor { truth .^ other.truth }

  /// Whether elements are zero. Equivalent to `torch.logical_not`, of elements of any type.
  ///
  /// - Returns: A tensor of `bool`.
  public final func logicalNot() -> Tensor { .!truth }

  /// Whether elements are not zero.
  private final var truth: Tensor { dtype == .bool ? self : self .!= 0 }

  /// The bits that are set in both integers, with broadcasting. Equivalent to `torch.bitwise_and`; of booleans
  /// it is ``logicalAnd(_:)``.
  ///
  /// - Parameter other: The other tensor.
  /// - Precondition: The elements are integers or booleans.
  public final func bitwiseAnd(_ other: Tensor) -> Tensor {
    bits("bitwiseAnd", other) { $0 & $1 }
  }

  /// The bits that are set in at least one of two integers, with broadcasting. Equivalent to
  /// `torch.bitwise_or`; of booleans it is ``logicalOr(_:)``.
  ///
  /// - Parameter other: The other tensor.
  /// - Precondition: The elements are integers or booleans.
  public final func bitwiseOr(_ other: Tensor) -> Tensor {
    bits("bitwiseOr", other) { $0 | $1 }
  }

  /// The bits that are set in exactly one of two integers, with broadcasting. Equivalent to
  /// `torch.bitwise_xor`; of booleans it is ``logicalXor(_:)``.
  ///
  /// - Parameter other: The other tensor.
  /// - Precondition: The elements are integers or booleans.
  public final func bitwiseXor(_ other: Tensor) -> Tensor {
    bits("bitwiseXor", other) { $0 ^ $1 }
  }

  /// The bits that are not set. Equivalent to `torch.bitwise_not`; of booleans it is ``logicalNot()``.
  ///
  /// - Precondition: The elements are integers or booleans.
  public final func bitwiseNot() -> Tensor {
    guard dtype != .bool else { return .!self }
    return bits("bitwiseNot", self) { first, _ in ~first }
  }

  /// Integers shifted towards higher bits, with broadcasting. Equivalent to `torch.bitwise_left_shift`: where
  /// the distance is negative or not less than the number of bits, nothing is left.
  ///
  /// - Parameter other: The distances.
  /// - Precondition: The elements are integers.
  public final func bitwiseLeftShift(_ other: Tensor) -> Tensor {
    let width = shiftWidth("bitwiseLeftShift", other)
    return bits("bitwiseLeftShift", other) { number, distance in
      (0..<width).contains(distance) ? number << distance : 0
    }
  }

  /// Integers shifted towards lower bits, with their sign, with broadcasting. Equivalent to
  /// `torch.bitwise_right_shift`: where the distance is negative or not less than the number of bits, only the
  /// sign is left.
  ///
  /// - Parameter other: The distances.
  /// - Precondition: The elements are integers.
  public final func bitwiseRightShift(_ other: Tensor) -> Tensor {
    let width = shiftWidth("bitwiseRightShift", other)
    return bits("bitwiseRightShift", other) { number, distance in
      (0..<width).contains(distance) ? number >> distance : number < 0 ? -1 : 0
    }
  }

  private final func shiftWidth(_ operation: StaticString, _ other: Tensor) -> Int64 {
    let common = DType.ofOperation(array, other.array)
    require(
      common != .bool && common != .uint64,
      "\(operation): it is not there for tensors of \(common), such as these of shapes \(shape) and "
        + "\(other.shape)")
    return Int64(common.itemSize * 8)
  }

  private final func bits(
    _ operation: StaticString, _ other: Tensor, _ function: (Int64, Int64) -> Int64
  ) -> Tensor {
    require(
      dtype.isIntegral && other.dtype.isIntegral,
      "\(operation): it is not there for tensors of \(dtype) and \(other.dtype), such as these of shapes "
        + "\(shape) and \(other.shape): it takes integers and booleans")
    // In the common type, lest a byte's sign is that of a wider number.
    let common = DType.ofOperation(array, other.array)
    return to(common).pointwise(operation, integers: other.to(common), function)
  }
}
