import Arrays
import Files
import Kernels

// `torch.tensor`: Swift's `Double` stands for Python's float, so it becomes `float32`.
extension Tensor {
  /// A tensor of these numbers in row-major order. Equivalent to `torch.tensor`, which makes
  /// `float32` of Python's floats, as this does of Swift's `Double`.
  ///
  /// ```swift
  /// Tensor([0.5, 1.5])                          // float32
  /// Tensor([0.5, 1.5], dtype: .float64)
  /// Tensor([[1.0, 2], [3, 4]])                  // shape (2, 2)
  /// Tensor(NDArray([0.5, 1.5]))                 // float64, as the array is
  /// ```
  ///
  /// - Parameters:
  ///   - elements: The elements.
  ///   - shape: The shape; one-dimensional if nil.
  ///   - dtype: The type of an element.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  /// - Precondition: `shape` has as many elements as are given.
  public convenience init(
    _ elements: [Double], shape: Shape? = nil, dtype: DType = .float32, requiresGrad: Bool = false
  ) {
    self.init(
      NDArray(elements, shape: shape ?? [elements.count]).cast(to: dtype),
      requiresGrad: requiresGrad)
  }

  /// A tensor of these elements in row-major order. Equivalent to `torch.tensor`.
  ///
  /// - Parameters:
  ///   - elements: The elements; their Swift type decides the type of the tensor unless `dtype` does:
  ///     `Int` gives `int64`, `Float` `float32`, `Bool` `bool`.
  ///   - shape: The shape; one-dimensional if nil.
  ///   - dtype: The type of an element; that of the elements given if nil.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  /// - Precondition: `shape` has as many elements as are given.
  public convenience init<T: NDArrayElement>(
    _ elements: [T], shape: Shape? = nil, dtype: DType? = nil, requiresGrad: Bool = false
  ) {
    self.init(
      NDArray(elements, shape: shape ?? [elements.count]).cast(to: dtype ?? T.dtype),
      requiresGrad: requiresGrad)
  }

  /// A zero-dimensional tensor that holds one number. Equivalent to `torch.tensor` of a Python float.
  ///
  /// - Parameters:
  ///   - scalar: The element.
  ///   - dtype: The type of the element.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init(_ scalar: Double, dtype: DType = .float32, requiresGrad: Bool = false) {
    self.init(NDArray(scalar).cast(to: dtype), requiresGrad: requiresGrad)
  }

  /// A zero-dimensional tensor that holds one element. Equivalent to `torch.tensor`.
  ///
  /// - Parameters:
  ///   - scalar: The element; its Swift type decides the type of the tensor unless `dtype` does.
  ///   - dtype: The type of the element; that of the element given if nil.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init<T: NDArrayElement>(
    _ scalar: T, dtype: DType? = nil, requiresGrad: Bool = false
  ) {
    self.init(NDArray(scalar).cast(to: dtype ?? T.dtype), requiresGrad: requiresGrad)
  }

  /// A matrix of these rows. Equivalent to `torch.tensor` of nested lists of floats.
  ///
  /// - Parameters:
  ///   - rows: Rows of equal length; others trap.
  ///   - dtype: The type of an element.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init(
    _ rows: [[Double]], dtype: DType = .float32, requiresGrad: Bool = false
  ) {
    self.init(
      rows.flatMap(\.self), shape: [rows.count, Self.common(rows)], dtype: dtype,
      requiresGrad: requiresGrad)
  }

  /// A matrix of these rows. Equivalent to `torch.tensor` of nested lists.
  ///
  /// - Parameters:
  ///   - rows: Rows of equal length; others trap.
  ///   - dtype: The type of an element; that of the elements given if nil.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init<T: NDArrayElement>(
    _ rows: [[T]], dtype: DType? = nil, requiresGrad: Bool = false
  ) {
    self.init(
      rows.flatMap(\.self), shape: [rows.count, Self.common(rows)], dtype: dtype,
      requiresGrad: requiresGrad)
  }

  /// A tensor of these planes. Equivalent to `torch.tensor` of nested lists of floats.
  ///
  /// - Parameters:
  ///   - planes: Planes of equal shape; others trap.
  ///   - dtype: The type of an element.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init(
    _ planes: [[[Double]]], dtype: DType = .float32, requiresGrad: Bool = false
  ) {
    let rows = planes.flatMap(\.self)
    self.init(
      rows.flatMap(\.self), shape: [planes.count, Self.common(planes), Self.common(rows)],
      dtype: dtype, requiresGrad: requiresGrad)
  }

  /// A tensor of these planes. Equivalent to `torch.tensor` of nested lists.
  ///
  /// - Parameters:
  ///   - planes: Planes of equal shape; others trap.
  ///   - dtype: The type of an element; that of the elements given if nil.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init<T: NDArrayElement>(
    _ planes: [[[T]]], dtype: DType? = nil, requiresGrad: Bool = false
  ) {
    let rows = planes.flatMap(\.self)
    self.init(
      rows.flatMap(\.self), shape: [planes.count, Self.common(planes), Self.common(rows)],
      dtype: dtype, requiresGrad: requiresGrad)
  }

  /// The length that all lists have.
  private static func common<T>(_ lists: [[T]]) -> Int {
    let length = lists.first?.count ?? 0
    require(
      lists.allSatisfy { $0.count == length },
      "Tensor: the lists differ in length: \(lists.map(\.count))")
    return length
  }
}

extension Tensor {
  /// A copy of the elements in row-major order. For elements of another type use `[Float](x)`.
  ///
  /// - Parameter type: The Swift type of an element; usually inferred.
  /// - Precondition: `T.dtype` is the tensor's type, and the tensor is not on ``Device/meta``.
  public final func elements<T: NDArrayElement>(as type: T.Type = T.self) -> [T] {
    requireStorage("elements")
    return array.elements(as: type)
  }

  /// The single element of a tensor that has exactly one, as a `Double`. Equivalent to
  /// `torch.Tensor.item`.
  ///
  /// Booleans are 0 or 1. For another type use ``item(as:)``.
  ///
  /// - Precondition: The tensor has one element, which a `Double` can hold exactly, and it is not on
  ///   ``Device/meta``.
  public final func item() -> Double { item(as: Double.self) }

  /// The single element of a tensor that has exactly one, as the type that is expected of it.
  /// Equivalent to `torch.Tensor.item`.
  ///
  /// - Precondition: As for ``item(as:)``.
  @_disfavoredOverload
  public final func item<T: NDArrayElement>() -> T { item(as: T.self) }

  /// The single element of a tensor that has exactly one. Equivalent to `torch.Tensor.item`.
  ///
  /// The element is converted where nothing is lost: a `float32` to a `Double`, 3.0 to an `Int`. To
  /// round use `Float(x)`, and so on.
  ///
  /// - Parameter type: The Swift type of the element.
  /// - Precondition: The tensor has one element, which a `T` can hold exactly, and it is not on
  ///   ``Device/meta``.
  public final func item<T: NDArrayElement>(as type: T.Type) -> T {
    requireStorage("item")
    if T.dtype == dtype { return array.item(as: type) }
    require(
      elementCount == 1,
      "item: a Tensor with \(elementCount) elements cannot be converted to Scalar")
    let converted = array.cast(to: T.dtype)
    require(
      converted.cast(to: dtype).isSameNumber(as: array)
        && (!dtype.isComplex || T.dtype.isComplex),
      "item: \(array) is not a number that \(T.self) holds exactly: use \(T.self)(x), or read it as "
        + "\(dtype)")
    return converted.item(as: type)
  }

  /// The single element, converted as `to` does.
  fileprivate final func converted<T: NDArrayElement>(to type: T.Type) -> T {
    requireStorage("item")
    require(
      elementCount == 1,
      "item: a Tensor with \(elementCount) elements cannot be converted to Scalar")
    array.requireReal(for: T.dtype, "item")
    return array.cast(to: T.dtype).item(as: type)
  }
}

extension NDArray {
  /// Traps if a conversion to a type would drop imaginary parts, as PyTorch does with a warning.
  func requireReal(for dtype: DType, _ operation: StaticString) {
    guard self.dtype.isComplex, !dtype.isComplex, dtype != .bool else { return }
    let numbers = cast(to: .complex128).elements(as: Complex<Double>.self)
    guard let number = numbers.first(where: { $0.imaginary != 0 }) else { return }
    trap(
      "\(operation): a number with an imaginary part, \(number.imaginary), of shape \(shape) cannot "
        + "become \(dtype): it would be lost")
  }

  /// Whether two arrays of one element of the same type are the same number, or both NaN.
  fileprivate func isSameNumber(as other: NDArray) -> Bool {
    if isBitwiseEqual(to: other.reshaped(to: shape)) { return true }
    guard dtype.isFloatingPoint else { return false }
    return cast(to: .float64).item(as: Double.self).isNaN
      && other.cast(to: .float64).item(as: Double.self).isNaN
  }
}

extension Double {
  /// The single element of a tensor. Equivalent to Python's `float(x)`.
  ///
  /// - Parameter tensor: A tensor with one element; others trap, as does an imaginary part.
  public init(_ tensor: Tensor) { self = tensor.converted(to: Double.self) }
}

extension Float {
  /// The single element of a tensor, rounded to a `Float`.
  ///
  /// - Parameter tensor: A tensor with one element; others trap, as does an imaginary part.
  public init(_ tensor: Tensor) { self = tensor.converted(to: Float.self) }
}

extension Int {
  /// The single element of a tensor without its fraction. Equivalent to Python's `int(x)`.
  ///
  /// - Parameter tensor: A tensor with one element; others trap, as do NaN, infinity, an imaginary
  ///   part and what does not fit.
  public init(_ tensor: Tensor) {
    guard !tensor.dtype.isIntegral else {
      self = tensor.converted(to: Int.self)
      return
    }
    let number = Double(tensor)
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      trap("Int: cannot convert \(number) to an integer")
    }
    self = whole
  }
}

extension Bool {
  /// Whether the single element of a tensor is not zero. Equivalent to Python's `bool(x)`.
  ///
  /// - Parameter tensor: A tensor with one element; others trap, since their truth is ambiguous.
  public init(_ tensor: Tensor) {
    require(
      tensor.elementCount == 1,
      "Bool: the boolean value of a Tensor of shape \(tensor.shape) is ambiguous: use any() or all()"
    )
    self = tensor.converted(to: Bool.self)
  }
}

extension Array where Element: NDArrayElement {
  /// The elements of a tensor in row-major order, converted as ``/Autograd/Tensor/to(_:)-(DType)`` does.
  /// Equivalent to `x.flatten().tolist()`.
  ///
  /// - Parameter tensor: A tensor that is not on ``/Autograd/Device/meta``. Imaginary parts that would
  ///   be lost trap.
  public init(_ tensor: Tensor) { self = tensor.to(Element.dtype).elements(as: Element.self) }
}
