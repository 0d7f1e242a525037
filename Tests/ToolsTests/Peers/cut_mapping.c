// Loaded into a program before its libraries, this cuts the file at the path in CUT_PATH to CUT_SIZE
// bytes while the program works, as someone who writes to it would: when it has mapped the file, or, if
// CUT_READS or CUT_LOOKS is given, at the so-manieth `pread` of it or `fstat`. With CUT_BACK the file gets
// its length again, of zeros.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int reads, looks;

static int is_cut(int descriptor) {
  const char *cut = getenv("CUT_PATH");
  char link[64], path[PATH_MAX];
  if (descriptor < 0 || !cut || !getenv("CUT_SIZE")) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = 0;
  return strcmp(path, cut) == 0;
}

static void cut(void) {
  const char *path = getenv("CUT_PATH"), *back = getenv("CUT_BACK");
  if (truncate(path, atol(getenv("CUT_SIZE"))) != 0) abort();
  if (back && truncate(path, atol(back)) != 0) abort();
}

static void count(const char *variable, atomic_int *calls) {
  const char *wanted = getenv(variable);
  if (wanted && atomic_fetch_add(calls, 1) + 1 == atoi(wanted)) cut();
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  void *region =
      (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
  if (region != MAP_FAILED && is_cut(descriptor) && !getenv("CUT_READS") && !getenv("CUT_LOOKS")) cut();
  return region;
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  return mmap(address, length, protection, flags, descriptor, offset);
}

ssize_t pread(int descriptor, void *bytes, size_t count_, off_t offset) {
  ssize_t done = syscall(SYS_pread64, descriptor, bytes, count_, offset);
  if (is_cut(descriptor)) count("CUT_READS", &reads);
  return done;
}

ssize_t pread64(int descriptor, void *bytes, size_t count_, off_t offset) {
  return pread(descriptor, bytes, count_, offset);
}

int fstat(int descriptor, struct stat *status) {
  static int (*real)(int, struct stat *);
  if (!real) real = (int (*)(int, struct stat *))dlsym(RTLD_NEXT, "fstat");
  int result = real(descriptor, status);
  if (is_cut(descriptor)) count("CUT_LOOKS", &looks);
  return result;
}
