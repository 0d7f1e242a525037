import Files
import Synchronization

/// Memory that is filled from files when it is first touched.
final class AssembledMemory: Sendable {
  /// Where the bytes come from.
  let source: any ByteSource

  // Filled under the lock, and only read after that, so that threads may share it.
  @safe
  private struct Filled: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let isRounded: Bool
  }

  private let filled = Mutex<Filled?>(nil)

  /// An address for who needs one and never looks there.
  static var nowhere: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: Storage.alignment)
      ?? .allocate(
        byteCount: 1, alignment: Storage.alignment)
  }

  init(_ source: any ByteSource) { self.source = source }

  deinit {
    filled.withLock { filled in
      if let filled {
        unsafe StoragePool.deallocate(filled.base, source.byteCount, isRounded: filled.isRounded)
      }
    }
  }

  /// The first byte, valid as long as this object lives, with all bytes in their places.
  ///
  /// Ends the program if they cannot be read.
  func base() -> UnsafeMutableRawPointer {
    let memory = filled.withLock { filled in
      if let filled { return filled }
      let (base, isRounded) = unsafe StoragePool.allocate(source.byteCount)
      // The pool has just given as many bytes.
      var bytes = unsafe UnsafeMutableRawBufferPointer(start: base, count: source.byteCount)
        .mutableBytes
      do throws(FileError) {
        try source.read(into: &bytes, at: 0)
      } catch {
        trap("\(error)")
      }
      let new = unsafe Filled(base: base, isRounded: isRounded)
      filled = new
      return new
    }
    return unsafe memory.base
  }
}
