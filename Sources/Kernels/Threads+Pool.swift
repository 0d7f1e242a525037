import Arrays
import CKernels
import Files
import Synchronization

/// The threads that operations share.
///
/// One pool serves all of them, matrix products included: OpenBLAS is kept to one thread and its
/// work is divided here, so that two pools never compete for the processors.
extension Threads {
  private final class Pool: Sendable {
    private let size = Atomic(1)

    init() {
      // Whoever computes will want the same memory again, but for who looks for its misuse.
      StoragePool.capacity = ck_is_address_sanitized() ? 0 : 512 << 20
    }

    /// The number of threads that there are, after they have been made as many as there should be.
    var count: Int {
      let wanted = Threads.count
      if wanted != size.load(ordering: .relaxed),
        wanted != size.exchange(wanted, ordering: .relaxed)
      {
        ck_set_threads(wanted)
      }
      return wanted
    }
  }

  private static let pool = Pool()

  /// Calls `body` once for each index, on several threads if there are any, and waits.
  package static func parallel(_ indexCount: Int, _ body: (Int) -> Void) {
    guard indexCount > 1, pool.count > 1 else {
      for index in 0..<indexCount { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { context in
        ck_parallel(
          indexCount,
          { context, index in
            context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
          }, UnsafeMutableRawPointer(mutating: context))
      }
    }
  }

  /// Calls `body` with parts of `0..<length`, one for each thread that is worth waking.
  ///
  /// - Parameters:
  ///   - length: The number of items.
  ///   - grain: The minimum number of items for which waking another thread pays.
  ///   - body: Handles a part, on any thread.
  package static func split(_ length: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let parts = min(pool.count, length / max(grain, 1))
    guard parts > 1 else {
      if length > 0 { body(0..<length) }
      return
    }
    parallel(parts) { part in
      body(part * length / parts..<(part + 1) * length / parts)
    }
  }

  /// The number of elements of simple work for which waking another thread pays.
  package static let elementGrain = 32_768
}
