import Synchronization

/// Work divided over the processors.
package enum Parallel {
  /// Calls `body` with every index below `count`, on up to `threads` threads, and waits.
  ///
  /// The first error thrown is thrown again here; indices that had not been begun by then are
  /// left out. The calling thread works too, so that work is done even where the system refuses
  /// another thread.
  ///
  /// The threads are the system's own and end with the work. Dispatch would keep them for the next
  /// time, but needs descriptors to watch over them, and ends the process if there are none left.
  package static func forEach(
    _ count: Int, threads: Int = Threads.count,
    _ body: @Sendable (Int) throws -> Void
  ) throws {
    guard count > 1, threads > 1 else {
      for index in 0..<count { try body(index) }
      return
    }
    // The threads are joined below, so that the closure does not outlive this call.
    try withoutActuallyEscaping(body) { body in
      let work = Work(count, body)
      let watched = WatchedWork.current
      let others = (1..<min(threads, count)).compactMap { _ in
        SystemThread { WatchedWork.$current.withValue(watched) { work.run() } }
      }
      work.run()
      for thread in others { thread.join() }
      if let failure = work.failure { throw failure }
    }
  }

  /// What the threads share.
  private final class Work: Sendable {
    private let count: Int
    private let body: @Sendable (Int) throws -> Void
    private let progress = Mutex(Progress())

    init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
      self.count = count
      self.body = body
    }

    /// The first error, once all threads have ended.
    var failure: (any Error)? { progress.withLock { $0.failure } }

    /// Takes one index after the other until none is left.
    func run() {
      while let index = progress.withLock({ $0.next(below: count) }) {
        do {
          try body(index)
        } catch {
          progress.withLock { $0.fail(error) }
        }
      }
    }
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
