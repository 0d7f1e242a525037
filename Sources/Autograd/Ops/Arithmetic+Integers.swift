import Arrays
import CKernels
import Files
import Kernels

// Whole numbers leave integers what they are, as in PyTorch; beside other types they are the same as
// the `Double`.
extension Tensor {
  /// The result of an operation on integers and a number, in the type of the integers, in which it
  /// wraps around; for booleans in `int64`.
  private final func integers(
    _ f: CKBinary, _ number: Int, _ name: StaticString, isReversed: Bool = false
  ) -> Tensor {
    let x = array.cast(to: .int64)
    let number = NDArray(Int64(number))
    let result = NDArray.binary(f, isReversed ? number : x, isReversed ? x : number, for: name)
    return .record(name, [self], result.cast(to: dtype == .bool ? .int64 : dtype)) { _ in
      [{ $0.zeros }]
    }
  }

  /// Traps for booleans, from which PyTorch subtracts nothing.
  final func requireNumbers(_ operation: StaticString) {
    require(
      dtype != .bool,
      "\(operation): subtraction with a bool tensor of shape \(shape) is not supported: invert a "
        + "mask with .!")
  }

  /// Adds a whole number to each element. Equivalent to `torch.add`.
  ///
  /// Integers stay what they are, and booleans become `int64`.
  public static func + (lhs: Tensor, rhs: Int) -> Tensor {
    lhs.dtype.isIntegral ? lhs.integers(.add, rhs, "add") : lhs + Double(rhs)
  }
  /// Adds a whole number to each element. Equivalent to `torch.add`.
  public static func + (lhs: Int, rhs: Tensor) -> Tensor { rhs + lhs }
  /// Subtracts a whole number from each element. Equivalent to `torch.sub`.
  public static func - (lhs: Tensor, rhs: Int) -> Tensor {
    lhs.requireNumbers("sub")
    return lhs.dtype.isIntegral ? lhs.integers(.subtract, rhs, "sub") : lhs - Double(rhs)
  }
  /// Subtracts each element from a whole number. Equivalent to `torch.rsub`.
  public static func - (lhs: Int, rhs: Tensor) -> Tensor {
    rhs.requireNumbers("rsub")
    return rhs.dtype.isIntegral
      ? rhs.integers(.subtract, lhs, "rsub", isReversed: true) : Double(lhs) - rhs
  }
  /// Multiplies each element by a whole number. Equivalent to `torch.mul`.
  public static func * (lhs: Tensor, rhs: Int) -> Tensor {
    lhs.dtype.isIntegral ? lhs.integers(.multiply, rhs, "mul") : lhs * Double(rhs)
  }
  /// Multiplies each element by a whole number. Equivalent to `torch.mul`.
  public static func * (lhs: Int, rhs: Tensor) -> Tensor { rhs * lhs }
  /// Divides each element by a whole number. Equivalent to `torch.div`: the quotient of integers is
  /// `float32`.
  public static func / (lhs: Tensor, rhs: Int) -> Tensor { lhs / Double(rhs) }
  /// Divides a whole number by each element. Equivalent to `number * torch.reciprocal(x)`.
  public static func / (lhs: Int, rhs: Tensor) -> Tensor { Double(lhs) / rhs }

  /// Raises each element to a whole power. Equivalent to `torch.pow`.
  ///
  /// Integers stay what they are, and wrap around; booleans become `int64`.
  ///
  /// - Parameter exponent: The same exponent for all elements.
  /// - Precondition: The exponent of integers is not negative.
  public final func pow(_ exponent: Int) -> Tensor {
    guard dtype.isIntegral else { return pow(Double(exponent)) }
    require(
      exponent >= 0,
      "pow: integers of shape \(shape) to negative integer powers are not allowed: convert them "
        + "with to(.float32)")
    var square = array.cast(to: .int64)
    var result = NDArray(filling: shape, with: 1, dtype: .int64)
    var rest = exponent
    while rest > 0 {
      if rest % 2 == 1 { result = .binary(.multiply, result, square, for: "pow") }
      rest /= 2
      if rest > 0 { square = .binary(.multiply, square, square, for: "pow") }
    }
    return .record("pow", [self], result.cast(to: dtype == .bool ? .int64 : dtype)) { _ in
      [{ $0.zeros }]
    }
  }
}

extension NDArray {
  /// Traps unless a number fits a type; a fraction is cut off, and a byte counts from the end of its
  /// range where the number is negative, as in PyTorch.
  static func requireFits(_ value: Double, _ dtype: DType, for operation: StaticString) {
    require(
      dtype.holds(value),
      "\(operation): value \(value) cannot be converted to type \(dtype) without overflow")
  }
}

extension DType {
  fileprivate func holds(_ value: Double) -> Bool {
    switch kind {
    case .boolean, .complex: return true
    case .floatingPoint:
      guard value.isFinite else { return true }
      switch self {
      case .float32: return abs(value) <= Double(Float.greatestFiniteMagnitude)
      case .float16: return abs(value) <= 65504
      case .bfloat16: return abs(value) <= 0x1.FEp127
      default: return true
      }
    case .signedInteger:
      guard let whole = Int64(exactly: value.rounded(.towardZero)) else { return false }
      let bits = itemSize * 8 - 1
      return bits == 63 || (whole >= -(1 << bits) && whole < 1 << bits)
    case .unsignedInteger:
      let limit = itemSize == 8 ? 0x1p64 : Double(UInt64(1) << UInt64(itemSize * 8))
      return value < limit && value > -limit
    }
  }
}
