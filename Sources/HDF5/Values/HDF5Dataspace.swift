/// The extent of a dataset or attribute: how many elements, in which arrangement.
///
/// The three kinds are those of the format (specification, IV.A.2.b) and of libhdf5: `H5S_NULL`,
/// `H5S_SCALAR` and `H5S_SIMPLE`. Elements of a grid are stored in row-major order: the last
/// dimension varies fastest.
public enum HDF5Dataspace: Hashable, Sendable {
  /// No elements at all: h5py's `Empty`.
  case null
  /// One element without dimensions.
  case scalar
  /// A grid of 1 to 32 dimensions, any of which may be 0. `maximum` is how far each dimension may
  /// grow (`nil` in it: without end); `nil` for the whole means that the grid keeps its size. A
  /// grid that can grow has to be stored in chunks.
  case simple(dimensions: [Int], maximum: [Int?]? = nil)

  /// A grid that keeps its size, or a scalar if there are no dimensions.
  public static func shape(_ dimensions: [Int]) -> HDF5Dataspace {
    dimensions.isEmpty ? .scalar : .simple(dimensions: dimensions)
  }

  /// The dimensions, outermost first; empty for a scalar and for null, which ``elementCount`` tells
  /// apart.
  public var dimensions: [Int] {
    switch self {
    case .null, .scalar: []
    case .simple(let dimensions, _): dimensions
    }
  }

  /// The number of elements, or `nil` if a dimension is negative or the number exceeds `Int.max`: a
  /// damaged file may declare any shape.
  public var elementCount: Int? {
    switch self {
    case .null: 0
    case .scalar: 1
    case .simple(let dimensions, _): dimensions.checkedProduct
    }
  }
}

extension HDF5Dataspace {
  /// As many dimensions as HDF5 knows: `H5S_MAX_RANK`.
  package static let maximumRank = 32
}

extension Array where Element == Int {
  /// The product of numbers from a file, or `nil` if one is negative or the product overflows.
  package var checkedProduct: Int? {
    guard allSatisfy({ $0 >= 0 }) else { return nil }
    // An empty dimension makes the grid empty, however large the others claim to be.
    if contains(0) { return 0 }
    var product = 1
    for factor in self {
      let (value, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      product = value
    }
    return product
  }
}
