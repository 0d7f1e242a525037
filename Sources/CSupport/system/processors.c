#if defined(__linux__)
// For the set of processors that a process may run on.
#define _GNU_SOURCE
#include <sched.h>
#endif

#include "system.h"

#include <unistd.h>

long cs_processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return sysconf(_SC_NPROCESSORS_ONLN);
}
