import Files

/// An array of numbers of one type, with any number of dimensions.
///
/// An array is a value: changing one never changes another, although views and copies share
/// their ``storage`` until someone writes (copy on write). The elements are placed as ``layout``
/// says, so that transposing, slicing and expanding copy nothing.
///
/// Reading and writing elements:
///
/// ```swift
/// var x = NDArray([1, 2, 3, 4] as [Float], shape: [2, 2])
/// x.transposed(0, 1).elements(as: Float.self)      // [1, 3, 2, 4]
/// x.withMutableElements(as: Float.self) { $0[0] = 7 }
/// ```
public struct NDArray: Sendable {
  /// The type of the elements.
  public let dtype: DType
  /// Where the elements are in the storage.
  public private(set) var layout: Layout
  /// The bytes, which other arrays may share.
  public private(set) var storage: Storage

  /// An array over part of a storage.
  ///
  /// - Parameters:
  ///   - storage: The bytes, which are not copied.
  ///   - dtype: The type of an element.
  ///   - layout: Where the elements are, counted in elements of `dtype`.
  /// - Precondition: Every element is within the storage. For a layout from a file use
  ///   ``Layout/init(validating:strides:offset:elementCapacity:)`` first.
  public init(storage: Storage, dtype: DType, layout: Layout) {
    let extent = layout.extent
    require(
      extent.lowerBound >= 0 && extent.upperBound <= storage.byteCount / dtype.itemSize,
      "shape \(layout.shape), strides \(layout.strides), offset \(layout.offset) of \(dtype) "
        + "leave a storage of \(storage.byteCount) bytes")
    self.storage = storage
    self.dtype = dtype
    self.layout = layout
  }

  /// An array with undefined contents, for a caller that is about to set every element.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public init(uninitialized shape: Shape, dtype: DType) {
    storage = Storage(uninitializedByteCount: shape.elementCount * dtype.itemSize)
    self.dtype = dtype
    layout = Layout(shape)
  }

  /// An array of zeros.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public init(zeros shape: Shape, dtype: DType = .float32) {
    storage = Storage(zeroedByteCount: shape.elementCount * dtype.itemSize)
    self.dtype = dtype
    layout = Layout(shape)
  }

  /// An array of the given elements in row-major order.
  ///
  /// - Parameters:
  ///   - elements: The elements; their Swift type decides the array's ``dtype``.
  ///   - shape: The length along each dimension.
  /// - Precondition: `shape` has as many elements as are given.
  public init<T: NDArrayElement>(_ elements: [T], shape: Shape) {
    require(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill shape \(shape)")
    storage = Storage(copying: elements)
    dtype = T.dtype
    layout = Layout(shape)
  }

  /// A one-dimensional array of the given elements.
  public init<T: NDArrayElement>(_ elements: [T]) {
    self.init(elements, shape: [elements.count])
  }

  /// A zero-dimensional array that holds one element.
  public init<T: NDArrayElement>(_ scalar: T) {
    self.init([scalar], shape: .scalar)
  }

  /// An array whose elements all have the same value.
  ///
  /// - Parameters:
  ///   - value: The value; its Swift type decides the array's ``dtype``.
  ///   - shape: The length along each dimension.
  public init<T: NDArrayElement>(repeating value: T, shape: Shape) {
    self.init(uninitialized: shape, dtype: T.dtype)
    unsafe withMutableElements(as: T.self) { unsafe $0.update(repeating: value) }
  }

  /// The length along each dimension.
  public var shape: Shape { layout.shape }
  /// The number of dimensions.
  public var rank: Int { shape.rank }
  /// The number of elements.
  public var elementCount: Int { shape.elementCount }
  /// The size of the elements in bytes: ``elementCount`` times the size of one.
  ///
  /// A view that repeats elements counts each repetition, so this may exceed the size of the
  /// storage.
  public var byteCount: Int { elementCount * dtype.itemSize }
  /// Whether the elements are in row-major order without gaps.
  public var isContiguous: Bool { layout.isContiguous }

  /// An array over the same storage under another layout.
  ///
  /// - Parameter layout: Where the elements are, counted in elements of this array's ``dtype``.
  /// - Precondition: Every element is within the storage.
  public func view(_ layout: Layout) -> NDArray {
    NDArray(storage: storage, dtype: dtype, layout: layout)
  }

  /// Whether two arrays are the same elements of the same storage.
  ///
  /// Two parameters whose arrays are identical are what PyTorch calls tied weights.
  public func isIdentical(to other: NDArray) -> Bool {
    storage === other.storage && dtype == other.dtype && layout == other.layout
  }

  /// Makes this array the only one that refers to its storage, in row-major order.
  package mutating func makeUniqueAndContiguous() {
    // The order matters: a copy is unique as well.
    if !isContiguous || !storage.isWritable || !isKnownUniquelyReferenced(&storage) {
      self = copied()
    }
  }
}
