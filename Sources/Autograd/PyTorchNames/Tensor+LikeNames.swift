import Arrays
import Files
import Kernels

// What is made in the likeness of a tensor: its shape, type or device.
extension Tensor {
  /// The same elements in another tensor's shape, sharing storage. Equivalent to `torch.Tensor.view_as`.
  ///
  /// - Parameter other: The tensor whose shape it is.
  public final func viewAs(_ other: Tensor) -> Tensor { view(other.shape) }
  /// The same elements in another tensor's shape. Equivalent to `torch.Tensor.reshape_as`.
  ///
  /// - Parameter other: The tensor whose shape it is.
  public final func reshapeAs(_ other: Tensor) -> Tensor { reshaped(other.shape) }
  /// The same elements in another tensor's type. Equivalent to `torch.Tensor.type_as`.
  ///
  /// - Parameter other: The tensor whose type it is.
  public final func typeAs(_ other: Tensor) -> Tensor { to(other.dtype) }
  /// The same elements in another tensor's type. Equivalent to `torch.Tensor.to` with a tensor.
  ///
  /// - Parameter other: The tensor whose type and device it is.
  public final func to(_ other: Tensor) -> Tensor { to(other.device).to(other.dtype) }
  /// This tensor as `int16`. Equivalent to `torch.Tensor.short`.
  public final func short() -> Tensor { to(.int16) }
  /// This tensor as `int8`. Equivalent to `torch.Tensor.char`.
  public final func char() -> Tensor { to(.int8) }
  /// This tensor as `uint8`. Equivalent to `torch.Tensor.byte`.
  public final func byte() -> Tensor { to(.uint8) }

  /// Zeros of this tensor's type on its device. Equivalent to `torch.Tensor.new_zeros`.
  ///
  /// - Parameters:
  ///   - size: The shape.
  ///   - dtype: The type of an element; this tensor's if nil.
  public final func newZeros(_ size: Shape, dtype: DType? = nil) -> Tensor {
    made { .zeros(size, dtype: dtype ?? self.dtype) }
  }
  /// Zeros of this tensor's type on its device. Equivalent to `torch.Tensor.new_zeros`.
  ///
  /// - Parameter size: The lengths.
  public final func newZeros(_ size: Int...) -> Tensor { newZeros(Shape(size)) }
  /// Ones of this tensor's type on its device. Equivalent to `torch.Tensor.new_ones`.
  ///
  /// - Parameters:
  ///   - size: The shape.
  ///   - dtype: The type of an element; this tensor's if nil.
  public final func newOnes(_ size: Shape, dtype: DType? = nil) -> Tensor {
    made { .ones(size, dtype: dtype ?? self.dtype) }
  }
  /// Ones of this tensor's type on its device. Equivalent to `torch.Tensor.new_ones`.
  ///
  /// - Parameter size: The lengths.
  public final func newOnes(_ size: Int...) -> Tensor { newOnes(Shape(size)) }
  /// One number in this tensor's type on its device. Equivalent to `torch.Tensor.new_full`.
  ///
  /// - Parameters:
  ///   - size: The shape.
  ///   - value: The number.
  ///   - dtype: The type of an element; this tensor's if nil.
  public final func newFull(_ size: Shape, _ value: some TensorNumber, dtype: DType? = nil)
    -> Tensor
  {
    let number = value.filling(dtype ?? self.dtype, for: "newFull")
    return made { Tensor(number.expanded(to: size).copied()).onCurrentDevice }
  }
  /// A tensor of this tensor's type on its device. Equivalent to `torch.Tensor.new_empty`, except that the
  /// elements are zeros.
  ///
  /// - Parameters:
  ///   - size: The shape.
  ///   - dtype: The type of an element; this tensor's if nil.
  public final func newEmpty(_ size: Shape, dtype: DType? = nil) -> Tensor {
    newZeros(size, dtype: dtype)
  }
  /// A tensor of these numbers in this tensor's type, on its device. Equivalent to `torch.Tensor.new_tensor`.
  ///
  /// - Parameters:
  ///   - elements: The elements.
  ///   - shape: The shape; one-dimensional if nil.
  ///   - dtype: The type of an element; this tensor's if nil.
  public final func newTensor(
    _ elements: [some TensorNumber], shape: Shape? = nil, dtype: DType? = nil
  ) -> Tensor {
    made {
      Tensor(elements, shape: shape).to(dtype ?? self.dtype).onCurrentDevice
    }
  }
  /// A tensor of another's shape and type. Equivalent to `torch.empty_like`, except that the elements are
  /// zeros.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func emptyLike(_ other: Tensor, dtype: DType? = nil) -> Tensor {
    zeros(like: other, dtype: dtype)
  }
  /// One number in a tensor's shape and type. Equivalent to `torch.full_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - value: The value of every element.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func fullLike(
    _ other: Tensor, _ value: some TensorNumber, dtype: DType? = nil
  ) -> Tensor {
    other.newFull(other.shape, value, dtype: dtype)
  }

  private final func made(_ make: () -> Tensor) -> Tensor { Device.with(device, make) }
}

// What a tensor is.
extension Tensor {
  /// Whether the elements are floating-point numbers. Equivalent to `torch.Tensor.is_floating_point`.
  public final func isFloatingPoint() -> Bool { dtype.isFloatingPoint }
  /// Whether the elements are complex numbers. Equivalent to `torch.Tensor.is_complex`.
  public final func isComplex() -> Bool { dtype.isComplex }
  /// Whether the elements can be negative. Equivalent to `torch.Tensor.is_signed`.
  public final func isSigned() -> Bool { dtype.kind != .boolean && dtype.kind != .unsignedInteger }
  /// Whether another tensor has the same shape. Equivalent to `torch.Tensor.is_same_size`.
  ///
  /// - Parameter other: The other tensor.
  public final func isSameSize(_ other: Tensor) -> Bool { shape == other.shape }
  /// Whether the single element is not zero. Equivalent to `torch.Tensor.is_nonzero`.
  ///
  /// - Precondition: There is one element.
  public final func isNonzero() -> Bool { Bool(self) }
  /// The bytes of an element. Equivalent to `torch.Tensor.element_size`.
  public final func elementSize() -> Int { dtype.itemSize }
  /// The bytes of an element. Equivalent to `torch.Tensor.itemsize`.
  public final var itemsize: Int { dtype.itemSize }
  /// The bytes of all elements. Equivalent to `torch.Tensor.nbytes`.
  public final var nbytes: Int { elementCount * dtype.itemSize }
  /// The number of elements: PyTorch's other name of ``numel()``. Equivalent to `torch.Tensor.nelement`.
  public final func nelement() -> Int { elementCount }
  /// The number of dimensions: PyTorch's other name of ``dim()``. Equivalent to `torch.Tensor.ndimension`.
  public final func ndimension() -> Int { rank }
  /// How many elements apart in memory neighbours along each dimension are. Equivalent to
  /// `torch.Tensor.stride`.
  public final func stride() -> [Int] { array.layout.strides }
  /// How many elements apart in memory neighbours along a dimension are. Equivalent to
  /// `torch.Tensor.stride`.
  ///
  /// - Parameter dim: The dimension.
  public final func stride(_ dim: Int) -> Int {
    array.layout.strides[shape.normalizedAxis(dim, for: "stride")]
  }
  /// Where the first element is in the memory, in elements. Equivalent to `torch.Tensor.storage_offset`.
  public final func storageOffset() -> Int { array.layout.offset }
}
