import Arrays
import CKernels
import Files

extension DType {
  /// The type of the result of an operation on arrays of these types, as `torch.promote_types`.
  package func promoted(with other: DType) -> DType {
    if self == other { return self }
    if category != other.category {
      let (lower, higher) = category < other.category ? (self, other) : (other, self)
      // Of a real and a complex type the result is complex with the wider parts.
      if higher.isComplex, lower == .float64 { return .complex128 }
      return higher
    }
    switch category {
    case 1:
      if kind == other.kind { return itemSize > other.itemSize ? self : other }
      let (signed, unsigned) = kind == .signedInteger ? (self, other) : (other, self)
      if signed.itemSize > unsigned.itemSize { return signed }
      switch unsigned.itemSize {
      case 1: return .int16
      case 2: return .int32
      default: return .int64
      }
    case 2 where itemSize == other.itemSize: return .float32
    default: return itemSize > other.itemSize ? self : other
    }
  }

  /// Boolean, integer, floating-point, complex: a higher one always wins.
  private var category: Int {
    switch kind {
    case .boolean: 0
    case .signedInteger, .unsignedInteger: 1
    case .floatingPoint: 2
    case .complex: 3
    }
  }

  /// The type of an operation on two arrays, where an array without dimensions counts less than
  /// one with, unless it is of a higher kind; as in PyTorch.
  package static func ofOperation(_ x: NDArray, _ y: NDArray) -> DType {
    if x.dtype == y.dtype { return x.dtype }
    if x.rank > 0, y.rank == 0, y.dtype.category <= x.dtype.category { return x.dtype }
    if y.rank > 0, x.rank == 0, x.dtype.category <= y.dtype.category { return y.dtype }
    return x.dtype.promoted(with: y.dtype)
  }

  /// The type that loops compute in for arrays of this type: `float32`, `float64` or `int64`.
  ///
  /// - Precondition: The type is not complex.
  package var computeType: DType {
    switch kind {
    case .boolean, .signedInteger, .unsignedInteger: return .int64
    case .floatingPoint: return self == .float64 ? .float64 : .float32
    case .complex:
      trap("arithmetic on \(self) is not supported: complex arrays are data only")
    }
  }

  /// The loops for this type.
  ///
  /// - Precondition: It is a type that loops compute in.
  package var loops: CKType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int64: .int64
    default: trap("there are no loops for \(self)")
    }
  }

  /// This type, or `float32` for integers: the type of the result of a function of real numbers.
  package var realResult: DType { isIntegral ? .float32 : self }
}

extension NDArray {
  /// This array as another type.
  ///
  /// - Precondition: There is a conversion, which only packed 4-bit floats lack.
  package func cast(to target: DType) -> NDArray {
    if target == dtype { return self }
    do {
      return try converted(to: target)
    } catch {
      trap("\(error)")
    }
  }

  /// Calls `body` with the address of the first element, keeping the array alive.
  @inline(__always)
  func withPointer<R>(_ body: (UnsafeRawPointer) -> R) -> R {
    withExtendedLifetime(storage) { body(pointer) }
  }
}

/// Calls `body` with the addresses of the first elements, keeping the arrays alive.
@inline(__always)
func withPointers<R>(
  _ x: NDArray, _ y: NDArray, _ body: (UnsafeRawPointer, UnsafeRawPointer) -> R
) -> R {
  withExtendedLifetime((x.storage, y.storage)) { body(x.pointer, y.pointer) }
}
