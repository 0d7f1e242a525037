import Arrays
import Files
import Platform

/// What a tool arranges with the system before it begins.
enum ProcessSetup {
  /// The signals by which people and systems end a program that should clean up.
  private static let endingSignals = [SIGINT, SIGTERM, SIGHUP]

  /// - Parameter tool: The tool's name, for messages.
  /// - Throws: ``UsageError`` if an argument is not UTF-8.
  static func prepare(_ tool: String) throws(UsageError) {
    SignalPipe.tool = tool
    occupyStandardDescriptors()
    // A file beyond the limit of `ulimit -f` is then an error of `write`, and not the end.
    signal(SIGXFSZ, SIG_IGN)
    raiseFileLimit()
    try checkArguments()
    cleanUpWhenEnded()
  }

  /// Lets the tool open as many files as it may at all: a folder of a thousand processes has more of them than
  /// are usual.
  private static func raiseFileLimit() {
    #if canImport(Glibc)
      let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let files = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(files, &limit)
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
  /// The handler only wakes the thread, since hardly anything is allowed in a handler. Blocking
  /// the signals for the thread to take would not do: a library may start threads before `main`,
  /// which do not inherit the mask, and a signal that one of them takes ends the process at once.
  /// A signal that the caller ignores, as `nohup` does, stays ignored.
  private static func cleanUpWhenEnded() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (SignalPipe.output, SignalPipe.input) = (ends[0], ends[1])
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    guard pthread_create(&thread, nil, waitForEnd, nil) == 0 else { return }
    tellOfMissingPages()
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in endingSignals where !isIgnored(number) {
      signal(number, wakeWaitingThread)
      sigaddset(&signals, number)
    }
    // A caller that blocks them, such as a thread of Dispatch, hands that on without meaning it.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// What a mapped file lost meanwhile is an error like any other of reading.
  private static func tellOfMissingPages() {
    var action = sigaction()
    action.sa_flags = Int32(SA_SIGINFO)
    #if canImport(Darwin)
      action.__sigaction_u.__sa_sigaction = wakeWaitingThreadAndStop
    #else
      action.__sigaction_handler.sa_sigaction = wakeWaitingThreadAndStop
    #endif
    sigaction(SIGBUS, &action, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    // The only way to ask is to set another.
    let handler = signal(number, SIG_DFL)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// Carries the number of a signal from its handler to the thread that waits for it.
///
/// Set once, before the thread and the handlers that use it.
private enum SignalPipe {
  nonisolated(unsafe) static var input: Int32 = -1
  nonisolated(unsafe) static var output: Int32 = -1
  nonisolated(unsafe) static var tool = ""
}

/// Passes a signal on. It runs in whatever thread the signal found, so that it does nothing but
/// `write`, and leaves `errno` as it was.
private func wakeWaitingThread(_ number: Int32) {
  let errorNumber = errno
  var byte = UInt8(truncatingIfNeeded: number)
  _ = write(SignalPipe.input, &byte, 1)
  errno = errorNumber
}

/// Passes on that memory is gone which this thread needs to go on: a file that is mapped was cut short,
/// or its disk fails. Any other `SIGBUS`, such as one that somebody sends, ends the process as ever, where
/// the system tells them apart: those of macOS have one code for all.
private func wakeWaitingThreadAndStop(
  _ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _: UnsafeMutableRawPointer?
) {
  #if os(Linux)
    // The second is BUS_MCEERR_AR: the page cannot be had of the disk.
    guard let code = info?.pointee.si_code, code == BUS_ADRERR || code == 4 else {
      signal(number, SIG_DFL)
      raise(number)
      return
    }
  #endif
  wakeWaitingThread(number)
  while true { pause() }
}

/// Waits for one of the signals, cleans up, and ends the process by it.
#if canImport(Darwin)
  private func waitForEnd(_: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    endBySignal()
    return nil
  }
#else
  private func waitForEnd(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    endBySignal()
    return nil
  }
#endif

private func endBySignal() {
  var byte: UInt8 = 0
  var count: Int
  repeat { count = read(SignalPipe.output, &byte, 1) } while count < 0 && errno == EINTR
  guard count == 1 else { return }
  ReplacementFile.abandonAll()
  ReplacementFolder.abandonAll()
  ScratchFolder.removeAll()
  let number = Int32(byte)
  if number == SIGBUS {
    Console.error(
      "a file that is being read was cut short meanwhile, or its disk failed", tool: SignalPipe.tool
    )
    _exit(ExitStatus.inputOutput.rawValue)
  }
  // Whoever started the tool shall see that a signal ended it.
  signal(number, SIG_DFL)
  raise(number)
}
