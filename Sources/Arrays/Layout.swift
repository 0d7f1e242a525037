import Files

/// Where the elements of an array are in its storage.
///
/// Element `(i, j, …)` is at position `offset + i * strides[0] + j * strides[1] + …`, all counted
/// in elements, as in PyTorch. A stride of zero repeats an element, as `expand` makes it.
public struct Layout: Hashable, Sendable {
  /// The length along each dimension.
  public let shape: Shape
  /// The distance, in elements, between neighbours along each dimension.
  public let strides: [Int]
  /// The position of the first element in the storage, in elements.
  public let offset: Int

  /// A row-major layout without gaps.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - offset: The position of the first element, in elements.
  public init(_ shape: Shape, offset: Int = 0) {
    self.init(shape: shape, strides: shape.contiguousStrides, offset: offset)
  }

  /// A layout with the given strides and offset.
  ///
  /// The strides are not checked against any storage: ``NDArray/init(storage:dtype:layout:)`` does
  /// that. For values from a file use ``init(validating:strides:offset:elementCapacity:)``.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - strides: One stride per dimension, in elements; zero and negative strides are allowed.
  ///   - offset: The position of the first element, in elements.
  /// - Precondition: There are as many strides as dimensions.
  public init(shape: Shape, strides: [Int], offset: Int) {
    require(strides.count == shape.rank, "\(strides) are not strides for shape \(shape)")
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// A layout from an untrusted source, or nil if any element would be outside the storage.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - strides: One stride per dimension, in elements.
  ///   - offset: The position of the first element, in elements.
  ///   - elementCapacity: The number of elements that the storage holds. Every element must be in
  ///     `0..<elementCapacity`.
  public init?(validating shape: Shape, strides: [Int], offset: Int, elementCapacity: Int) {
    guard strides.count == shape.rank, offset >= 0, offset <= elementCapacity else { return nil }
    self.init(shape: shape, strides: strides, offset: offset)
    guard shape.elementCount > 0 else { return }
    guard isWithin(elementCapacity) else { return nil }
  }

  /// Whether the elements are in row-major order without gaps.
  ///
  /// The stride of a dimension of length one does not matter, nor does any when there is no
  /// element, as in PyTorch.
  public var isContiguous: Bool {
    var expected = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape[axis] != 1 {
      if shape[axis] == 0 { return true }
      if strides[axis] != expected { return false }
      expected *= shape[axis]
    }
    return true
  }

  /// The range of storage positions in use, in elements, from the first to one past the last.
  ///
  /// It is empty if the shape has no elements.
  ///
  /// - Precondition: The positions fit in an `Int`.
  public var extent: Range<Int> {
    guard let extent = checkedExtent else {
      trap("the extent of \(shape) with strides \(strides) does not fit")
    }
    return extent
  }

  /// Whether all elements are among the first `capacity` positions.
  func isWithin(_ capacity: Int) -> Bool {
    guard shape.elementCount > 0 else { return true }
    guard let extent = checkedExtent else { return false }
    return extent.lowerBound >= 0 && extent.upperBound <= capacity
  }

  private var checkedExtent: Range<Int>? {
    guard shape.elementCount > 0 else { return offset..<offset }
    var lowest = offset
    var highest = offset
    for (length, stride) in zip(shape, strides) {
      let (reach, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
      let (end, overflowToo) = (reach < 0 ? lowest : highest).addingReportingOverflow(reach)
      guard !overflow, !overflowToo else { return nil }
      if reach < 0 { lowest = end } else { highest = end }
    }
    guard highest < .max else { return nil }
    return lowest..<(highest + 1)
  }
}
