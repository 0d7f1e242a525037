import CHDF5
import HDF5

extension HDF5Group {
  /// The number of links in the group, of whatever kind (`H5Gget_info`).
  public var linkCount: Int {
    get throws(HDF5Error) {
      Int(try call("count the links of") { chdf5_link_count($0) })
    }
  }

  /// Whether the group keeps the order in which its links were made: see
  /// ``HDF5GroupOptions/tracksLinkOrder``.
  public var tracksLinkOrder: Bool {
    get throws(HDF5Error) {
      let operation: StaticString = "read the options of"
      let list = HDF5ScopedIdentifier(owning: try call(operation) { H5Gget_create_plist($0) })
      let id = list.id
      return try HDF5Library.call(operation, at: place) { chdf5_tracks_link_order(id) } > 0
    }
  }

  /// The names in the group. Cheaper than ``links(order:maximumCount:)``, which looks at each
  /// target.
  ///
  /// - Parameters:
  ///   - order: How they are sorted. A group that does not keep the order of creation gives them by
  ///     name in any case: see ``tracksLinkOrder``.
  ///   - maximumCount: More links than this are an error.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.limitExceeded`, `HDF5Error.Code.corrupt` if a
  ///   name is not UTF-8, or others. Part of a list is never returned.
  public func names(
    order: HDF5Order = .name, maximumCount: Int = 10_000_000
  ) throws(HDF5Error) -> [String] {
    try entries(order, maximumCount).map(\.name)
  }

  /// The links of the group. Nothing is followed, and no external file is touched.
  ///
  /// - Parameters:
  ///   - order: How they are sorted, as for ``names(order:maximumCount:)``.
  ///   - maximumCount: More links than this are an error.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.limitExceeded`, `HDF5Error.Code.corrupt` if a
  ///   name or the path that a link holds is not UTF-8, or others. Part of a list is never
  ///   returned.
  public func links(
    order: HDF5Order = .name, maximumCount: Int = 10_000_000
  ) throws(HDF5Error) -> [HDF5Link] {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    var links: [HDF5Link] = []
    for entry in try entries(order, maximumCount) {
      links.append(
        HDF5Link(
          name: entry.name, target: try target(of: entry.name, entry.link),
          creationOrder: entry.link.has_creation_order != 0 ? Int(entry.link.creation_order) : nil))
    }
    return links
  }

  /// A name with what the library says about its link.
  private struct Entry {
    var name: String
    var link: chdf5_link
  }

  /// What the callback of a walk collects. No code of the user runs within a walk.
  private struct Collection {
    var entries: [Entry] = []
    var maximumCount: Int
    var failure: Failure?

    enum Failure {
      case tooMany, notUTF8
    }
  }

  private func entries(
    _ order: HDF5Order, _ maximumCount: Int
  ) throws(HDF5Error) -> [Entry] {
    let operation: StaticString = "list the links of"
    let byCreation = order == .creation ? try tracksLinkOrder : false
    var collection = Collection(maximumCount: maximumCount)
    try withUnsafeMutablePointer(to: &collection) { pointer throws(HDF5Error) in
      _ = try call(operation) { id in
        chdf5_walk_links(
          id, byCreation ? 1 : 0,
          { name, link, context in
            guard let name, let link, let context else { return chdf5_walk_failed() }
            let collection = context.assumingMemoryBound(to: Collection.self)
            guard collection.pointee.entries.count < collection.pointee.maximumCount else {
              collection.pointee.failure = .tooMany
              return chdf5_walk_stop()
            }
            guard let text = String(validatingCString: name) else {
              collection.pointee.failure = .notUTF8
              return chdf5_walk_stop()
            }
            collection.pointee.entries.append(Entry(name: text, link: link.pointee))
            return chdf5_walk_continue()
          }, pointer)
      }
    }
    switch collection.failure {
    case .tooMany:
      throw place.error(.limitExceeded, operation, "it has more than \(maximumCount) links")
    case .notUTF8:
      throw place.error(
        .corrupt, operation, "the name of link \(collection.entries.count) is not UTF-8")
    case nil:
      return collection.entries
    }
  }

  private func target(
    of name: String, _ link: chdf5_link
  ) throws(HDF5Error) -> HDF5Link.Target {
    let place = place(of: name)
    let id = try openIdentifier("look at the link", at: place)
    return try HDF5Group.target(of: name, link, in: id, at: place)
  }

  /// What a link of an open group leads to.
  static func target(
    of name: String, _ link: chdf5_link, in group: hid_t, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5Link.Target {
    let operation: StaticString = "look at the link"
    switch link.kind {
    case 0:
      var info = chdf5_object()
      try HDF5Library.call(operation, at: place) { chdf5_object_info_by_name(group, name, &info) }
      return .hard(HDF5ObjectInfo(info))
    case 1:
      return .soft(path: try softTarget(name, link, in: group, operation, at: place))
    case 2:
      let value = try value(name, link, in: group, operation, at: place)
      // One byte of version and flags, then the file's name and the path, each ended by NUL.
      let parts = value.dropFirst().split(separator: 0, omittingEmptySubsequences: false)
      guard parts.count >= 2 else {
        throw place.error(.corrupt, operation, "its target is damaged")
      }
      return .external(
        file: try text(parts[0], operation, at: place),
        path: try text(parts[1], operation, at: place))
    default:
      return .userDefined(linkClass: Int(link.user_class))
    }
  }

  /// The path that a soft link holds.
  static func softTarget(
    _ name: String, _ link: chdf5_link, in group: hid_t, _ operation: StaticString,
    at place: HDF5Place
  ) throws(HDF5Error) -> String {
    let bytes = try value(name, link, in: group, operation, at: place)
    return try text(bytes.prefix { $0 != 0 }, operation, at: place)
  }

  /// The bytes that a link which is not hard holds.
  private static func value(
    _ name: String, _ link: chdf5_link, in group: hid_t, _ operation: StaticString,
    at place: HDF5Place
  ) throws(HDF5Error) -> [UInt8] {
    // Far beyond any path, and little enough to allocate for a file that lies.
    guard link.value_size <= 1 << 20 else {
      throw place.error(.corrupt, operation, "its target has \(link.value_size) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: link.value_size)
    try HDF5Library.call(operation, at: place) {
      H5Lget_val(group, name, &bytes, bytes.count, chdf5_default_properties())
    }
    return bytes
  }

  private static func text(
    _ bytes: ArraySlice<UInt8>, _ operation: StaticString, at place: HDF5Place
  ) throws(HDF5Error) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw place.error(.corrupt, operation, "its target is not UTF-8")
    }
    return text
  }
}
