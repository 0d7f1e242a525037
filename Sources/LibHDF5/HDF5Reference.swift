import CHDF5
import HDF5

/// What a region reference points to.
public struct HDF5Region: Sendable {
  /// The dataset, open.
  public var dataset: HDF5Dataset
  /// The part; `nil` if it is the whole dataset.
  public var hyperslab: HDF5Hyperslab?
}

extension HDF5Object {
  /// A reference to the object, to be stored in the same file (`H5Rcreate`): the address of its
  /// header. It survives the renaming of the object. Stored in another file, it leads to whatever
  /// has that address there.
  public final func makeReference() throws(HDF5Error) -> HDF5ObjectReference {
    var reference = HDF5ObjectReference(rawValue: 0)
    try call("make a reference to") { chdf5_create_object_reference($0, ".", &reference.rawValue) }
    return reference
  }
}

extension HDF5Dataset {
  /// A reference to a part of the dataset, to be stored in the same file, which must be writable:
  /// libhdf5 keeps the selection in the global heap, and the reference says where.
  ///
  /// ```swift
  /// let reference = try dataset.makeReference(to: HDF5Hyperslab(0..<2, 0..<3))
  /// let column = try group.createDataset("parts", .regionReference, shape: [1])
  /// try column.write([reference])
  /// ```
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the part does not lie
  ///   within the dataset, or others.
  public func makeReference(to hyperslab: HDF5Hyperslab) throws(HDF5Error) -> HDF5RegionReference {
    let operation: StaticString = "make a reference to"
    let selection = try elements.select(hyperslab, of: datatype, operation)
    let spaceID = selection.fileSpace.id
    var reference = HDF5RegionReference()
    try call(operation) { id in
      withUnsafeMutableBytes(of: &reference) {
        chdf5_create_region_reference(id, ".", spaceID, $0.baseAddress)
      }
    }
    return reference
  }
}

extension HDF5File {
  /// The path of the object that a reference points to (`H5Rget_name`): one of them, if it has
  /// several names.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound` if the object has no name,
  ///   `HDF5Error.Code.corrupt` if its name is not UTF-8, or what libhdf5 reports for a reference
  ///   that leads to no object.
  public func path(of reference: HDF5ObjectReference) throws(HDF5Error) -> String {
    var reference = reference
    return try path("follow a reference in") { id, name, size in
      chdf5_object_reference_path(id, &reference.rawValue, name, size)
    }
  }

  /// Opens the object that a reference points to: a group, a dataset or a named datatype.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound` if the reference is empty, or others
  ///   as for ``path(of:)``.
  public func object(_ reference: HDF5ObjectReference) throws(HDF5Error) -> HDF5Object {
    let operation: StaticString = "follow a reference in"
    guard reference.rawValue != 0 else {
      throw place.error(.notFound, operation, "the reference is empty")
    }
    let path = try path(of: reference)
    var reference = reference
    let id = try call(operation) { chdf5_open_object_reference($0, &reference.rawValue) }
    return try HDF5Group.object(id, file: self, path: path, operation)
  }

  /// Opens the dataset that a reference points to, and finds the part.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.unsupported` if the part is not one
  ///   regular hyperslab, or others as for ``path(of:)``.
  public func region(_ reference: HDF5RegionReference) throws(HDF5Error) -> HDF5Region {
    let operation: StaticString = "follow a reference in"
    var reference = reference
    let path = try path(operation) { id, name, size in
      chdf5_region_reference_path(id, &reference, name, size)
    }
    let space = HDF5ScopedIdentifier(
      owning: try call(operation) { chdf5_region_space($0, &reference) })
    let dataset = try root.dataset(path)
    let id = space.id
    guard chdf5_selects_all(id) == 0 else {
      return HDF5Region(dataset: dataset, hyperslab: nil)
    }
    guard chdf5_selects_regular_hyperslab(id) > 0 else {
      throw dataset.place.error(.unsupported, operation, "the region is no regular hyperslab")
    }
    let rank = try HDF5Dataspace(reading: space, at: dataset.place).dimensions.count
    var (start, stride, count, block) = (
      [hsize_t](repeating: 0, count: rank), [hsize_t](repeating: 0, count: rank),
      [hsize_t](repeating: 0, count: rank), [hsize_t](repeating: 0, count: rank)
    )
    try HDF5Library.call(operation, at: dataset.place) {
      H5Sget_regular_hyperslab(id, &start, &stride, &count, &block)
    }
    let hyperslab = HDF5Hyperslab(
      start: start.map { Int(clamping: $0) }, count: count.map { Int(clamping: $0) },
      stride: stride.map { Int(clamping: $0) }, block: block.map { Int(clamping: $0) })
    return HDF5Region(dataset: dataset, hyperslab: hyperslab)
  }

  /// Asks for a name twice: for its length, then for the name.
  private func path(
    _ operation: StaticString, _ body: (hid_t, UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(HDF5Error) -> String {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let length = try call(operation) { body($0, nil, 0) }
    guard length > 0 else {
      throw place.error(.notFound, operation, "the reference points to nothing that has a name")
    }
    var name = [CChar](repeating: 0, count: length + 1)
    try call(operation) { id in
      name.withUnsafeMutableBufferPointer { body(id, $0.baseAddress, $0.count) }
    }
    guard
      let path = String(validating: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    else { throw place.error(.corrupt, operation, "the name behind the reference is not UTF-8") }
    return path
  }
}
