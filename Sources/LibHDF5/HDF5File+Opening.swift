import CHDF5
import HDF5
import Platform

extension HDF5File {
  /// How an existing file is opened.
  public enum Mode: Hashable, Sendable {
    /// For reading. No lock is taken on the file, where the library leaves the choice (1.10.7).
    case readOnly
    /// For reading and writing.
    case readWrite
  }

  /// Whether a regular file at the path starts as an HDF5 file does (`H5Fis_accessible`, before
  /// 1.12 `H5Fis_hdf5`).
  ///
  /// The signature may also follow a user block, at 512 bytes or a power of two above. Nothing
  /// behind it is looked at, so ``open(_:mode:options:)`` may still fail.
  ///
  /// A path without a file, a directory, a pipe or a device is none; nothing is ever waited for.
  public static func isHDF5(_ path: String) -> Bool {
    guard !path.utf8.contains(0), kind(of: path) == .regular else { return false }
    let result = try? HDF5Library.call(
      "look at", at: HDF5Place(file: path), { chdf5_is_hdf5(path) })
    return result.map { $0 > 0 } ?? false
  }

  /// Makes a file and opens it for writing (`H5Fcreate`).
  ///
  /// The file is at its path from the start, and complete only when ``close()`` returns. A program
  /// that must not lose what was there writes to another path, and renames the file when it is
  /// closed.
  ///
  /// - Parameters:
  ///   - path: Where. The folder must exist.
  ///   - options: How the file is made and accessed.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.alreadyExists` if there is something at the
  ///   path, unless ``HDF5FileOptions/replacesExisting`` is set and it is a regular file;
  ///   `HDF5Error.Code.invalidArgument` if the path is empty or has NUL in it, or an option is out
  ///   of range; `HDF5Error.Code.permissionDenied` and others.
  public static func create(
    _ path: String, options: HDF5FileOptions = HDF5FileOptions()
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: path)
    let operation: StaticString = "create the file"
    try HDF5Name.checkText(path, operation, at: place)
    switch kind(of: path) {
    case .missing: break
    case .regular:
      guard options.replacesExisting else {
        throw place.error(.alreadyExists, operation, "there is a file of that name")
      }
    case .directory: throw place.error(.alreadyExists, operation, "it is a directory")
    case .special: throw place.error(.alreadyExists, operation, "it is not a regular file")
    case .unknown(let errno): throw systemError(errno, operation, at: place)
    }
    let access = try HDF5PropertyList.fileAccess(options, isReadOnly: false, at: place)
    let creation = try HDF5PropertyList.fileCreation(options, at: place)
    let (accessID, creationID) = (access.id, creation.id)
    let flags = options.replacesExisting ? chdf5_access_truncate() : chdf5_access_exclusive()
    let id = try HDF5Library.call(operation, at: place) {
      H5Fcreate(path, flags, creationID, accessID)
    }
    return HDF5File(id, path: path, isWritable: true, options: options)
  }

  /// Opens a file (`H5Fopen`).
  ///
  /// - Parameters:
  ///   - path: Where it is. A symbolic link is followed; only regular files are opened.
  ///   - mode: Whether it may be changed.
  ///   - options: How it is accessed. What is for new files only is ignored.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, `HDF5Error.Code.notHDF5` also for
  ///   directories, pipes and devices, `HDF5Error.Code.truncated` if the file ends before the end
  ///   that it declares, `HDF5Error.Code.locked` if it is opened for writing and another process
  ///   has it locked, `HDF5Error.Code.permissionDenied` and others.
  public static func open(
    _ path: String, mode: Mode = .readOnly, options: HDF5FileOptions = HDF5FileOptions()
  ) throws(HDF5Error) -> HDF5File {
    let place = HDF5Place(file: path)
    let operation: StaticString = "open the file"
    try HDF5Name.checkText(path, operation, at: place)
    // Opening a pipe would wait for a writer, and opening a device may do anything.
    switch kind(of: path) {
    case .regular: break
    case .missing: throw systemError(ENOENT, operation, at: place)
    case .directory: throw place.error(.notHDF5, operation, "it is a directory")
    case .special: throw place.error(.notHDF5, operation, "it is not a regular file")
    case .unknown(let errno): throw systemError(errno, operation, at: place)
    }
    let isReadOnly = mode == .readOnly
    let access = try HDF5PropertyList.fileAccess(options, isReadOnly: isReadOnly, at: place)
    let accessID = access.id
    let flags = isReadOnly ? chdf5_access_read_only() : chdf5_access_read_write()
    let id = try HDF5Library.call(operation, at: place) { H5Fopen(path, flags, accessID) }
    return HDF5File(id, path: path, isWritable: !isReadOnly, options: options)
  }

  private enum Kind: Equatable {
    case missing, regular, directory, special
    case unknown(errno: Int32)
  }

  private static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let number = errno
      return number == ENOENT ? .missing : .unknown(errno: number)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .regular
    case S_IFDIR: return .directory
    default: return .special
    }
  }

  private static func systemError(
    _ errno: Int32, _ operation: StaticString, at place: HDF5Place
  ) -> HDF5Error {
    var error = place.error(
      HDF5Error.code(errno: errno), operation, HDF5Error.message(errno: errno))
    error.errno = errno
    return error
  }
}
