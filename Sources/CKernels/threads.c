#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#if defined(__x86_64__)
#define CK_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define CK_PAUSE() __asm__ __volatile__("yield")
#else
#define CK_PAUSE() ((void)0)
#endif

// One pool for the process. A job is a counter of indices that the caller and the workers take
// from; workers that find none wait a short while for the next job, since a training step has
// hundreds, and then sleep.

enum { max_threads = 64, spins_before_sleep = 4000 };

static struct {
  /// Held by the thread whose job is running; a second caller runs its job alone.
  pthread_mutex_t owner;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_t workers[max_threads];
  long worker_count;
  bool is_stopping;
  _Atomic uint64_t generation;
  _Atomic long next_index;
  _Atomic long busy_workers;
  long count;
  void (*body)(void *, long);
  void *context;
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

static _Thread_local bool is_in_job = false;

static void run_indices(void) {
  is_in_job = true;
  for (;;) {
    const long index = atomic_fetch_add_explicit(&pool.next_index, 1, memory_order_relaxed);
    if (index >= pool.count) break;
    pool.body(pool.context, index);
  }
  is_in_job = false;
}

static void *work(void *seen_generation) {
  uint64_t seen = (uint64_t)(uintptr_t)seen_generation;
  for (;;) {
    long spins = 0;
    while (atomic_load_explicit(&pool.generation, memory_order_acquire) == seen) {
      if (++spins < spins_before_sleep) {
        CK_PAUSE();
        continue;
      }
      pthread_mutex_lock(&pool.lock);
      while (atomic_load_explicit(&pool.generation, memory_order_acquire) == seen) {
        pthread_cond_wait(&pool.wake, &pool.lock);
      }
      pthread_mutex_unlock(&pool.lock);
    }
    seen = atomic_load_explicit(&pool.generation, memory_order_acquire);
    if (pool.is_stopping) return 0;
    run_indices();
    atomic_fetch_sub_explicit(&pool.busy_workers, 1, memory_order_release);
  }
}

static void announce(void) {
  // Under the lock, or a worker between its last look and its sleep would miss the news.
  pthread_mutex_lock(&pool.lock);
  atomic_fetch_add_explicit(&pool.generation, 1, memory_order_release);
  pthread_cond_broadcast(&pool.wake);
  pthread_mutex_unlock(&pool.lock);
}

void ck_set_threads(long count) {
  pthread_mutex_lock(&pool.owner);
  if (pool.worker_count > 0) {
    pool.is_stopping = true;
    announce();
    for (long i = 0; i < pool.worker_count; i++) pthread_join(pool.workers[i], 0);
    pool.worker_count = 0;
    pool.is_stopping = false;
  }
  const uint64_t generation = atomic_load(&pool.generation);
  for (long i = 0; i + 1 < count && i < max_threads; i++) {
    // A thread that cannot be had only makes the pool smaller.
    if (pthread_create(&pool.workers[i], 0, work, (void *)(uintptr_t)generation) != 0) break;
    pool.worker_count++;
  }
  pthread_mutex_unlock(&pool.owner);
}

void ck_parallel(long count, void (*body)(void *, long), void *context) {
  const bool is_owner = count > 1 && !is_in_job && pthread_mutex_trylock(&pool.owner) == 0;
  // Only the owner may look at the workers: another thread may be making them just now.
  if (!is_owner || pool.worker_count == 0) {
    if (is_owner) pthread_mutex_unlock(&pool.owner);
    for (long i = 0; i < count; i++) body(context, i);
    return;
  }
  pool.count = count;
  pool.body = body;
  pool.context = context;
  atomic_store_explicit(&pool.next_index, 0, memory_order_relaxed);
  atomic_store_explicit(&pool.busy_workers, pool.worker_count, memory_order_relaxed);
  announce();
  run_indices();
  for (long spins = 0; atomic_load_explicit(&pool.busy_workers, memory_order_acquire) > 0;) {
    // On a loaded machine the worker may not be running at all; give it the processor.
    if (++spins < spins_before_sleep) CK_PAUSE();
    else sched_yield();
  }
  pthread_mutex_unlock(&pool.owner);
}

bool ck_is_address_sanitized(void) {
#if defined(__SANITIZE_ADDRESS__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return true;
#else
  return false;
#endif
#else
  return false;
#endif
}
