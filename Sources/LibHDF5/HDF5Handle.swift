import CHDF5
import HDF5

/// What groups, datasets, named datatypes and attributes have in common: a file and a place in it.
///
/// A handle keeps its file alive, and closes what it stands for when the last reference to it goes.
/// Handles may be shared between threads; calls on them take turns.
///
/// `@unchecked Sendable`, and so are the subclasses: nothing in them changes after `init`, and
/// every use of the identifier is under the library's lock.
public class HDF5Handle: @unchecked Sendable {
  /// The file. The handle keeps it open, unless ``HDF5File/close()`` is called.
  public final let file: HDF5File
  /// The path under which it was opened, from the root of the file: `/group/dataset`; of an
  /// attribute, that of its object and its name: `/group/dataset@unit`. Links that are renamed
  /// later do not change it.
  public final let path: String

  private final let identifier: HDF5Identifier

  init(_ id: hid_t, file: HDF5File, path: String) {
    identifier = HDF5Identifier(id)
    self.file = file
    self.path = path
  }

  /// The handle, as errors name it.
  final var place: HDF5Place { HDF5Place(file: file.path, path: path) }

  /// Something below the handle, as errors name it.
  final func place(of name: String) -> HDF5Place {
    HDF5Place(file: file.path, path: HDF5Name.join(path, name))
  }

  /// The identifier, if the file is open still. The lock must be held while it is in use.
  final func openIdentifier(
    _ operation: StaticString, at place: @autoclosure () -> HDF5Place
  ) throws(HDF5Error) -> hid_t {
    // Asked each time: closing the file closes the identifiers in it.
    _ = try file.openIdentifier(operation, at: place())
    return identifier.id
  }

  /// Runs one call on the identifier, if the file is open still.
  @discardableResult
  final func call<Result: SignedInteger>(
    _ operation: StaticString, at place: @autoclosure () -> HDF5Place, _ body: (hid_t) -> Result
  ) throws(HDF5Error) -> Result {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let id = try openIdentifier(operation, at: place())
    return try HDF5Library.call(operation, at: place()) { body(id) }
  }

  /// Runs one call on the identifier, if the file is open still.
  @discardableResult
  final func call<Result: SignedInteger>(
    _ operation: StaticString, _ body: (hid_t) -> Result
  ) throws(HDF5Error) -> Result {
    try call(operation, at: place, body)
  }
}

/// An object of a file: a group, a dataset or a named datatype. Objects have attributes.
public class HDF5Object: HDF5Handle, @unchecked Sendable {
  /// What the object is, where it is, and how many hard links lead to it (`H5Oget_info`).
  ///
  /// Two handles are of the same object of a file if the addresses are equal.
  public final var info: HDF5ObjectInfo {
    get throws(HDF5Error) {
      var info = chdf5_object()
      try call("look at") { chdf5_object_info($0, &info) }
      return HDF5ObjectInfo(info)
    }
  }
}

extension HDF5ObjectInfo {
  init(_ info: chdf5_object) {
    let kind: Kind =
      switch info.kind {
      case 0: .group
      case 1: .dataset
      case 2: .namedDatatype
      default: .unknown
      }
    self.init(
      kind: kind, address: info.address, referenceCount: Int(info.reference_count))
  }
}

/// A datatype that is stored in a file under a name, to be shared by datasets: a committed datatype
/// of libhdf5.
public final class HDF5NamedDatatype: HDF5Object, @unchecked Sendable {
  /// The type, as a value that does not depend on the file.
  ///
  /// - Throws: `HDF5Error` as ``HDF5Dataset/datatype`` does.
  public var datatype: HDF5Datatype {
    get throws(HDF5Error) {
      let id = try call("read the datatype") { H5Tcopy($0) }
      return try HDF5Datatype(reading: HDF5ScopedIdentifier(owning: id), at: place)
    }
  }
}
