import CHDF5
import HDF5

extension HDF5Group {
  /// The link at a path, or `nil` if there is none. The link itself is not followed.
  ///
  /// It is `nil` too if a group on the way is missing. A soft link whose target does not exist is a
  /// link like any other.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.refusedLink` if the policy of the file refuses
  ///   a link on the way, `HDF5Error.Code.invalidArgument` if the path has no name in it, as `/`,
  ///   or others.
  public func link(_ path: String) throws(HDF5Error) -> HDF5Link? {
    let operation: StaticString = "look at the link"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let parent: Parent
    do {
      parent = try self.parent(of: path, creatingGroups: nil, operation)
    } catch  where error.code == .notFound {
      return nil
    }
    let (id, name) = (parent.id, parent.name)
    let exists = try HDF5Library.call(operation, at: place) {
      H5Lexists(id, name, chdf5_default_properties())
    }
    guard exists > 0 else { return nil }
    var link = chdf5_link()
    try HDF5Library.call(operation, at: place) { chdf5_link_info(id, name, &link) }
    return HDF5Link(
      name: name,
      target: try HDF5Group.target(of: name, link, in: id, at: place),
      creationOrder: link.has_creation_order != 0 ? Int(link.creation_order) : nil)
  }

  /// Whether there is a link at a path, whatever it leads to, even nowhere.
  ///
  /// - Throws: As ``link(_:)`` does.
  public func contains(_ path: String) throws(HDF5Error) -> Bool {
    try link(path) != nil
  }

  /// Makes a second name for an object: a tie. The object lives as long as any of its names.
  ///
  /// - Parameters:
  ///   - path: The new name. The group that is to hold it must exist.
  ///   - object: A group, dataset or named datatype of the same file.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the object was opened
  ///   through another ``HDF5File``, `HDF5Error.Code.alreadyExists` if something has the name, or
  ///   others.
  public func createHardLink(_ path: String, to object: HDF5Object) throws(HDF5Error) {
    let operation: StaticString = "create the hard link"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    guard object.file === file else {
      throw place.error(.invalidArgument, operation, "'\(object.path)' is in another file")
    }
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let list = try HDF5PropertyList.linkCreation(parent.name, at: place)
    let (parentID, name, listID) = (parent.id, parent.name, list.id)
    try object.call(operation, at: place) {
      H5Olink($0, parentID, name, listID, chdf5_default_properties())
    }
  }

  /// Makes a link to a path, where something may be or not (`H5Lcreate_soft`).
  ///
  /// - Parameters:
  ///   - path: The name of the link. The group that is to hold it must exist.
  ///   - target: The path that it stands for: from the group that holds the link, or from the root
  ///     of the file if it begins with a slash. It is stored as it is and looked up when followed.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists` if something has the name,
  ///   `HDF5Error.Code.notFound` if its group does not exist, or others.
  public func createSoftLink(_ path: String, to target: String) throws(HDF5Error) {
    let operation: StaticString = "create the soft link"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    try HDF5Name.checkText(target, operation, at: place)
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let list = try HDF5PropertyList.linkCreation(parent.name, at: place)
    let (parentID, name, listID) = (parent.id, parent.name, list.id)
    try HDF5Library.call(operation, at: place) {
      H5Lcreate_soft(target, parentID, name, listID, chdf5_default_properties())
    }
  }

  /// Makes a link to an object of another file, which is opened only when the link is followed.
  ///
  /// It is followed only with ``HDF5LinkPolicy/all``. Where libhdf5 then looks for a file that is
  /// named by a relative path is described with `H5Lcreate_external`.
  ///
  /// - Parameters:
  ///   - path: The name of the link. The group that is to hold it must exist.
  ///   - file: The path of the other file, which need not exist.
  ///   - target: The path of the object in it.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists` if something has the name,
  ///   `HDF5Error.Code.notFound` if its group does not exist, or others.
  public func createExternalLink(
    _ path: String, toFile file: String, path target: String
  ) throws(HDF5Error) {
    let operation: StaticString = "create the external link"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    try HDF5Name.checkText(file, operation, at: place)
    try HDF5Name.checkText(target, operation, at: place)
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let list = try HDF5PropertyList.linkCreation(parent.name, at: place)
    let (parentID, name, listID) = (parent.id, parent.name, list.id)
    try HDF5Library.call(operation, at: place) {
      H5Lcreate_external(file, target, parentID, name, listID, chdf5_default_properties())
    }
  }

  /// Removes a link (`H5Ldelete`). The object it leads to goes with the last hard link to it.
  ///
  /// Handles of it stay usable: libhdf5 deletes an object only when none is open any more. The file
  /// need not become smaller.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound` if there is no such link, or others.
  public func remove(_ path: String) throws(HDF5Error) {
    let operation: StaticString = "remove"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let parent = try parent(of: path, creatingGroups: nil, operation)
    let (id, name) = (parent.id, parent.name)
    try HDF5Library.call(operation, at: place) {
      H5Ldelete(id, name, chdf5_default_properties())
    }
  }

  /// Gives a link another name or place in the file (`H5Lmove`). The object itself is not touched,
  /// so references to it stay valid, and so do handles, whose ``HDF5Handle/path`` is then the old
  /// one.
  ///
  /// - Parameters:
  ///   - path: The link.
  ///   - newPath: Where it is to be. The group that is to hold it must exist; nothing is replaced.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound` if there is no such link or group,
  ///   `HDF5Error.Code.alreadyExists` if something is at the new path, or others.
  public func move(_ path: String, to newPath: String) throws(HDF5Error) {
    let operation: StaticString = "move"
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    let source = try parent(of: path, creatingGroups: nil, operation)
    let target = try parent(of: newPath, creatingGroups: nil, operation)
    let list = try HDF5PropertyList.linkCreation(target.name, at: place)
    let (sourceID, sourceName, targetID, targetName, listID) =
      (source.id, source.name, target.id, target.name, list.id)
    try HDF5Library.call(operation, at: place) {
      H5Lmove(sourceID, sourceName, targetID, targetName, listID, chdf5_default_properties())
    }
  }
}
