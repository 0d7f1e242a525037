import CHDF5
import HDF5

extension HDF5Group {
  /// Makes a dataset of the given shape. Without dimensions it holds one element.
  ///
  /// Until elements are written, all have the fill value, zero unless the options give another.
  ///
  /// - Parameters:
  ///   - path: Where. The group that is to hold it must exist.
  ///   - datatype: The type of its elements in the file.
  ///   - shape: Its dimensions, outermost first: 32 at most, which may be 0.
  ///   - options: How it is stored.
  /// - Throws: `HDF5Error` as ``createDataset(_:_:_:options:)`` does.
  @discardableResult
  public func createDataset(
    _ path: String, _ datatype: HDF5Datatype, shape: [Int],
    options: HDF5DatasetOptions = HDF5DatasetOptions()
  ) throws(HDF5Error) -> HDF5Dataset {
    try createDataset(path, datatype, .shape(shape), options: options)
  }

  /// Makes a dataset of the given extent, which may be null, or free to grow (`H5Dcreate2`).
  ///
  /// ```swift
  /// let losses = try group.createDataset(
  ///   "loss", .float32, .simple(dimensions: [0], maximum: [nil]),
  ///   options: HDF5DatasetOptions(layout: .chunked([1024])))
  /// try losses.setExtent([2])
  /// try losses.write([0.5, 0.25] as [Float])
  /// ```
  ///
  /// - Parameters:
  ///   - path: Where. The group that is to hold it must exist.
  ///   - datatype: The type of its elements in the file.
  ///   - dataspace: Its extent. What can grow has to be chunked.
  ///   - options: How it is stored.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists` if something is at the path,
  ///   `HDF5Error.Code.notFound` if its group does not exist, `HDF5Error.Code.invalidArgument` if
  ///   type, shape, chunks, filters or fill value do not fit together, `HDF5Error.Code.unsupported`
  ///   for virtual datasets and for types that `HDF5Datatype` cannot express, or others.
  @discardableResult
  public func createDataset(
    _ path: String, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace,
    options: HDF5DatasetOptions = HDF5DatasetOptions()
  ) throws(HDF5Error) -> HDF5Dataset {
    let operation: StaticString = "create the dataset"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let type = try datatype.makeIdentifier(at: place)
    let space = try dataspace.makeIdentifier(at: place)
    let creation = try HDF5PropertyList.datasetCreation(options, datatype, dataspace, at: place)
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let link = try HDF5PropertyList.linkCreation(parent.name, at: place)
    let (parentID, typeID, spaceID, linkID, creationID) =
      (parent.id, type.id, space.id, link.id, creation.id)
    let name = parent.name
    let id = try HDF5Library.call(operation, at: place) {
      H5Dcreate2(
        parentID, name, typeID, spaceID, linkID, creationID, chdf5_default_properties())
    }
    return HDF5Dataset(id, file: file, path: HDF5Name.join(self.path, path))
  }
}

extension HDF5PropertyList {
  private static let operation: StaticString = "set up the storage of"

  /// A dataset creation list.
  static func datasetCreation(
    _ options: HDF5DatasetOptions, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace,
    at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) { chdf5_create_dataset_creation_list() })
    let id = list.id
    try set(place) { H5Pset_obj_track_times(id, false) }
    try setLayout(id, options, dataspace, at: place)
    switch options.allocationTime {
    case .automatic: break
    case .early: try set(place) { chdf5_allocate_early(id) }
    case .late: try set(place) { chdf5_allocate_late(id) }
    case .incremental: try set(place) { chdf5_allocate_incrementally(id) }
    }
    switch options.fillTime {
    case .ifSet: break
    case .never: try set(place) { chdf5_never_fill(id) }
    }
    if let value = options.fillValue {
      guard !datatype.hasVariableLength, value.count == datatype.byteCount else {
        throw place.error(
          .invalidArgument, operation, "the fill value is not one element of the type")
      }
      let type = try datatype.makeIdentifier(at: place)
      let typeID = type.id
      try set(place) { H5Pset_fill_value(id, typeID, value) }
    }
    if options.tracksAttributeOrder {
      try set(place) { chdf5_track_attribute_order(id) }
    }
    return list
  }

  private static func setLayout(
    _ id: hid_t, _ options: HDF5DatasetOptions, _ dataspace: HDF5Dataspace, at place: HDF5Place
  ) throws(HDF5Error) {
    switch options.layout {
    case .compact:
      try set(place) { chdf5_set_compact(id) }
    case .contiguous:
      try set(place) { chdf5_set_contiguous(id) }
    case .chunked(let shape):
      guard case .simple(let dimensions, _) = dataspace, shape.count == dimensions.count,
        shape.allSatisfy({ (1...Int(UInt32.max)).contains($0) })
      else {
        throw place.error(
          .invalidArgument, operation,
          "chunks of the shape \(shape) do not divide the shape \(dataspace.dimensions)")
      }
      try set(place) { H5Pset_chunk(id, Int32(shape.count), shape.map { hsize_t($0) }) }
    case .virtual:
      throw place.error(.unsupported, operation, "virtual datasets can only be read")
    }
    guard !options.filters.isEmpty else { return }
    guard case .chunked = options.layout else {
      throw place.error(.invalidArgument, operation, "only a chunked dataset can have filters")
    }
    for filter in options.filters {
      guard let number = H5Z_filter_t(exactly: filter.id) else {
        throw place.error(.invalidArgument, operation, "there is no filter \(filter.id)")
      }
      // libhdf5 checks the level only in its function for this one filter.
      if filter.id == HDF5Filter.deflateID, filter.parameters.count != 1 || filter.parameters[0] > 9
      {
        throw place.error(
          .invalidArgument, operation, "deflate has the levels 0 to 9, not \(filter.parameters)")
      }
      let flags = filter.isOptional ? chdf5_filter_optional() : chdf5_filter_mandatory()
      try set(place) {
        H5Pset_filter(id, number, flags, filter.parameters.count, filter.parameters)
      }
    }
  }

  private static func set(_ place: HDF5Place, _ body: () -> herr_t) throws(HDF5Error) {
    try HDF5Library.call(operation, at: place, body)
  }
}
