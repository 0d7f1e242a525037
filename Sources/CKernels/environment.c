#include "support.h"

#include <stdlib.h>

#if defined(__APPLE__)
#include <crt_externs.h>
#define CK_ENVIRONMENT (*_NSGetEnviron())
#else
extern char **environ;
#define CK_ENVIRONMENT environ
#endif

bool ck_with_variables(char *const *added, long count, void (*body)(void *), void *context) {
  char **const before = __atomic_load_n(&CK_ENVIRONMENT, __ATOMIC_ACQUIRE);
  long length = 0;
  while (before && before[length]) length++;
  // Two of them: one to be read, and one to see whether the other was changed. The first is never
  // freed, since another thread may be reading it for as long as it likes.
  const size_t size = (size_t)(count + length + 1) * sizeof *before;
  char **const during = malloc(size);
  char **const copy = malloc(size);
  if (!during || !copy) {
    free(during);
    free(copy);
    return false;
  }
  // Of two variables of one name the first counts.
  memcpy(during, added, (size_t)count * sizeof *during);
  if (length > 0) memcpy(during + count, before, (size_t)length * sizeof *during);
  during[count + length] = 0;
  memcpy(copy, during, size);
  __atomic_store_n(&CK_ENVIRONMENT, during, __ATOMIC_RELEASE);
  body(context);
  // Whoever changed a variable meanwhile did so in this list, or made a longer one of it. Theirs stays.
  char **expected = during;
  if (memcmp(during, copy, size) == 0) {
    __atomic_compare_exchange_n(
        &CK_ENVIRONMENT, &expected, before, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
  free(copy);
  return true;
}
