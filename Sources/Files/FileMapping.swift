import Platform
import Synchronization

/// A whole file in memory, mapped when it is first needed.
///
/// One mapping serves all the tensors of a file: a system allows some tens of thousands of
/// mappings to a process, and a checkpoint may have more tensors.
final class FileMapping: Sendable {
  // Mapped for reading only until the object goes, so that threads may share it.
  @safe
  private struct Region: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let byteCount: Int
  }

  private let region = Mutex<Region?>(nil)

  deinit {
    region.withLock { region in
      if let region { unsafe munmap(region.base, region.byteCount) }
    }
  }

  /// The first byte of `file`, valid as long as this object lives.
  func base(
    of file: InputFile, descriptor: Int32
  ) throws(FileError) -> UnsafeMutableRawPointer {
    let mapped = try region.withLock { region throws(FileError) in
      if let region { return region }
      // Read-only, so that a slip cannot change what other tensors of the file see.
      let address = unsafe mmap(nil, file.byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address = unsafe address, unsafe address != MAP_FAILED else {
        throw FileError("map", path: file.path, errno: errno)
      }
      let new = unsafe Region(base: address, byteCount: file.byteCount)
      region = new
      return new
    }
    return unsafe mapped.base
  }
}
