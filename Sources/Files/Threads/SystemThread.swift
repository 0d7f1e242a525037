import Platform

/// A thread of the system's own.
struct SystemThread: @unchecked Sendable {
  // On some systems the name of a thread is a pointer; it is only ever handed back to the system.
  private let thread: pthread_t

  /// Runs `body` on a new thread; nil if the system refuses another one.
  init?(_ body: @escaping @Sendable () -> Void) {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    // What the thread runs is retained for it, and released by it alone, or here if there is none.
    let argument = unsafe Unmanaged.passRetained(Body(body))
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        #if canImport(Darwin)
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        #else
          if let argument = unsafe argument {
            unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
          }
        #endif
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      unsafe argument.release()
      return nil
    }
    #if canImport(Darwin)
      guard let thread else { return nil }
    #endif
    self.thread = thread
  }

  /// Waits until the thread has ended. To be called once, or ``detach()`` instead.
  func join() { pthread_join(thread, nil) }

  /// Lets the thread end by itself.
  func detach() { pthread_detach(thread) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
