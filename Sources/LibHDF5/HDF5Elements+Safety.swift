import CHDF5
import HDF5

extension HDF5Elements {
  /// The most that is read without a limit from the caller, if the file does not hold as much.
  static let harmlessBytes = 64 << 20
  /// How many times larger than stored data may be. deflate gets to 1,032 at most.
  static let maximumExpansion = 1_100

  /// Whether the dataset lies in one piece, with room in the file for all of it. This is quick to
  /// find out and clears most datasets of any suspicion.
  private func isContiguousAndAllocated(_ operation: StaticString) throws(HDF5Error) -> Bool {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    return chdf5_dataset_offset(try handle.openIdentifier(operation, at: place)) >= 0
  }

  /// Whether reading may leave some memory as it was.
  func mayHaveGaps(_ operation: StaticString) throws(HDF5Error) -> Bool {
    guard kind == .dataset else { return false }
    return try !isContiguousAndAllocated(operation)
  }

  /// Refuses a contiguous or compact dataset whose elements do not lie within the file, or are not
  /// as many as its shape says. libhdf5 1.10 trusts these numbers, and crashes if they are damaged.
  func checkExtent(
    _ extent: HDF5Dataspace, of type: HDF5Datatype, _ operation: StaticString
  ) throws(HDF5Error) {
    guard let dataset = handle as? HDF5Dataset else { return }
    let stored = try dataset.storageSize
    if let offset = try dataset.offset {
      let (end, overflow) = offset.addingReportingOverflow(stored)
      guard !overflow, end <= (try handle.file.size) else {
        throw place.error(.corrupt, operation, "its elements lie outside of the file")
      }
    } else {
      switch try dataset.layout {
      case .compact: break
      case .contiguous:
        let isElsewhere = try dataset.hasExternalStorage
        guard stored == 0 || isElsewhere else {
          throw place.error(.corrupt, operation, "its elements lie outside of the file")
        }
        return
      case .chunked, .virtual: return
      }
    }
    // Elements of variable length have another size in the file than in memory.
    guard !type.hasVariableLength, let count = extent.elementCount, let bytes = type.byteCount,
      [count, bytes].checkedProduct != stored
    else { return }
    throw place.error(
      .corrupt, operation, "it declares \(count) elements, but stores \(stored) bytes")
  }

  /// Refuses a dataset whose elements lie in other files, unless the file allows every link.
  func refuseOtherFiles(_ operation: StaticString) throws(HDF5Error) {
    guard kind == .dataset, handle.file.linkPolicy != .all,
      try !isContiguousAndAllocated(operation)
    else { return }
    let list = HDF5ScopedIdentifier(
      owning: try handle.call(operation) { H5Dget_create_plist($0) })
    let id = list.id
    guard try HDF5Library.call(operation, at: place, { chdf5_layout(id) }) != 3 else {
      throw place.error(.refusedLink, operation, "it is a virtual dataset")
    }
    guard try HDF5Library.call(operation, at: place, { H5Pget_external_count(id) }) == 0 else {
      throw place.error(.refusedLink, operation, "its elements are stored in other files")
    }
  }

  /// The bytes that elements take in memory, refused if they are more than the limit, or, without
  /// a limit, more than the file can possibly hold.
  func checkedByteCount(
    _ count: Int, of bytes: Int, limit: Int?, _ operation: StaticString
  ) throws(HDF5Error) -> Int {
    guard let total = [count, bytes].checkedProduct else {
      throw place.error(
        .limitExceeded, operation, "\(count) elements of \(bytes) bytes are too many to hold")
    }
    try checkChunks(operation)
    guard total > (limit ?? HDF5Elements.harmlessBytes) else { return total }
    if let limit {
      throw place.error(
        .limitExceeded, operation, "it has \(total) bytes, and the limit is \(limit)")
    }
    try checkPlausible(total, operation)
    return total
  }

  /// Refuses chunks of a size that the stored data cannot have, for libhdf5 allocates a whole chunk
  /// to read one element of it.
  private func checkChunks(_ operation: StaticString) throws(HDF5Error) {
    guard kind == .dataset, try !isContiguousAndAllocated(operation),
      let dataset = handle as? HDF5Dataset, case .chunked(let shape) = try dataset.layout
    else { return }
    guard let size = try (shape + [dataset.datatype.byteCount ?? .max]).checkedProduct else {
      throw place.error(.limitExceeded, operation, "its chunks \(shape) are too large to count")
    }
    if size > HDF5Elements.harmlessBytes { try checkPlausible(size, operation) }
  }

  /// Refuses sizes that no compression could have brought about.
  private func checkPlausible(_ bytes: Int, _ operation: StaticString) throws(HDF5Error) {
    guard let dataset = handle as? HDF5Dataset else { return }
    let stored = min(try dataset.storageSize, try dataset.file.size)
    guard bytes / HDF5Elements.maximumExpansion <= stored else {
      throw place.error(
        .limitExceeded, operation, "it declares \(bytes) bytes, but the file stores \(stored)")
    }
  }
}
