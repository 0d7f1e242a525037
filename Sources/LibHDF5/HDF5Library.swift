import CHDF5
import HDF5

/// The C library behind this module: its version, and the only door to it.
///
/// libhdf5 keeps one table of identifiers and one state per process, and many builds of it are not
/// safe for threads. Every call therefore runs under one lock, whichever file it concerns. The lock
/// is never held while code of the user runs.
public enum HDF5Library {
  /// The version of libhdf5 that the program runs with, such as `1.10.8` (`H5get_libversion`). It
  /// may be newer than the one whose headers the program was compiled with.
  public static var version: String {
    var major: UInt32 = 0
    var minor: UInt32 = 0
    var release: UInt32 = 0
    ignoringErrors { H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }

  /// Guards the whole library. Recursive, because a `deinit` may run under it.
  static let lock = RecursiveLock()

  /// Started on first use; a C library that cannot start fails every call after it.
  private static let isStarted: Bool = chdf5_start() >= 0

  /// Runs one call of libhdf5 and turns its failure into an error.
  ///
  /// The lock is held from before the call until the error stack has been copied, since the next
  /// call of this thread would clear that stack.
  ///
  /// - Parameters:
  ///   - operation: What is being done, to follow "cannot" in a sentence: `"open the file"`.
  ///   - place: Where it is being done; evaluated only on failure.
  ///   - body: The call. A negative result is a failure, as everywhere in libhdf5.
  @discardableResult
  static func call<Result: SignedInteger>(
    _ operation: StaticString, at place: @autoclosure () -> HDF5Place, _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    lock.lock()
    defer { lock.unlock() }
    prepareThread()
    let result = body()
    guard result >= 0 else { throw HDF5Error.fromStack(operation, at: place()) }
    return result
  }

  /// Runs calls whose failure nobody can act upon, such as closing in a `deinit`.
  static func ignoringErrors(_ body: () -> Void) {
    lock.lock()
    defer { lock.unlock() }
    prepareThread()
    body()
  }

  /// Starts the library and silences the error printing of this thread. The lock must be held.
  private static func prepareThread() {
    if isStarted { chdf5_silence_thread() }
  }
}
