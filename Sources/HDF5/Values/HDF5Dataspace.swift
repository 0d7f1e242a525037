/// The extent of a dataset or attribute: how many elements, in which arrangement.
public enum HDF5Dataspace: Hashable, Sendable {
  /// No elements at all: h5py's `Empty`.
  case null
  /// One element without dimensions.
  case scalar
  /// A grid. `maximum` is how far each dimension may grow (`nil` in it: without end); `nil` for the
  /// whole means that the grid keeps its size.
  case simple(dimensions: [Int], maximum: [Int?]? = nil)

  /// A grid that keeps its size, or a scalar if there are no dimensions.
  public static func shape(_ dimensions: [Int]) -> HDF5Dataspace {
    dimensions.isEmpty ? .scalar : .simple(dimensions: dimensions)
  }

  /// The dimensions, outermost first: none for a scalar and for null.
  public var dimensions: [Int] {
    switch self {
    case .null, .scalar: []
    case .simple(let dimensions, _): dimensions
    }
  }

  /// The number of elements, or `nil` if it is too large to count.
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
