import CHDF5
import HDF5

/// The attributes of an object: of a group, a dataset or a named datatype.
///
/// ```swift
/// try group.attributes.set("version", to: 1 as Int64)
/// let version = try group.attributes.value("version", as: Int64.self)
/// ```
///
/// A value of this type keeps the object and its file open. It stores nothing of the attributes
/// themselves: each call asks the file.
public struct HDF5Attributes: Sendable {
  /// The object.
  public let object: HDF5Object

  /// The number of attributes, as `H5Oget_info` gives it.
  public var count: Int {
    get throws(HDF5Error) {
      Int(try object.call("count the attributes of") { chdf5_attribute_count($0) })
    }
  }

  /// Whether there is an attribute of that name (`H5Aexists`).
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the name is empty or has
  ///   NUL in it, or others.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    let operation: StaticString = "look for the attribute"
    let place = place(of: name)
    try HDF5Name.checkText(name, operation, at: place)
    return try object.call(operation, at: place) { H5Aexists($0, name) } > 0
  }

  /// Opens an attribute, of whatever type and shape (`H5Aopen`).
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, among others.
  public func open(_ name: String) throws(HDF5Error) -> HDF5Attribute {
    let operation: StaticString = "open the attribute"
    let place = place(of: name)
    try HDF5Name.checkText(name, operation, at: place)
    let id = try object.call(operation, at: place) {
      H5Aopen($0, name, chdf5_default_properties())
    }
    return HDF5Attribute(id, of: object, name: name)
  }

  /// Makes an attribute, still without content (`H5Acreate2`).
  ///
  /// An attribute of 64 KiB or more needs an object that tracks the order of its attributes, or a
  /// file of format ``HDF5FileOptions/Format/v18`` or later.
  ///
  /// - Parameters:
  ///   - name: The attribute's name: not empty, and without NUL.
  ///   - datatype: The type of its elements in the file.
  ///   - dataspace: Its extent: one element unless another is given.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists`, `HDF5Error.Code.limitExceeded`
  ///   if it is too large for its object, or others.
  @discardableResult
  public func create(
    _ name: String, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace = .scalar
  ) throws(HDF5Error) -> HDF5Attribute {
    let operation: StaticString = "create the attribute"
    let place = place(of: name)
    try HDF5Name.checkText(name, operation, at: place)
    let type = try datatype.makeIdentifier(at: place)
    let space = try dataspace.makeIdentifier(at: place)
    let creation = try HDF5PropertyList.attributeCreation(name, at: place)
    let (typeID, spaceID, creationID) = (type.id, space.id, creation.id)
    do throws(HDF5Error) {
      let id = try object.call(operation, at: place) {
        H5Acreate2($0, name, typeID, spaceID, creationID, chdf5_default_properties())
      }
      return HDF5Attribute(id, of: object, name: name)
    } catch {
      // libhdf5 says only that a message is too large.
      guard let count = dataspace.elementCount, let size = datatype.byteCount,
        let bytes = [count, size].checkedProduct, bytes > HDF5Attributes.compactLimit
      else { throw error }
      var explained = error
      explained.code = .limitExceeded
      explained.message = """
        an attribute of \(bytes) bytes needs an object that tracks the order of its attributes, or \
        a file of format v18
        """
      throw explained
    }
  }

  /// Removes an attribute (`H5Adelete`).
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, among others.
  public func remove(_ name: String) throws(HDF5Error) {
    let operation: StaticString = "remove the attribute"
    let place = place(of: name)
    try HDF5Name.checkText(name, operation, at: place)
    try object.call(operation, at: place) { H5Adelete($0, name) }
  }

  /// The names of the attributes.
  ///
  /// - Parameters:
  ///   - order: How they are sorted. An object that does not keep the order of creation gives them
  ///     by name in any case: see ``tracksOrder``.
  ///   - maximumCount: More attributes than this are an error.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.limitExceeded`, `HDF5Error.Code.corrupt` if a
  ///   name is not UTF-8, or others. Part of a list is never returned.
  public func names(
    order: HDF5Order = .name, maximumCount: Int = 1_000_000
  ) throws(HDF5Error) -> [String] {
    let operation: StaticString = "list the attributes of"
    let byCreation = order == .creation ? try tracksOrder : false
    var collection = Collection(maximumCount: maximumCount)
    try withUnsafeMutablePointer(to: &collection) { pointer throws(HDF5Error) in
      _ = try object.call(operation) { id in
        chdf5_walk_attributes(
          id, byCreation ? 1 : 0,
          { _, name, _, context in
            guard let name, let context else { return chdf5_walk_failed() }
            let collection = context.assumingMemoryBound(to: Collection.self)
            guard collection.pointee.names.count < collection.pointee.maximumCount else {
              collection.pointee.failure = .tooMany
              return chdf5_walk_stop()
            }
            guard let text = String(validatingCString: name) else {
              collection.pointee.failure = .notUTF8
              return chdf5_walk_stop()
            }
            collection.pointee.names.append(text)
            return chdf5_walk_continue()
          }, pointer)
      }
    }
    switch collection.failure {
    case .tooMany:
      throw object.place.error(
        .limitExceeded, operation, "it has more than \(maximumCount) attributes")
    case .notUTF8:
      throw object.place.error(
        .corrupt, operation, "the name of attribute \(collection.names.count) is not UTF-8")
    case nil:
      return collection.names
    }
  }

  /// Whether the object keeps the order in which its attributes were made.
  ///
  /// That is decided when an object is made, by ``HDF5GroupOptions/tracksAttributeOrder`` or
  /// ``HDF5DatasetOptions/tracksAttributeOrder``.
  public var tracksOrder: Bool {
    get throws(HDF5Error) {
      let operation: StaticString = "read the options of"
      let kind = try object.info.kind
      let list = HDF5ScopedIdentifier(
        owning: try object.call(operation) { id in
          switch kind {
          case .dataset: H5Dget_create_plist(id)
          case .namedDatatype: H5Tget_create_plist(id)
          case .group, .unknown: H5Gget_create_plist(id)
          }
        })
      let id = list.id
      return try HDF5Library.call(operation, at: object.place) {
        chdf5_tracks_attribute_order(id)
      } > 0
    }
  }

  /// What the callback of a walk collects. No code of the user runs within a walk.
  private struct Collection {
    var names: [String] = []
    var maximumCount: Int
    var failure: Failure?

    enum Failure {
      case tooMany, notUTF8
    }
  }

  /// What fits into the header of an object for certain: 64 KiB with room for the description.
  private static let compactLimit = 64_000

  func place(of name: String) -> HDF5Place {
    HDF5Place(file: object.file.path, path: HDF5Attribute.path(of: name, object))
  }
}

extension HDF5Object {
  /// The attributes of the object.
  public final var attributes: HDF5Attributes { HDF5Attributes(object: self) }
}
