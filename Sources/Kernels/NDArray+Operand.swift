import Arrays
import Files

// The door of the kernels. Their loops get addresses, a type and lengths, and believe them: what an
// array is, is asked here, before its memory is touched, and in optimised programs too. Each
// question takes a few comparisons, whatever the number of elements.
extension NDArray {
  /// This operand, if it has the type and the shape that a kernel is going to read; otherwise the
  /// program ends with a sentence.
  ///
  /// - Parameters:
  ///   - role: What the operand is for the operation.
  ///   - dtype: The type that the loops are of.
  ///   - shape: The shape that they walk.
  ///   - operation: The operation that the sentence names.
  @inline(__always)
  func operand(
    _ role: StaticString, _ dtype: DType, _ shape: Shape, for operation: StaticString
  ) -> NDArray {
    require(
      self.dtype == dtype && self.shape == shape,
      "\(operation): \(role) is \(self.dtype) of shape \(self.shape), but must be \(dtype) of shape "
        + "\(shape)")
    return self
  }

  /// This operand in row-major order, if it is right.
  @inline(__always)
  func rows(
    _ role: StaticString, _ dtype: DType, _ shape: Shape, for operation: StaticString
  ) -> NDArray {
    operand(role, dtype, shape, for: operation).contiguous()
  }

  /// These indices, if loops can read them as they lie. That each is in range has been checked by
  /// ``checkedIndices(_:countsFromEnd:for:)``.
  @inline(__always)
  func indexOperand(_ shape: Shape, for operation: StaticString) -> NDArray {
    operand("an array of indices", .int64, shape, for: operation).contiguous()
  }
}
