import CHDF5
import HDF5

/// A group: a folder of links to groups, datasets and named datatypes.
///
/// Every method that takes a `path` accepts a name (`weight`), a relative path (`conv1/weight`) or
/// an absolute one (`/parameters/conv1/weight`), and obeys the file's ``HDF5File/linkPolicy``.
public final class HDF5Group: HDF5Object, @unchecked Sendable {
  /// Opens a group.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`,
  ///   `HDF5Error.Code.typeMismatch` if something else is there, or
  ///   `HDF5Error.Code.refusedLink`.
  public func group(_ path: String) throws(HDF5Error) -> HDF5Group {
    let operation: StaticString = "open the group"
    let id = try open(path, as: .group, operation)
    return HDF5Group(id, file: file, path: HDF5Name.join(self.path, path))
  }

  /// Opens a dataset.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`,
  ///   `HDF5Error.Code.typeMismatch` if something else is there, or
  ///   `HDF5Error.Code.refusedLink`.
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5Dataset {
    let operation: StaticString = "open the dataset"
    let id = try open(path, as: .dataset, operation)
    return HDF5Dataset(id, file: file, path: HDF5Name.join(self.path, path))
  }

  /// Opens a named datatype.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`,
  ///   `HDF5Error.Code.typeMismatch` if something else is there, or
  ///   `HDF5Error.Code.refusedLink`.
  public func namedDatatype(_ path: String) throws(HDF5Error) -> HDF5NamedDatatype {
    let operation: StaticString = "open the datatype"
    let id = try open(path, as: .namedDatatype, operation)
    return HDF5NamedDatatype(id, file: file, path: HDF5Name.join(self.path, path))
  }

  /// Opens whatever the path leads to: the result is an ``HDF5Group``, an ``HDF5Dataset`` or an
  /// ``HDF5NamedDatatype``. The path `/` leads to the root group, `.` to this one.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, `HDF5Error.Code.refusedLink`,
  ///   `HDF5Error.Code.invalidArgument` if the path is empty or has NUL in it, or others.
  public func object(_ path: String) throws(HDF5Error) -> HDF5Object {
    let id = try open(path, as: nil, "open")
    let fullPath = HDF5Name.join(self.path, path)
    return try HDF5Group.object(id, file: file, path: fullPath, "open")
  }

  /// Wraps an identifier by what it stands for, and closes it if it stands for nothing known.
  static func object(
    _ id: hid_t, file: HDF5File, path: String, _ operation: StaticString
  ) throws(HDF5Error) -> HDF5Object {
    switch kind(of: id) {
    case .group: return HDF5Group(id, file: file, path: path)
    case .dataset: return HDF5Dataset(id, file: file, path: path)
    case .namedDatatype: return HDF5NamedDatatype(id, file: file, path: path)
    case .unknown:
      _ = HDF5ScopedIdentifier(owning: id)
      throw HDF5Place(file: file.path, path: path).error(
        .unsupported, operation, "it is an object of unknown kind")
    }
  }

  /// Makes a group.
  ///
  /// - Parameters:
  ///   - path: Where. Only the last name on it may be new, unless `createsIntermediates` is set.
  ///   - options: How it keeps its links and attributes. Groups made on the way get the same.
  ///   - createsIntermediates: Whether groups that are missing on the way are made.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists`,
  ///   `HDF5Error.Code.notFound` or others.
  @discardableResult
  public func createGroup(
    _ path: String, options: HDF5GroupOptions = HDF5GroupOptions(),
    createsIntermediates: Bool = false
  ) throws(HDF5Error) -> HDF5Group {
    let operation: StaticString = "create the group"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let parent = try parent(
      of: path, creatingGroups: createsIntermediates ? options : nil, operation)
    let id = try HDF5Group.create(parent.name, in: parent.id, options, operation, at: place)
    return HDF5Group(id, file: file, path: HDF5Name.join(self.path, path))
  }

  /// Makes one group in an open one.
  static func create(
    _ name: String, in group: hid_t, _ options: HDF5GroupOptions, _ operation: StaticString,
    at place: HDF5Place
  ) throws(HDF5Error) -> hid_t {
    let creation = try HDF5PropertyList.groupCreation(options, at: place)
    let link = try HDF5PropertyList.linkCreation(name, at: place)
    let (creationID, linkID) = (creation.id, link.id)
    return try HDF5Library.call(operation, at: place) {
      H5Gcreate2(group, name, linkID, creationID, chdf5_default_properties())
    }
  }

  /// Stores a datatype under a name (`H5Tcommit2`).
  ///
  /// Datasets made with the same `HDF5Datatype` do not share it: each describes its type itself.
  ///
  /// - Parameters:
  ///   - path: Where. The group that is to hold it must exist.
  ///   - datatype: The type.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists` if something is at the path,
  ///   `HDF5Error.Code.notFound` if its group does not exist, `HDF5Error.Code.unsupported` if
  ///   `HDF5Datatype` cannot express the type, or others.
  @discardableResult
  public func createDatatype(
    _ path: String, _ datatype: HDF5Datatype
  ) throws(HDF5Error) -> HDF5NamedDatatype {
    let operation: StaticString = "create the datatype"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let type = try datatype.makeIdentifier(at: place)
    let link = try HDF5PropertyList.linkCreation(parent.name, at: place)
    // A copy: committing changes the identifier, and a predefined type may not be committed.
    let copyID = type.id
    let id = try HDF5Library.call(operation, at: place) { H5Tcopy(copyID) }
    let named = HDF5ScopedIdentifier(owning: id)
    let list = HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) { chdf5_create_datatype_creation_list() })
    let (parentID, linkID, listID) = (parent.id, link.id, list.id)
    try HDF5Library.call(operation, at: place) { H5Pset_obj_track_times(listID, false) }
    try HDF5Library.call(operation, at: place) {
      H5Tcommit2(parentID, parent.name, id, linkID, listID, chdf5_default_properties())
    }
    return HDF5NamedDatatype(
      named.release(), file: file, path: HDF5Name.join(self.path, path))
  }
}
