import CHDF5
import HDF5

/// A regular part of a grid: in each dimension, `count` blocks of `block` elements, `stride` apart,
/// from `start` on. The selection of `H5Sselect_hyperslab`.
///
/// ```swift
/// // Every second row of a dataset of 6 rows, and of those the columns 1 and 2.
/// let part = HDF5Hyperslab(start: [0, 1], count: [3, 2], stride: [2, 1])
/// let values = try dataset.read(as: Float.self, part)  // 3 × 2 elements, row-major
/// ```
///
/// All four arrays have one number for each dimension of the dataset, outermost first. They are
/// checked when the part is read or written, not before: numbers that are negative, strides or
/// blocks of 0, blocks that overlap, and parts that reach beyond the dataset are errors with code
/// `HDF5Error.Code.invalidArgument`.
public struct HDF5Hyperslab: Hashable, Sendable {
  /// The coordinates of the first element.
  public var start: [Int]
  /// The number of blocks along each dimension; with a 0 in it, nothing is selected.
  public var count: [Int]
  /// The distance from the start of a block to the start of the next, in elements.
  public var stride: [Int]
  /// The size of a block, in elements along each dimension.
  public var block: [Int]

  /// A part of a grid. `stride` and `block` are 1 in every dimension unless given.
  public init(start: [Int], count: [Int], stride: [Int]? = nil, block: [Int]? = nil) {
    self.start = start
    self.count = count
    self.stride = stride ?? start.map { _ in 1 }
    self.block = block ?? start.map { _ in 1 }
  }

  /// The box of elements within a range in each dimension, as `[2:4, 0:3]` in NumPy:
  /// `HDF5Hyperslab(2..<4, 0..<3)`.
  public init(_ ranges: Range<Int>...) {
    self.init(start: ranges.map(\.lowerBound), count: ranges.map(\.count))
  }

  /// The shape of the selected elements, or `nil` if it is too large to express.
  public var shape: [Int]? {
    var shape: [Int] = []
    for (count, block) in zip(count, block) {
      let (size, overflow) = count.multipliedReportingOverflow(by: block)
      guard !overflow else { return nil }
      shape.append(size)
    }
    return shape
  }

  /// Says why the selection does not fit into a grid, or `nil` if it does.
  func mismatch(with dimensions: [Int]) -> String? {
    let rank = dimensions.count
    guard rank > 0,
      [start.count, count.count, stride.count, block.count].allSatisfy({ $0 == rank })
    else {
      return "the selection does not have the \(rank) dimensions of the shape \(dimensions)"
    }
    for axis in 0..<rank {
      guard start[axis] >= 0, count[axis] >= 0, stride[axis] > 0, block[axis] > 0 else {
        return "the selection has a negative number or a stride or block of 0 in dimension \(axis)"
      }
      guard count[axis] <= 1 || stride[axis] >= block[axis] else {
        return "the blocks of the selection overlap in dimension \(axis)"
      }
      guard count[axis] > 0 else { continue }
      // The end of the last block, computed so that nothing overflows.
      let room = dimensions[axis] - start[axis]
      guard room >= block[axis], (count[axis] - 1) <= (room - block[axis]) / stride[axis] else {
        return "the selection goes beyond the size \(dimensions[axis]) of dimension \(axis)"
      }
    }
    return nil
  }

  /// Selects the part in an open dataspace, whose dimensions it is known to fit.
  func select(
    in space: borrowing HDF5ScopedIdentifier, _ operation: StaticString, at place: HDF5Place
  ) throws(HDF5Error) {
    let id = space.id
    try HDF5Library.call(operation, at: place) {
      chdf5_select_hyperslab(
        id, start.map { hsize_t($0) }, stride.map { hsize_t($0) }, count.map { hsize_t($0) },
        block.map { hsize_t($0) })
    }
  }
}
