/// A group of a file that is scanned, however it keeps its links: in a tree and a heap of names, as
/// in the oldest files (specification, III.A.1, III.B, III.D), or as messages of its header, or, if
/// they are many, in a heap with an index (IV.A.2.c, IV.A.2.g).
///
/// Nothing but the header is kept: each call reads the links again. May be used by several threads
/// at a time.
public struct HDF5ScannedGroup: Sendable {
  let object: HDF5ScanObject

  init(_ object: HDF5ScanObject) {
    self.object = object
  }

  /// The identity of the group: equal for two hard links that lead to it. A program that walks
  /// a file has to keep those of the groups on its way, since hard links can form a circle.
  public var address: UInt64 { object.address }

  /// The path by which it was reached, if it is known.
  public var path: String? { object.path }

  /// The attributes.
  public var attributes: HDF5ScannedAttributes { HDF5ScannedAttributes(object: object) }

  /// All links, sorted by the bytes of their names. What they lead to is not looked at.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt`` if a name is not UTF-8,
  ///   impossible or given twice, or if a part of the list is damaged, among others: a part of a
  ///   list is never returned as the whole.
  public func links() throws(HDF5Error) -> [HDF5ScannedLink] {
    try object.reporting("list the links of") { () throws(HDF5ScanFault) in
      try HDF5ScanLinks(object).all()
    }
  }

  /// The link of a name; `nil` if there is none. Names are compared byte by byte.
  ///
  /// In a group with many links this goes down the tree that finds the name, and does not read the
  /// others.
  ///
  /// - Parameter name: A single name, not a path: see ``object(_:)``.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt``, among others.
  public func link(_ name: String) throws(HDF5Error) -> HDF5ScannedLink? {
    try object.reporting("look for a link in") { () throws(HDF5ScanFault) in
      try HDF5ScanLinks(object).named(name)
    }
  }

  /// Reads what a path leads to: the names of hard links, separated by slashes.
  ///
  /// - Parameter path: From this group, or from the root if it begins with a slash.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/notFound``,
  ///   ``HDF5Error/Code/refusedLink`` if a link on the path is not a hard one, or others.
  public func object(_ path: String) throws(HDF5Error) -> HDF5ScannedObject {
    let operation: StaticString = "open the object"
    let fullPath = HDF5Name.join(self.path ?? "", path)
    let place = HDF5Place(file: object.file.name, path: fullPath)
    var current = HDF5ScannedObject.group(self)
    if HDF5Name.isAbsolute(path) {
      current = try root()
    }
    for name in HDF5Name.components(of: path) {
      guard case .group(let group) = current else {
        throw place.error(
          .notFound, operation, "there is a \(current.kind.noun) before '\(name.shortened)'")
      }
      guard let link = try group.link(name) else {
        throw place.error(.notFound, operation, "there is no '\(name.shortened)'")
      }
      guard case .hard(let address) = link.target else {
        throw place.error(.refusedLink, operation, "'\(name.shortened)' is not a hard link")
      }
      let childPath = group.path.map { HDF5Name.join($0, name) }
      current = try object.file.reporting(operation, path: childPath ?? fullPath) {
        () throws(HDF5ScanFault) in
        try HDF5ScannedObject(at: address, path: childPath, in: object.file)
      }
    }
    return current
  }

  private func root() throws(HDF5Error) -> HDF5ScannedObject {
    try object.file.reporting("open the group", path: "/") { () throws(HDF5ScanFault) in
      try HDF5ScannedObject(at: UInt64(object.file.rootAddress), path: "/", in: object.file)
    }
  }

  /// Reads the group that a path leads to, as ``object(_:)`` does.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/typeMismatch`` if it is something else.
  public func group(_ path: String) throws(HDF5Error) -> HDF5ScannedGroup {
    let found = try object(path)
    guard case .group(let group) = found else { throw mismatch(found, path, "open the group") }
    return group
  }

  /// Reads the dataset that a path leads to, as ``object(_:)`` does.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/typeMismatch`` if it is something else.
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5ScannedDataset {
    let found = try object(path)
    guard case .dataset(let dataset) = found else {
      throw mismatch(found, path, "open the dataset")
    }
    return dataset
  }

  private func mismatch(
    _ found: HDF5ScannedObject, _ path: String, _ operation: StaticString
  ) -> HDF5Error {
    HDF5Place(file: object.file.name, path: HDF5Name.join(self.path ?? "", path)).error(
      .typeMismatch, operation, "it is a \(found.kind.noun)")
  }
}

/// An entry of a group: a name, and what it leads to.
public struct HDF5ScannedLink: Hashable, Sendable {
  /// What a link leads to.
  public enum Target: Hashable, Sendable {
    /// The object at an address of the same file: see ``HDF5Scan/object(at:path:)``.
    case hard(address: UInt64)
    /// A path in the same file, where something may be or not; from the group that holds the link,
    /// unless it begins with a slash.
    case soft(path: String)
    /// A path in another file.
    case external(file: String, path: String)
    /// Whatever the program that registered the class with libhdf5 makes of it.
    case userDefined(linkClass: Int)
  }

  /// The name: never empty, `.`, or with a slash or NUL in it.
  public var name: String
  /// What it leads to.
  public var target: Target
  /// When it was made, counted from 0 within the group; `nil` if the group does not keep that
  /// order.
  public var creationOrder: Int?

  /// A link as it is read, with a name that can be part of a path.
  init(
    _ name: HDF5ScanCursor, _ target: Target, creationOrder: Int? = nil
  ) throws(HDF5ScanFault) {
    self.name = try name.text("a link")
    self.target = target
    self.creationOrder = creationOrder
    guard !self.name.isEmpty, self.name != ".", !self.name.utf8.contains(0),
      !self.name.utf8.contains(UInt8(ascii: "/"))
    else { throw name.fault("a link has an impossible name") }
  }
}
