import CHDF5
import HDF5

extension HDF5Dataspace {
  /// Reads what an identifier stands for.
  init(reading space: borrowing HDF5ScopedIdentifier, at place: HDF5Place) throws(HDF5Error) {
    let operation: StaticString = "read the shape of"
    let id = space.id
    switch try HDF5Library.call(operation, at: place, { chdf5_space_kind(id) }) {
    case 0:
      self = .scalar
    case 1:
      let rank = Int(
        try HDF5Library.call(operation, at: place) { H5Sget_simple_extent_ndims(id) })
      guard rank <= HDF5Dataspace.maximumRank else {
        throw place.error(.corrupt, operation, "it declares \(rank) dimensions")
      }
      var dimensions = [hsize_t](repeating: 0, count: rank)
      var maximum = dimensions
      try HDF5Library.call(operation, at: place) {
        H5Sget_simple_extent_dims(id, &dimensions, &maximum)
      }
      var sizes: [Int] = []
      for dimension in dimensions {
        guard let size = Int(exactly: dimension) else {
          throw place.error(.corrupt, operation, "it declares a dimension of \(dimension)")
        }
        sizes.append(size)
      }
      let limits = maximum.map { $0 == chdf5_unlimited() ? nil : Int(clamping: $0) }
      self = .simple(dimensions: sizes, maximum: limits == sizes ? nil : limits)
    default:
      self = .null
    }
  }

  /// Makes an identifier for the extent.
  func makeIdentifier(at place: HDF5Place) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let operation: StaticString = "set up the shape of"
    switch self {
    case .null:
      return HDF5ScopedIdentifier(
        owning: try HDF5Library.call(operation, at: place) { chdf5_create_null_space() })
    case .scalar:
      return HDF5ScopedIdentifier(
        owning: try HDF5Library.call(operation, at: place) { chdf5_create_scalar_space() })
    case .simple(let dimensions, let maximum):
      guard (1...HDF5Dataspace.maximumRank).contains(dimensions.count) else {
        throw place.error(
          .invalidArgument, operation,
          "HDF5 has 1 to \(HDF5Dataspace.maximumRank) dimensions, not \(dimensions.count)")
      }
      guard dimensions.checkedProduct != nil else {
        throw place.error(
          .invalidArgument, operation, "the shape \(dimensions) is negative or too large")
      }
      guard
        maximum.map({ limits in
          limits.count == dimensions.count
            && zip(limits, dimensions).allSatisfy { limit, size in limit.map { $0 >= size } ?? true
            }
        }) ?? true
      else {
        throw place.error(
          .invalidArgument, operation, "the maximum shape does not hold the shape \(dimensions)")
      }
      let sizes = dimensions.map { hsize_t($0) }
      let limits = maximum?.map { $0.map { hsize_t($0) } ?? chdf5_unlimited() }
      return HDF5ScopedIdentifier(
        owning: try HDF5Library.call(operation, at: place) {
          H5Screate_simple(Int32(sizes.count), sizes, limits ?? sizes)
        })
    }
  }
}
