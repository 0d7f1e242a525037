import CSupport
import Platform
import Synchronization

/// The number of threads that Ballast works with, for operations on tensors and for files alike.
public enum Threads {
  /// The number of threads that one operation may use, the caller's included.
  ///
  /// Equivalent to `torch.set_num_threads` and `torch.get_num_threads`. The initial value is that
  /// of the environment variable `BALLAST_NUM_THREADS`, or ``processorCount`` if it is not set or
  /// is no integer; other values are brought into `1...processorCount`. Functions with a parameter for the number
  /// of threads have this as its default. Do not set it while operations run on other threads.
  public static var count: Int {
    get { setting.load(ordering: .relaxed) }
    set { setting.store(bounded(newValue), ordering: .relaxed) }
  }

  /// The number of processors that this process may run on.
  public static let processorCount = max(1, cs_processor_count())

  private static let setting = Atomic(
    bounded(number(in: "BALLAST_NUM_THREADS") ?? processorCount))

  private static func number(in variable: String) -> Int? {
    // A text that ends with NUL, and stays unless someone sets the variable meanwhile.
    guard let text = unsafe getenv(variable) else { return nil }
    return Int(unsafe String(cString: text))
  }

  private static func bounded(_ count: Int) -> Int { max(1, min(count, processorCount)) }
}
