import Platform

/// What the system knows of a file; nil, with `errno` set, if it cannot tell.
package struct FileStatus {
  private let status: stat

  // The calls fill the structure that they are given, and nothing else.
  private init?(_ call: (inout stat) -> Int32) {
    var status = stat()
    guard call(&status) == 0 else { return nil }
    self.status = status
  }

  /// Of what a path leads to (`stat`).
  package init?(_ path: String) {
    self.init { status in unsafe path.withCString { unsafe stat($0, &status) } }
  }

  /// Of what is at a path, be it a symbolic link (`lstat`).
  package init?(ofLink path: String) {
    self.init { status in unsafe path.withCString { unsafe lstat($0, &status) } }
  }

  /// Of an open file (`fstat`).
  init?(_ descriptor: Int32) {
    self.init { unsafe fstat(descriptor, &$0) }
  }

  /// Whether it is a folder.
  package var isFolder: Bool { kind == S_IFDIR }
  /// Whether it is a regular file.
  package var isRegularFile: Bool { kind == S_IFREG }
  /// `S_IFREG`, `S_IFDIR` and so on (`sys/stat.h`).
  private var kind: mode_t { mode_t(status.st_mode) & S_IFMT }
  /// Who may do what.
  var permissions: mode_t { mode_t(status.st_mode) & 0o777 }
  var byteCount: Int { Int(status.st_size) }
  /// When the bytes were last changed, in seconds and nanoseconds.
  var modified: (seconds: Int, nanoseconds: Int) {
    #if canImport(Darwin)
      (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
    #else
      (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    #endif
  }
  /// How many names lead to the file.
  var linkCount: Int { Int(status.st_nlink) }
  package var identity: InputFile.Identity {
    InputFile.Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev),
      number: UInt64(truncatingIfNeeded: status.st_ino))
  }
}
