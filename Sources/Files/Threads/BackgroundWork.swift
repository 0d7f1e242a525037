import Synchronization

/// Work on a thread of its own, whose result can be waited for.
///
/// The thread is the system's own, as those of ``Parallel`` are: work that waits for a disk would
/// keep one of the few threads that tasks share.
package final class BackgroundWork<Success: Sendable>: Sendable {
  private let state: Mutex<State>
  /// The thread, until somebody has waited for it.
  private let thread = Mutex<SystemThread?>(nil)

  private struct State {
    /// Let go of when it is done, with all that it refers to.
    var body: (@Sendable () throws -> Success)?
    var result: Result<Success, any Error>?
    var continuations: [CheckedContinuation<Success, any Error>] = []
  }

  /// Begins the work. Where the system refuses another thread, it is done before this returns.
  package init(_ body: @escaping @Sendable () throws -> Success) {
    state = Mutex(State(body: body))
    let isStarted = thread.withLock { thread in
      thread = SystemThread { self.run() }
      return thread != nil
    }
    if !isStarted { run() }
  }

  deinit {
    thread.withLock { $0?.detach() }
  }

  /// Whether the work has ended.
  package var isFinished: Bool { state.withLock { $0.result != nil } }

  /// What the work threw, if it has ended by that.
  package var failure: (any Error)? {
    guard case .failure(let error)? = state.withLock({ $0.result }) else { return nil }
    return error
  }

  /// Blocks until the work has ended, and gives its result.
  ///
  /// - Throws: What the work threw.
  package func wait() throws -> Success {
    // Whoever comes second waits for the lock.
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
    return try result.get()
  }

  /// The result, when the work has ended.
  package var value: Success {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state in
          if state.result == nil { state.continuations.append(continuation) }
          return state.result
        }
        if let result { continuation.resume(with: result) }
      }
    }
  }

  private var result: Result<Success, any Error> {
    guard let result = state.withLock({ $0.result }) else {
      trap("background work ended without a result")
    }
    return result
  }

  private func run() {
    guard let body = state.withLock({ $0.body }) else { return }
    let result = Result { try body() }
    let continuations = state.withLock { state in
      state.body = nil
      state.result = result
      defer { state.continuations = [] }
      return state.continuations
    }
    for continuation in continuations { continuation.resume(with: result) }
  }
}
