import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Work divided over the processors.
public enum Parallel {
  /// The number of processors that the process may use.
  public static let processorCount = max(sysconfProcessorCount(), 1)

  /// Calls `body` with every index below `count`, on up to `threads` threads, and waits.
  ///
  /// The first error thrown is thrown again here; indices that had not been begun by then are
  /// left out.
  public static func forEach(
    _ count: Int, threads: Int = processorCount,
    _ body: @Sendable (Int) throws -> Void
  ) throws {
    guard count > 1, threads > 1 else {
      for index in 0..<count { try body(index) }
      return
    }
    let progress = Mutex(Progress())
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
      while let index = progress.withLock({ $0.next(below: count) }) {
        do {
          try body(index)
        } catch {
          progress.withLock { $0.fail(error) }
        }
      }
    }
    if let failure = progress.withLock({ $0.failure }) { throw failure }
  }

  private struct Progress {
    var begun = 0
    var failure: (any Error)?

    mutating func next(below count: Int) -> Int? {
      guard begun < count, failure == nil else { return nil }
      begun += 1
      return begun - 1
    }

    mutating func fail(_ error: any Error) {
      if failure == nil { failure = error }
    }
  }
}

private func sysconfProcessorCount() -> Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
