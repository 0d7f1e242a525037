import CHDF5
import HDF5

/// The elements of a dataset or an attribute: what the two have in common, in one place.
struct HDF5Elements {
  enum Kind {
    case dataset, attribute
  }

  let handle: HDF5Handle
  let kind: Kind

  /// What is read or written in one go.
  struct Selection: ~Copyable {
    let count: Int
    let fileSpace: HDF5ScopedIdentifier
    let memorySpace: HDF5ScopedIdentifier
  }

  var place: HDF5Place { handle.place }

  /// The type as an identifier.
  func openType() throws(HDF5Error) -> HDF5ScopedIdentifier {
    HDF5ScopedIdentifier(
      owning: try handle.call("read the datatype of") { id in
        switch kind {
        case .dataset: H5Dget_type(id)
        case .attribute: H5Aget_type(id)
        }
      })
  }

  /// The extent as an identifier.
  func openSpace() throws(HDF5Error) -> HDF5ScopedIdentifier {
    let operation: StaticString = "read the shape of"
    // The shape of a virtual dataset may depend on other files, which asking for it opens.
    try refuseOtherFiles(operation)
    return HDF5ScopedIdentifier(
      owning: try handle.call(operation) { id in
        switch kind {
        case .dataset: H5Dget_space(id)
        case .attribute: H5Aget_space(id)
        }
      })
  }

  func datatype() throws(HDF5Error) -> HDF5Datatype {
    try HDF5Datatype(reading: try openType(), at: place)
  }

  func dataspace() throws(HDF5Error) -> HDF5Dataspace {
    try HDF5Dataspace(reading: try openSpace(), at: place)
  }

  /// Selects a part, or everything, and counts it.
  ///
  /// - Parameter type: The type of the elements in the file, to check that they are all there.
  func select(
    _ hyperslab: HDF5Hyperslab?, of type: HDF5Datatype, _ operation: StaticString
  ) throws(HDF5Error) -> Selection {
    let space = try openSpace()
    let extent = try HDF5Dataspace(reading: space, at: place)
    try checkExtent(extent, of: type, operation)
    guard let hyperslab else {
      guard let count = extent.elementCount else {
        throw place.error(
          .limitExceeded, operation, "its shape \(extent.dimensions) is too large to count")
      }
      return Selection(
        count: count, fileSpace: HDF5ScopedIdentifier(borrowing: chdf5_all_elements()),
        memorySpace: HDF5ScopedIdentifier(borrowing: chdf5_all_elements()))
    }
    if let mismatch = hyperslab.mismatch(with: extent.dimensions) {
      throw place.error(.invalidArgument, operation, mismatch)
    }
    guard let count = hyperslab.shape?.checkedProduct else {
      throw place.error(.invalidArgument, operation, "the selection is too large to count")
    }
    try hyperslab.select(in: space, operation, at: place)
    let memorySpace = try HDF5Dataspace.simple(dimensions: [count]).makeIdentifier(at: place)
    return Selection(count: count, fileSpace: space, memorySpace: memorySpace)
  }
}

// MARK: - Transfer

extension HDF5Elements {
  /// Reads selected elements into a buffer that is large enough for them.
  func read(
    _ selection: borrowing Selection, as type: borrowing HDF5ScopedIdentifier,
    into buffer: UnsafeMutableRawBufferPointer, _ operation: StaticString
  ) throws(HDF5Error) {
    guard selection.count > 0, let pointer = buffer.baseAddress else { return }
    // Where nothing was ever written and no fill value is kept, libhdf5 leaves memory as it was.
    if try mayHaveGaps(operation) { buffer.initializeMemory(as: UInt8.self, repeating: 0) }
    let (typeID, fileID, memoryID) =
      (type.id, selection.fileSpace.id, selection.memorySpace.id)
    try handle.call(operation) { id in
      switch kind {
      case .dataset:
        H5Dread(id, typeID, memoryID, fileID, chdf5_default_properties(), pointer)
      case .attribute:
        H5Aread(id, typeID, pointer)
      }
    }
  }

  /// Writes selected elements from a buffer that holds them all.
  func write(
    _ selection: borrowing Selection, as type: borrowing HDF5ScopedIdentifier,
    from buffer: UnsafeRawBufferPointer, _ operation: StaticString
  ) throws(HDF5Error) {
    guard selection.count > 0, let pointer = buffer.baseAddress else { return }
    try refuseOtherFiles(operation)
    let (typeID, fileID, memoryID) =
      (type.id, selection.fileSpace.id, selection.memorySpace.id)
    try handle.call(operation) { id in
      switch kind {
      case .dataset:
        H5Dwrite(id, typeID, memoryID, fileID, chdf5_default_properties(), pointer)
      case .attribute:
        H5Awrite(id, typeID, pointer)
      }
    }
  }
}
