import CHDF5
import HDF5

extension HDF5Group {
  /// The group in which the last name of a path stands.
  struct Parent: ~Copyable {
    let group: HDF5ScopedIdentifier
    let name: String

    var id: hid_t { group.id }
  }

  /// Soft links that one path may lead through, as many as libhdf5 allows: an end to circles.
  private static let softLinkLimit = 16

  /// Walks to the group that holds, or is to hold, the last name of a path.
  ///
  /// The lock must be held, so that nothing changes on the way. The walk opens one group after the
  /// other rather than handing libhdf5 the path, which would follow every kind of link, take time
  /// that grows with the square of the depth when asked again for each part, and give the groups
  /// that it makes a time stamp.
  ///
  /// - Parameter options: How to make groups that are missing on the way; `nil` makes none.
  func parent(
    of path: String, creatingGroups options: HDF5GroupOptions?, _ operation: StaticString
  ) throws(HDF5Error) -> Parent {
    let place = place(of: path)
    try HDF5Name.checkText(path, operation, at: place)
    var names = HDF5Name.components(of: path)
    guard let last = names.popLast() else {
      throw place.error(.invalidArgument, operation, "the path ends in no name")
    }
    let group = try walk(names, from: path, creatingGroups: options, operation)
    return Parent(group: group, name: last)
  }

  /// Opens what a path leads to and checks that it is of a kind.
  func open(
    _ path: String, as kind: HDF5ObjectInfo.Kind?, _ operation: StaticString
  ) throws(HDF5Error) -> hid_t {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let place = place(of: path)
    try HDF5Name.checkText(path, operation, at: place)
    let names = HDF5Name.components(of: path)
    let object = try walk(names, from: path, creatingGroups: nil, operation)
    // A path without names ends where it starts, at an identifier that is not the caller's to keep.
    let owned = object.isOwned ? object : try HDF5Group.reopen(object.id, operation, at: place)
    let found = HDF5Group.kind(of: owned.id)
    if let kind, found != kind {
      throw place.error(.typeMismatch, operation, "it is a \(found.noun)")
    }
    return owned.release()
  }

  private static func reopen(
    _ id: hid_t, _ operation: StaticString, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    HDF5ScopedIdentifier(
      owning: try HDF5Library.call(operation, at: place) {
        H5Oopen(id, ".", chdf5_default_properties())
      })
  }

  /// Follows names from a group, one after the other.
  private func walk(
    _ names: [String], from path: String, creatingGroups options: HDF5GroupOptions?,
    _ operation: StaticString
  ) throws(HDF5Error) -> HDF5ScopedIdentifier {
    let place = place(of: path)
    let root = try file.openIdentifier(operation, at: place)
    let start = HDF5Name.isAbsolute(path) ? root : try openIdentifier(operation, at: place)
    var current = HDF5ScopedIdentifier(borrowing: start)
    var pending = Array(names.reversed())
    var softLinks = 0
    while let name = pending.popLast() {
      let id = current.id
      if let options {
        let exists = try HDF5Library.call(operation, at: place) {
          H5Lexists(id, name, chdf5_default_properties())
        }
        if exists == 0 {
          current = HDF5ScopedIdentifier(
            owning: try HDF5Group.create(name, in: id, options, operation, at: place))
          continue
        }
      }
      if file.linkPolicy != .all {
        var link = chdf5_link()
        try HDF5Library.call(operation, at: place) { chdf5_link_info(id, name, &link) }
        if let target = try followed(link, named: name, in: id, operation, at: place) {
          softLinks += 1
          guard softLinks <= HDF5Group.softLinkLimit else {
            throw place.error(.refusedLink, operation, "it leads through too many soft links")
          }
          if HDF5Name.isAbsolute(target) { current = HDF5ScopedIdentifier(borrowing: root) }
          pending += HDF5Name.components(of: target).reversed()
          continue
        }
      }
      current = HDF5ScopedIdentifier(
        owning: try HDF5Library.call(operation, at: place) {
          H5Oopen(id, name, chdf5_default_properties())
        })
    }
    return current
  }

  /// The path that a soft link stands for, `nil` for a hard link, or a refusal.
  private func followed(
    _ link: chdf5_link, named name: String, in group: hid_t, _ operation: StaticString,
    at place: HDF5Place
  ) throws(HDF5Error) -> String? {
    switch (link.kind, file.linkPolicy) {
    case (0, _):
      return nil
    case (1, .withinFile):
      return try HDF5Group.softTarget(name, link, in: group, operation, at: place)
    case (1, _):
      throw place.error(.refusedLink, operation, "'\(name.shortened)' is a soft link")
    case (2, _):
      throw place.error(.refusedLink, operation, "'\(name.shortened)' is a link to another file")
    default:
      throw place.error(
        .refusedLink, operation, "'\(name.shortened)' is a link of class \(link.user_class)")
    }
  }

  /// What an open identifier stands for.
  static func kind(of id: hid_t) -> HDF5ObjectInfo.Kind {
    switch chdf5_identifier_kind(id) {
    case 0: .group
    case 1: .dataset
    case 2: .namedDatatype
    default: .unknown
    }
  }
}
