import Arrays

/// The memory in which a thread decodes one chunk after the other, and a decompressor.
///
/// An instance is used by one thread at a time.
package final class ChunkMemory: @unchecked Sendable {
  /// Made when it is first needed; nil if there is no memory for it.
  private(set) lazy var decompressor = Decompressor()

  private var stored = Part()
  private var decoded = Part()
  private var between = (Part(), Part())

  /// What reads chunks from now on.
  package init() {}

  /// Memory that grows to what was needed most.
  private struct Part {
    private var storage = Storage(uninitializedByteCount: 0)

    /// At least as many bytes; the content is lost where there were fewer.
    mutating func storage(_ count: Int) -> Storage {
      if storage.byteCount < count { storage = Storage(uninitializedByteCount: count) }
      return storage
    }
  }

  /// Room for what the file has of a chunk, used again by the next call.
  package func stored(byteCount: Int) -> Storage { stored.storage(byteCount) }

  /// Room for a chunk that has to be put to its place in parts, used again by the next call.
  package func decoded(byteCount: Int) -> Storage { decoded.storage(byteCount) }

  /// Room for the bytes between two filters, used again by the call after the next.
  package func next(byteCount: Int) -> Storage {
    between = (between.1, between.0)
    return between.0.storage(byteCount)
  }
}
