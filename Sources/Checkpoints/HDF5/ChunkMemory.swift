import Arrays
import CDeflate

/// The memory in which a thread decodes one chunk after the other, and a decompressor.
///
/// An instance is used by one thread at a time.
package final class ChunkMemory: @unchecked Sendable {
  /// Made when it is first needed; nil if there is no memory for it.
  package private(set) lazy var decompressor = libdeflate_alloc_decompressor()

  private var stored = Part()
  private var decoded = Part()
  private var between = (Part(), Part())

  /// Memory that grows to what was needed most.
  private struct Part {
    private var storage = Storage(uninitializedByteCount: 0)

    /// The first bytes; the content is lost where there were fewer.
    mutating func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
      if storage.byteCount < count { storage = Storage(uninitializedByteCount: count) }
      return storage.withUnsafeMutableBytes {
        UnsafeMutableRawBufferPointer(rebasing: $0[..<count])
      }
    }
  }

  deinit {
    if let decompressor { libdeflate_free_decompressor(decompressor) }
  }

  /// Room for what the file has of a chunk, valid until the next call.
  package func stored(byteCount: Int) -> UnsafeMutableRawBufferPointer { stored.bytes(byteCount) }

  /// Room for a chunk that has to be put to its place in parts, valid until the next call.
  package func decoded(byteCount: Int) -> UnsafeMutableRawBufferPointer { decoded.bytes(byteCount) }

  /// Room for the bytes between two filters, valid until the call after the next.
  package func next(byteCount: Int) -> UnsafeMutableRawBufferPointer {
    between = (between.1, between.0)
    return between.0.bytes(byteCount)
  }
}
