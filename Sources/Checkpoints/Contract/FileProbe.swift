import Files
import HDF5
import Platform
import Synchronization

/// A file or folder that is to be read, opened once: the functions that recognise, read and verify
/// it share what was found.
///
/// The directory of a zip archive, the structure of an HDF5 file and the names in a folder are read
/// when they are first needed, and kept; so is the error if that failed. A probe may be used from
/// several threads: the first one reads, and the others wait for it.
///
/// ```swift
/// let probe = try FileProbe("model.safetensors")
/// let isZip = probe.head.starts(with: [0x50, 0x4B, 0x03, 0x04])
/// let byteCount = try probe.file.byteCount
/// ```
public final class FileProbe: Sendable {
  /// The path, as the caller named it.
  public let path: String
  /// Whether it is a folder.
  public let isFolder: Bool
  /// The first bytes of the file, up to 1 KiB; none of a folder.
  public let head: [UInt8]
  /// What of it is to be read.
  public let options: ReadOptions

  private let opened: InputFile?
  private let found = Mutex(Found())

  private struct Found {
    var zip: Result<ZipArchive?, CheckpointError>?
    var accountedZip: Result<ZipArchive?, CheckpointError>?
    var hdf5: Result<HDF5Scan?, CheckpointError>?
    var names: Result<[String], CheckpointError>?
    var others: [String: any Sendable] = [:]
  }

  /// Opens a path, following symbolic links, and reads the first bytes of a file.
  ///
  /// - Parameters:
  ///   - path: The path of a regular file or a folder.
  ///   - options: What of it is to be read.
  /// - Throws: ``CheckpointError`` with code `inputOutput` if nothing is there, it is neither a
  ///   regular file nor a folder, or it cannot be read.
  public init(
    _ path: String, options: ReadOptions = ReadOptions()
  ) throws(CheckpointError) {
    self.path = path
    self.options = options
    guard let status = FileStatus(path) else {
      throw CheckpointError(FileError("open", path: path, errno: errno))
    }
    isFolder = status.isFolder
    guard !isFolder else {
      (opened, head) = (nil, [])
      return
    }
    (opened, head) = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile(path)
      return (file, try file.head())
    }
  }

  /// The file, open for as long as the probe or anything that was read from it by mapping lives.
  ///
  /// - Throws: ``CheckpointError`` with code `inputOutput` if the path is that of a folder.
  public var file: InputFile {
    get throws(CheckpointError) {
      guard let opened else {
        throw CheckpointError(FileError("open", path: path, reason: "it is a folder"))
      }
      return opened
    }
  }

  /// The name of the file or folder, without the folders that lead to it.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The zip archive that the file is; nil if it is not one.
  ///
  /// - Throws: ``CheckpointError`` if it is one, and is damaged or refused.
  package func zip() throws(CheckpointError) -> ZipArchive? {
    try found.withLock { found in
      if let known = found.zip { return known }
      let result = Result { () throws(CheckpointError) in try makeZip() }
      found.zip = result
      return result
    }.get()
  }

  /// The archive that the file is, accounted for to the byte; nil if it is not one.
  ///
  /// - Throws: ``CheckpointError``, also if there are bytes in the file that no member owns: see
  ///   ``ZipArchive/accounted()``.
  package func accountedZip() throws(CheckpointError) -> ZipArchive? {
    let archive = try zip()
    return try found.withLock { found in
      if let known = found.accountedZip { return known }
      let result = Result { () throws(CheckpointError) in try archive?.accounted() }
      found.accountedZip = result
      return result
    }.get()
  }

  private func makeZip() throws(CheckpointError) -> ZipArchive? {
    guard let opened, try ZipArchive.isLikely(opened, head) else { return nil }
    return try ZipArchive(opened)
  }

  /// The structure of the HDF5 file that the file is; nil if it is not one.
  ///
  /// - Throws: ``CheckpointError`` if it is one, and is damaged.
  package func hdf5() throws(CheckpointError) -> HDF5Scan? {
    try found.withLock { found in
      if let known = found.hdf5 { return known }
      let result = Result { () throws(CheckpointError) in try makeHDF5() }
      found.hdf5 = result
      return result
    }.get()
  }

  private func makeHDF5() throws(CheckpointError) -> HDF5Scan? {
    guard let opened else { return nil }
    do throws(HDF5Error) {
      return try HDF5Scan(opened)
    } catch {
      guard error.code != .notHDF5 else { return nil }
      throw CheckpointError(error, file: path)
    }
  }

  /// What formats find out about the file together: made once, however many of them ask.
  ///
  /// - Parameters:
  ///   - name: What it is. Values of a name are of one type.
  ///   - make: Finds it out. What it throws is not kept.
  package func once<Value: Sendable, Failure: Error>(
    _ name: String, _ make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    // Without the first condition nil would be taken for a value that is optional.
    if let stored = found.withLock({ $0.others[name] }), let known = stored as? Value {
      return known
    }
    let value = try make()
    found.withLock { $0.others[name] = value }
    return value
  }

  /// The names of what is in the folder, sorted; none of a file.
  ///
  /// - Throws: ``CheckpointError`` if the folder cannot be read.
  package func names() throws(CheckpointError) -> [String] {
    guard isFolder else { return [] }
    return try found.withLock { found in
      if let known = found.names { return known }
      let path = path
      let result = Result { () throws(CheckpointError) in
        try reportingFileErrors { () throws(FileError) in try Folder.names(in: path).sorted() }
      }
      found.names = result
      return result
    }.get()
  }
}
