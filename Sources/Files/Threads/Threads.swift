import CSupport
import Platform
import Synchronization

/// How many threads the process works with: for operations on tensors as for files.
public enum Threads {
  /// The number of threads that one operation may use, the caller's included.
  ///
  /// Equivalent to `torch.set_num_threads`. At first the number in the environment variable
  /// `BALLAST_NUM_THREADS`, or else ``processorCount``, which is also the upper bound. What takes
  /// a number of threads as an argument has this one by default. Not to be set while operations
  /// run on other threads.
  public static var count: Int {
    get { setting.load(ordering: .relaxed) }
    set { setting.store(bounded(newValue), ordering: .relaxed) }
  }

  /// The number of processors that this process may run on.
  public static let processorCount = max(1, cs_processor_count())

  private static let setting = Atomic(
    bounded(getenv("BALLAST_NUM_THREADS").flatMap { Int(String(cString: $0)) } ?? processorCount))

  private static func bounded(_ count: Int) -> Int { max(1, min(count, processorCount)) }
}
