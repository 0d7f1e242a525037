import Foundation

/// The time for which the processor works for a thread: unlike that of a clock on the wall it does not
/// grow while a busy machine lets the thread wait.
public enum ProcessorTime {
  /// How long the calling thread works to run `body`. What other threads do meanwhile is not counted.
  public static func measure(_ body: () throws -> Void) rethrows -> Duration {
    let start = now
    try body()
    return now - start
  }

  private static var now: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
