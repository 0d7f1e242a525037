import Files

/// An array of numbers of one type, with any number of dimensions.
///
/// An array is a value: changing one never changes another, although views and copies share
/// their ``storage`` until someone writes (copy on write). The elements lie as ``layout`` says,
/// so that transposing, slicing and expanding copy nothing.
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
  /// Where the elements lie in the storage.
  public private(set) var layout: Layout
  /// The bytes, perhaps shared with other arrays.
  public private(set) var storage: Storage

  /// An array over part of a storage.
  ///
  /// - Precondition: Every element that `layout` names lies in the storage. For a layout that
  ///   comes from a file use ``Layout/init(validating:strides:offset:elementCapacity:)`` first.
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

  /// An array whose elements are not set yet, for a caller that sets them all.
  public init(uninitialized shape: Shape, dtype: DType) {
    storage = Storage(uninitializedByteCount: shape.elementCount * dtype.itemSize)
    self.dtype = dtype
    layout = Layout(shape)
  }

  /// An array of zeros.
  public init(zeros shape: Shape, dtype: DType = .float32) {
    storage = Storage(zeroedByteCount: shape.elementCount * dtype.itemSize)
    self.dtype = dtype
    layout = Layout(shape)
  }

  /// An array of these elements in row-major order.
  ///
  /// - Precondition: `shape` has as many elements as are given.
  public init<T: NDArrayElement>(_ elements: [T], shape: Shape) {
    require(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill shape \(shape)")
    storage = elements.withUnsafeBytes { Storage(copying: $0) }
    dtype = T.dtype
    layout = Layout(shape)
  }

  /// A one-dimensional array of these elements.
  public init<T: NDArrayElement>(_ elements: [T]) {
    self.init(elements, shape: [elements.count])
  }

  /// An array without dimensions that holds one element.
  public init<T: NDArrayElement>(_ scalar: T) {
    self.init([scalar], shape: .scalar)
  }

  /// An array whose elements all have one value.
  public init<T: NDArrayElement>(repeating value: T, shape: Shape) {
    self.init(uninitialized: shape, dtype: T.dtype)
    withMutableElements(as: T.self) { $0.update(repeating: value) }
  }

  /// The lengths along each dimension.
  public var shape: Shape { layout.shape }
  /// The number of dimensions.
  public var rank: Int { shape.rank }
  /// The number of elements.
  public var elementCount: Int { shape.elementCount }
  /// The number of bytes of all elements, each counted once per position.
  public var byteCount: Int { elementCount * dtype.itemSize }
  /// Whether the elements lie in row-major order without gaps.
  public var isContiguous: Bool { layout.isContiguous }

  /// The same storage under another layout.
  ///
  /// - Precondition: As for ``init(storage:dtype:layout:)``.
  public func view(_ layout: Layout) -> NDArray {
    NDArray(storage: storage, dtype: dtype, layout: layout)
  }

  /// Whether two arrays are the same elements of the same storage.
  ///
  /// Two names for such a pair are what PyTorch calls tied weights.
  public func isIdentical(to other: NDArray) -> Bool {
    storage === other.storage && dtype == other.dtype && layout == other.layout
  }

  /// Makes this array the only one that refers to its storage, in row-major order.
  package mutating func makeUniqueAndContiguous() {
    // The order matters: a copy is unique as well.
    if !isContiguous || !isKnownUniquelyReferenced(&storage) {
      self = copied()
    }
  }
}
