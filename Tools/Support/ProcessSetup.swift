import Arrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a tool arranges with the system before it begins.
enum ProcessSetup {
  /// The signals by which people and systems end a program that should clean up.
  private static let endingSignals = [SIGINT, SIGTERM, SIGHUP]

  /// - Throws: ``UsageError`` if an argument is not UTF-8.
  static func prepare() throws(UsageError) {
    occupyStandardDescriptors()
    // A file beyond the limit of `ulimit -f` is then an error of `write`, and not the end.
    signal(SIGXFSZ, SIG_IGN)
    try checkArguments()
    cleanUpWhenEnded()
  }

  /// Opens what the caller closed of standard input, output and error, so that no file of ours
  /// gets such a number and finds a report or a message in it. What is written there fails.
  private static func occupyStandardDescriptors() {
    while true {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      if descriptor < 0 { return }
      if descriptor > STDERR_FILENO {
        close(descriptor)
        return
      }
    }
  }

  /// Swift repairs arguments that are not UTF-8, and so would open or make another file than the
  /// one that was named.
  private static func checkArguments() throws(UsageError) {
    for index in 1..<max(Int(CommandLine.argc), 1) {
      guard let argument = CommandLine.unsafeArgv[index] else { continue }
      if String(validatingCString: argument) == nil {
        throw UsageError(
          "the argument '\(String(cString: argument))' is not UTF-8; please rename the file, or "
            + "give it a symbolic link with another name")
      }
    }
  }

  /// Lets a thread wait for the signals that end the tool: it removes what is half-written first.
  ///
  /// A thread and not a handler, since hardly anything is allowed in a handler. A signal that the
  /// caller ignores, as `nohup` does, stays ignored.
  private static func cleanUpWhenEnded() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in endingSignals where !isIgnored(number) { sigaddset(&signals, number) }
    // Threads inherit the mask, so that no other gets the signal.
    guard pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { return }
    let argument = UnsafeMutablePointer<sigset_t>.allocate(capacity: 1)
    argument.initialize(to: signals)
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, nil, waitForEnd, argument)
    if status != 0 { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    // The only way to ask is to set another.
    let handler = signal(number, SIG_DFL)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// Waits for one of the signals that `argument` points to, cleans up, and ends the process by it.
#if canImport(Darwin)
  private func waitForEnd(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    endBySignal(argument.assumingMemoryBound(to: sigset_t.self))
    return nil
  }
#else
  private func waitForEnd(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { endBySignal(argument.assumingMemoryBound(to: sigset_t.self)) }
    return nil
  }
#endif

private func endBySignal(_ signals: UnsafeMutablePointer<sigset_t>) {
  var number: Int32 = 0
  guard sigwait(signals, &number) == 0 else { return }
  ReplacementFile.abandonAll()
  ScratchFolder.removeAll()
  // Whoever started the tool shall see that a signal ended it.
  signal(number, SIG_DFL)
  pthread_sigmask(SIG_UNBLOCK, signals, nil)
  raise(number)
}
