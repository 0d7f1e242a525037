// Linked into the tests when they run with the thread sanitizer.
//
// Swift's Mutex takes and gives back a free lock in code of the caller's, which the sanitizer sees,
// and a contended one in the Swift library, which was not compiled for it: every access under a lock
// that two threads wanted at once would look like a race. These stand before the library's functions
// (by the linker's --wrap) and tell the sanitizer what those do.

#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

#define HANDLE "$s15Synchronization12_MutexHandleV"
#define LOCK HANDLE "9_lockSlowyys6UInt32VF"
#define TRY_LOCK HANDLE "12_tryLockSlowSbyF"
#define UNLOCK HANDLE "11_unlockSlowyyF"

SWIFT void library_lock(uint32_t thread, SELF) __asm__("__real_" LOCK);
SWIFT bool library_try_lock(SELF) __asm__("__real_" TRY_LOCK);
SWIFT void library_unlock(SELF) __asm__("__real_" UNLOCK);

SWIFT void told_lock(uint32_t thread, SELF) __asm__("__wrap_" LOCK);
SWIFT bool told_try_lock(SELF) __asm__("__wrap_" TRY_LOCK);
SWIFT void told_unlock(SELF) __asm__("__wrap_" UNLOCK);

SWIFT void told_lock(uint32_t thread, SELF) {
  library_lock(thread, self);
  __tsan_acquire(self);
}

SWIFT bool told_try_lock(SELF) {
  const bool is_locked = library_try_lock(self);
  if (is_locked) __tsan_acquire(self);
  return is_locked;
}

SWIFT void told_unlock(SELF) {
  __tsan_release(self);
  library_unlock(self);
}
