import CHDF5
import HDF5

/// An identifier of libhdf5 that lives as long as the objects which share it.
///
/// `@unchecked Sendable`: the identifier never changes, and all use of it is under the library's
/// lock.
final class HDF5Identifier: @unchecked Sendable {
  let id: hid_t

  /// Takes over a valid identifier.
  init(_ id: hid_t) {
    // Closing what is no identifier could close an object that is somebody else's.
    precondition(id > 0, "libhdf5 never hands out the identifier \(id)")
    self.id = id
  }

  deinit {
    let id = id
    HDF5Library.ignoringErrors { H5Idec_ref(id) }
  }
}

/// An identifier that lives within one function: a dataspace, a datatype, a property list.
struct HDF5ScopedIdentifier: ~Copyable {
  let id: hid_t
  /// Whether the identifier is closed at the end of the scope.
  let isOwned: Bool

  /// Takes over an identifier, to be closed at the end of the scope.
  init(owning id: hid_t) {
    self.id = id
    isOwned = true
  }

  /// Uses an identifier that belongs to the library: a predefined type, a default list.
  init(borrowing id: hid_t) {
    self.id = id
    isOwned = false
  }

  deinit {
    guard isOwned else { return }
    let id = id
    HDF5Library.ignoringErrors { H5Idec_ref(id) }
  }

  /// Hands the identifier over to the caller, who has to close it.
  consuming func release() -> hid_t {
    let id = id
    discard self
    return id
  }
}
