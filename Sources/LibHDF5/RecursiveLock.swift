import HDF5
import Platform

/// A mutual exclusion that the thread which holds it may take again.
///
/// `Synchronization.Mutex` does not serve here. When the last reference to a group or dataset goes
/// away while the lock is held, its `deinit` takes the lock once more to close the identifier, and
/// a mutex that is not recursive traps or deadlocks.
final class RecursiveLock: @unchecked Sendable {
  // A mutex must not move in memory, hence the allocation. `@unchecked`: the pointer never changes,
  // and what it points to is made for concurrent use.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() {
    pthread_mutex_lock(mutex)
  }

  func unlock() {
    pthread_mutex_unlock(mutex)
  }
}
