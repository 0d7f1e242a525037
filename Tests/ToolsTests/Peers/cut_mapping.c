// Loaded into a program before its libraries, this cuts the file at the path in CUT_PATH to 64 bytes
// when the program has mapped it, as someone who writes to it would.
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  void *region =
      (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
  const char *cut = getenv("CUT_PATH");
  char link[64], path[PATH_MAX];
  if (region == MAP_FAILED || descriptor < 0 || !cut) return region;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = 0;
  if (strcmp(path, cut) == 0 && truncate(path, 64) != 0) abort();
  return region;
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  return mmap(address, length, protection, flags, descriptor, offset);
}
