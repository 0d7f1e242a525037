import CHDF5
import HDF5

/// The property lists that this module hands to libhdf5.
enum HDF5PropertyList {
  /// A file access list. Read-only access takes no lock, so that files on network volumes and files
  /// that somebody else has open can be read.
  static func fileAccess(
    _ options: HDF5FileOptions, isReadOnly: Bool, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let operation: StaticString = "set up the access to"
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) { chdf5_create_file_access_list() })
    let id = list.id
    try HDF5Library.call(operation, at: place) {
      switch options.closeDegree {
      case .strong: chdf5_set_close_degree_strong(id)
      case .semi: chdf5_set_close_degree_semi(id)
      }
    }
    if isReadOnly || !options.locksWrittenFile {
      try HDF5Library.call(operation, at: place) { chdf5_disable_file_locking(id) }
    } else {
      let oldest: Int32 =
        switch options.format {
        case .earliest: 0
        case .v18: 1
        case .v110: 2
        case .latest: 3
        }
      try HDF5Library.call(operation, at: place) { chdf5_set_oldest_format(id, oldest) }
    }
    if let alignment = options.alignment {
      guard alignment.threshold >= 0, alignment.bytes > 0 else {
        throw place.error(.invalidArgument, operation, "the alignment \(alignment) is not positive")
      }
      try HDF5Library.call(operation, at: place) {
        H5Pset_alignment(id, hsize_t(alignment.threshold), hsize_t(alignment.bytes))
      }
    }
    if let size = options.metadataBlockSize {
      guard size >= 0 else {
        throw place.error(
          .invalidArgument, operation, "the metadata block size \(size) is negative")
      }
      try HDF5Library.call(operation, at: place) { H5Pset_meta_block_size(id, hsize_t(size)) }
    }
    return list
  }

  /// A file creation list: user block, and the options of the root group.
  static func fileCreation(
    _ options: HDF5FileOptions, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let operation: StaticString = "set up the creation of"
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) { chdf5_create_file_creation_list() })
    let id = list.id
    guard options.userBlockSize >= 0 else {
      throw place.error(.invalidArgument, operation, "the user block size is negative")
    }
    try HDF5Library.call(operation, at: place) {
      H5Pset_userblock(id, hsize_t(options.userBlockSize))
    }
    try setUpObject(id, options.rootGroup, operation, at: place)
    return list
  }

  /// A group creation list.
  static func groupCreation(
    _ options: HDF5GroupOptions, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let operation: StaticString = "set up the creation of"
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) { chdf5_create_group_creation_list() })
    try setUpObject(list.id, options, operation, at: place)
    return list
  }

  private static func setUpObject(
    _ list: hid_t, _ options: HDF5GroupOptions, _ operation: StaticString, at place: HDF5Place
  ) throws(HDF5Error) {
    try HDF5Library.call(operation, at: place) { H5Pset_obj_track_times(list, false) }
    if options.tracksLinkOrder {
      try HDF5Library.call(operation, at: place) { chdf5_track_link_order(list) }
    }
    if options.tracksAttributeOrder {
      try HDF5Library.call(operation, at: place) { chdf5_track_attribute_order(list) }
    }
  }

  /// A creation list for a link of this name.
  static func linkCreation(
    _ name: String, at place: @autoclosure () -> HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    try naming(name, at: place()) { chdf5_create_link_creation_list() }
  }

  /// A creation list for an attribute of this name.
  static func attributeCreation(
    _ name: String, at place: @autoclosure () -> HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    try naming(name, at: place()) { chdf5_create_attribute_creation_list() }
  }

  private static func naming(
    _ name: String, at place: @autoclosure () -> HDF5Place, _ create: () -> hid_t
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    guard HDF5Name.needsUTF8Flag(name) else {
      return HDF5ScopedIdentifier(borrowing: chdf5_default_properties())
    }
    let operation: StaticString = "set up the name of"
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place(), create))
    let id = list.id
    try HDF5Library.call(operation, at: place()) { chdf5_set_names_utf8(id) }
    return list
  }
}
