import CHDF5
import HDF5

/// An open HDF5 file.
///
/// ```swift
/// let file = try HDF5File.create("weights.h5")
/// let dataset = try file.root.createDataset("bias", .float32, shape: [4])
/// try dataset.write([1, 2, 3, 4] as [Float])
/// try file.close()
/// ```
///
/// Groups, datasets and attributes keep their file alive, so a file is closed at the latest when
/// the last of them is gone. Call ``close()`` all the same after writing: only then is a failure
/// reported. A program that exits with a file open for writing leaves it incomplete.
///
/// `@unchecked Sendable`: the one mutable property is read and written under the library's lock.
public final class HDF5File: @unchecked Sendable {
  /// The path of the file on disk, or the name given to a file in memory.
  public let path: String
  /// Whether the file was opened for writing.
  public let isWritable: Bool
  /// The links that paths in this file may lead through.
  public let linkPolicy: HDF5LinkPolicy
  /// What becomes of open objects when the file is closed.
  public let closeDegree: HDF5FileOptions.CloseDegree

  /// `nil` once the file is closed. Guarded by the library's lock.
  private var id: hid_t?

  init(_ id: hid_t, path: String, isWritable: Bool, options: HDF5FileOptions) {
    self.id = id
    self.path = path
    self.isWritable = isWritable
    linkPolicy = options.linkPolicy
    closeDegree = options.closeDegree
  }

  deinit {
    guard let id else { return }
    HDF5Library.ignoringErrors { H5Fclose(id) }
  }

  /// The file, as errors name it.
  var place: HDF5Place { HDF5Place(file: path, path: nil) }

  /// The file's identifier. The lock must be held for as long as the identifier is used.
  func openIdentifier(
    _ operation: StaticString, at place: @autoclosure () -> HDF5Place
  ) throws(HDF5Error) -> hid_t {
    guard let id else { throw place().error(.closed, operation, "the file has been closed") }
    return id
  }

  /// Runs one call on the file.
  @discardableResult
  func call<Result: SignedInteger>(
    _ operation: StaticString, _ body: (hid_t) -> Result
  ) throws(HDF5Error) -> Result {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let id = try openIdentifier(operation, at: place)
    return try HDF5Library.call(operation, at: place) { body(id) }
  }
}

extension HDF5File {
  /// Whether the file is open still.
  public var isOpen: Bool {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    return id != nil
  }

  /// The group in which every absolute path starts. Each call opens it anew.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.closed`, or what libhdf5 reports.
  public var root: HDF5Group {
    get throws(HDF5Error) {
      let id = try call("open the root group of") { H5Oopen($0, "/", chdf5_default_properties()) }
      return HDF5Group(id, file: self, path: "/")
    }
  }

  /// Hands all that is buffered to the operating system (`H5Fflush`), which does not mean that it
  /// is on the disk.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.noSpace` on a full disk, among others.
  public func flush() throws(HDF5Error) {
    try call("flush") { chdf5_flush_file($0) }
  }

  /// The number of groups, datasets, datatypes and attributes that are open in the file.
  public var openObjectCount: Int {
    get throws(HDF5Error) {
      try call("count the open objects of") { chdf5_open_object_count($0) }
    }
  }

  /// The size of the file in bytes, user block included, as the library will leave it.
  public var size: Int {
    get throws(HDF5Error) {
      var size: hsize_t = 0
      try call("ask for the size of") { H5Fget_filesize($0, &size) }
      return Int(clamping: size)
    }
  }

  /// The number of bytes before the HDF5 content: 0, or a power of two from 512 on.
  public var userBlockSize: Int {
    get throws(HDF5Error) {
      let operation: StaticString = "read the user block size of"
      let list = HDF5ScopedIdentifier(owning: try call(operation) { H5Fget_create_plist($0) })
      let id = list.id
      var size: hsize_t = 0
      try HDF5Library.call(operation, at: place) { H5Pget_userblock(id, &size) }
      return Int(clamping: size)
    }
  }

  /// Writes what is pending and closes the file. Closing it again does nothing.
  ///
  /// - Throws: `HDF5Error` if the content could not be written; the file then stays open. With
  ///   close degree ``HDF5FileOptions/CloseDegree/semi`` also while objects are open.
  public func close() throws(HDF5Error) {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    guard let id else { return }
    if closeDegree == .semi {
      let count = try openObjectCount
      guard count == 0 else {
        throw place.error(.invalidArgument, "close", "\(count) of its objects are still open")
      }
    }
    // A close that fails to write leaves libhdf5 with an identifier of a file that is gone, and
    // nothing may touch it again. A flush that fails leaves everything as it was. So write first.
    if isWritable { try flush() }
    self.id = nil
    try HDF5Library.call("close", at: place) { H5Fclose(id) }
  }
}
