import Arrays
import CKernels
import COpenBLAS
import Synchronization

/// How many threads operations use.
///
/// One pool serves all of them, matrix products included: OpenBLAS is kept to one thread and its
/// work is divided here, so that two pools never compete for the processors.
public enum Threads {
  /// The number of threads that one operation may use, the caller's included.
  ///
  /// Equivalent to `torch.set_num_threads`. At first the number of processors that this process
  /// may run on, which is also the upper bound. Not to be set while operations run on other
  /// threads.
  public static var count: Int {
    get { pool.count.load(ordering: .relaxed) }
    set {
      let count = max(1, min(newValue, processorCount))
      guard count != pool.count.exchange(count, ordering: .relaxed) else { return }
      ck_set_threads(count)
    }
  }

  /// The number of processors that this process may run on.
  public static let processorCount = max(1, ck_processor_count())

  private final class Pool: Sendable {
    let count: Atomic<Int>

    init() {
      count = Atomic(processorCount)
      openblas_set_num_threads(1)
      // Whoever computes will want the same memory again.
      StoragePool.capacity = 512 << 20
      ck_set_threads(processorCount)
    }
  }

  private static let pool = Pool()

  /// Calls `body` once for each index, on several threads if there are any, and waits.
  package static func parallel(_ indexCount: Int, _ body: (Int) -> Void) {
    guard indexCount > 1, count > 1 else {
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
  /// - Parameter grain: The least length for which waking another thread pays.
  package static func split(_ length: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let parts = min(count, length / max(grain, 1))
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
