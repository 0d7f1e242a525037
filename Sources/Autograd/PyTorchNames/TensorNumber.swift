import Arrays
import Files
import Kernels

/// A Swift number beside tensors: `Int`, `Float` or `Double`.
///
/// As Python's numbers, an `Int` leaves integers what they are, and the others turn them into
/// `float32`; beside floats both take the tensor's type.
public protocol TensorNumber: NDArrayElement {
  /// The number as a `Double`.
  var asDouble: Double { get }
  /// The number if it is an `Int`.
  var asInt: Int? { get }
}

extension Int: TensorNumber {
  /// The number as a `Double`.
  public var asDouble: Double { Double(self) }
  /// The number.
  public var asInt: Int? { self }
}

extension Float: TensorNumber {
  /// The number as a `Double`.
  public var asDouble: Double { Double(self) }
  /// Nil.
  public var asInt: Int? { nil }
}

extension Double: TensorNumber {
  /// The number.
  public var asDouble: Double { self }
  /// Nil.
  public var asInt: Int? { nil }
}

extension TensorNumber {
  /// The number as an array without dimensions.
  func filling(_ dtype: DType, for operation: StaticString) -> NDArray {
    NDArray.requireFits(asDouble, dtype, for: operation)
    if dtype.isComplex { return NDArray(asDouble).cast(to: dtype) }
    guard let whole = asInt, dtype.isIntegral else {
      return NDArray(filling: .scalar, with: asDouble, dtype: dtype)
    }
    return NDArray(Int64(whole)).cast(to: dtype)
  }

  /// The number beside a tensor, in the type in which PyTorch computes with both.
  func beside(_ tensor: Tensor) -> Tensor {
    guard let whole = asInt else {
      let dtype = tensor.dtype.isIntegral ? DType.float32 : tensor.dtype
      return Tensor(filling(dtype, for: "number"))
    }
    guard !tensor.dtype.isFloatingPoint else { return Tensor(filling(tensor.dtype, for: "number")) }
    return Tensor(NDArray(Int64(whole)))
  }
}

// Of Python's operators these exist in Swift too. `@` does not: see `matmul(_:)`.
extension Tensor {
  /// Adds a number to each element. Equivalent to `torch.add`.
  public static func + <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor {
    if let whole = rhs.asInt { lhs + whole } else { lhs + rhs.asDouble }
  }
  /// Adds a number to each element. Equivalent to `torch.add`.
  public static func + <N: TensorNumber>(lhs: N, rhs: Tensor) -> Tensor { rhs + lhs }
  /// Subtracts a number from each element. Equivalent to `torch.sub`.
  public static func - <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor {
    if let whole = rhs.asInt { lhs - whole } else { lhs - rhs.asDouble }
  }
  /// Subtracts each element from a number. Equivalent to `torch.rsub`.
  public static func - <N: TensorNumber>(lhs: N, rhs: Tensor) -> Tensor {
    if let whole = lhs.asInt { whole - rhs } else { lhs.asDouble - rhs }
  }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  public static func * <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor {
    if let whole = rhs.asInt { lhs * whole } else { lhs * rhs.asDouble }
  }
  /// Multiplies each element by a number. Equivalent to `torch.mul`.
  public static func * <N: TensorNumber>(lhs: N, rhs: Tensor) -> Tensor { rhs * lhs }
  /// Divides each element by a number. Equivalent to `torch.div`.
  public static func / <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor { lhs / rhs.asDouble }
  /// Divides a number by each element. Equivalent to `number * torch.reciprocal(x)`.
  public static func / <N: TensorNumber>(lhs: N, rhs: Tensor) -> Tensor { lhs.asDouble / rhs }

  /// The remainder, which has the sign of the divisor. Equivalent to `torch.remainder`, Python's `%`.
  public static func % (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.remainder(rhs) }
  /// The remainder of each element by a number, which has the sign of the number. Equivalent to
  /// `torch.remainder`, Python's `%`.
  public static func % <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor {
    lhs.remainder(rhs.beside(lhs))
  }

  /// Raises each element to the power of the corresponding element. Equivalent to `torch.pow`,
  /// Python's `**`.
  ///
  /// - Precondition: The left side is not what prefix `-` made. Python reads `-x ** y` as `-(x ** y)`, and
  ///   Swift as `(-x) ** y`: write the one, or `(-x).pow(y)`.
  public static func ** (lhs: Tensor, rhs: Tensor) -> Tensor {
    lhs.requireNoSign()
    return lhs.pow(rhs)
  }
  /// Raises each element to a power. Equivalent to `torch.pow`, Python's `**`.
  ///
  /// - Precondition: The left side is not what prefix `-` made. Python reads `-x ** 2` as `-(x ** 2)`, and
  ///   Swift as `(-x) ** 2`: write the one, or `(-x).pow(2)`.
  public static func ** <N: TensorNumber>(lhs: Tensor, rhs: N) -> Tensor {
    lhs.requireNoSign()
    return if let whole = rhs.asInt { lhs.pow(whole) } else { lhs.pow(rhs.asDouble) }
  }
  /// Raises a number that is written out to the power of each element. Equivalent to `torch.pow`, Python's
  /// `**`.
  public static func ** (lhs: PowerBase, rhs: Tensor) -> Tensor {
    lhs.number.beside(rhs).pow(rhs)
  }

  /// Of a variable it could not be told whether a sign was before it.
  @available(*, unavailable, message: "write Tensor(number).pow(x)")
  public static func ** <N: TensorNumber>(lhs: N, rhs: Tensor) -> Tensor { refusedByCompiler() }

  /// Traps if this may be `-x` in `-x ** n`: there is nothing in Swift that would let a sign wait.
  private final func requireNoSign() {
    require(
      !isNegation || version > 0,
      "**: -x ** n is (-x) ** n in Swift and -(x ** n) in Python: write -(x ** n), or (-x).pow(n), for shape "
        + "\(shape)")
  }
}

/// The number in `2 ** x`, written out.
public struct PowerBase: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  let number: any TensorNumber

  /// A whole number.
  ///
  /// - Parameter value: The number; a negative one traps, since Python reads `-2 ** x` as `-(2 ** x)`.
  public init(integerLiteral value: Int) {
    Self.requireNoSign(Double(value))
    number = value
  }

  /// A number.
  ///
  /// - Parameter value: The number; a negative one traps, since Python reads `-2.5 ** x` as
  ///   `-(2.5 ** x)`.
  public init(floatLiteral value: Double) {
    Self.requireNoSign(value)
    number = value
  }

  private static func requireNoSign(_ value: Double) {
    require(
      value.sign == .plus,
      "**: \(value) ** x has the sign in its base in Swift, and before it in Python: write "
        + "-(\(-value) ** x), or Tensor(\(value)).pow(x)")
  }
}

/// The precedence of `**`: it binds tighter than multiplication, from right to left, as in Python.
precedencegroup PowerPrecedence {
  higherThan: MultiplicationPrecedence
  associativity: right
}

infix operator ** : PowerPrecedence

// A comparison of tensors gives a tensor, as in PyTorch, so a tensor is not `Equatable`.
extension Tensor {
  /// Whether elements are equal, with broadcasting: a tensor of `bool`. Equivalent to `torch.eq`.
  ///
  /// Whether two variables hold the same tensor is told by `===`, and whether all elements are equal
  /// by ``equal(_:_:)``.
  public static func == (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .== rhs }
  /// Whether elements differ, with broadcasting: a tensor of `bool`. Equivalent to `torch.ne`.
  public static func != (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .!= rhs }
  /// Whether elements on the left are smaller, with broadcasting. Equivalent to `torch.lt`.
  public static func < (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .< rhs }
  /// Whether elements on the left are smaller or equal, with broadcasting. Equivalent to `torch.le`.
  public static func <= (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .<= rhs }
  /// Whether elements on the left are larger, with broadcasting. Equivalent to `torch.gt`.
  public static func > (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .> rhs }
  /// Whether elements on the left are larger or equal, with broadcasting. Equivalent to `torch.ge`.
  public static func >= (lhs: Tensor, rhs: Tensor) -> Tensor { lhs .>= rhs }

  /// Whether both are true, elementwise, or the bits that are set in both integers. Equivalent to Python's `&`.
  public static func & (lhs: Tensor, rhs: Tensor) -> Tensor {
    bothAreBool(lhs, rhs) ? lhs .& rhs : lhs.bitwiseAnd(rhs)
  }
  /// Whether at least one is true, elementwise, or the bits that are set in one of two integers. Equivalent to
  /// Python's `|`.
  public static func | (lhs: Tensor, rhs: Tensor) -> Tensor {
    bothAreBool(lhs, rhs) ? lhs .| rhs : lhs.bitwiseOr(rhs)
  }
  /// Whether exactly one is true, elementwise, or the bits that are set in exactly one of two integers. Equivalent
  /// to Python's `^`.
  public static func ^ (lhs: Tensor, rhs: Tensor) -> Tensor {
    bothAreBool(lhs, rhs) ? lhs .^ rhs : lhs.bitwiseXor(rhs)
  }
  /// Whether elements are false, or the bits of integers that are not set. Equivalent to Python's `~`.
  public static prefix func ~ (x: Tensor) -> Tensor { x.bitwiseNot() }

  private static func bothAreBool(_ lhs: Tensor, _ rhs: Tensor) -> Bool {
    lhs.dtype == .bool && rhs.dtype == .bool
  }
}

extension TensorNumber {
  /// The number for a comparison: whole numbers beside integers exactly, others in the tensor's type
  /// or as `float32`, as PyTorch compares them.
  func compared(_ tensor: Tensor) -> Tensor {
    if let whole = asInt, tensor.dtype.isIntegral { return Tensor(NDArray(Int64(whole))) }
    let dtype = tensor.dtype.isFloatingPoint ? tensor.dtype : .float32
    return Tensor(NDArray(filling: .scalar, with: asDouble, dtype: dtype))
  }
}
