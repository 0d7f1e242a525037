/* Loaded into a program before its libraries, this writes down the calls by which it uses files, and
 * lets one of them fail.
 *
 *     LD_PRELOAD=failing_calls.so CALL_LOG=log FAILING_CALL=3 FAILURE=5 tool ...
 *
 * Each call is a line of the file CALL_LOG: its name, "failed" or "made", and the paths that it is about.
 * The call of the number FAILING_CALL, counted from 1, fails with the error number FAILURE without having
 * done anything; of "short" only half of what a read or a write is to do is done. What libraries call
 * that are no part of the tool, such as OpenBLAS, is left alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int calls;

enum outcome { MADE, FAILED, SHORT };

/* Whether a call comes from the program itself, or from Swift's library on its behalf. */
static int is_ours(void *caller) {
  Dl_info info;
  if (!dladdr(caller, &info) || !info.dli_fname) return 1;
  return strstr(info.dli_fname, "ballast") || strstr(info.dli_fname, "rotation-writer") ||
         strstr(info.dli_fname, "swift");
}

/* Counts a call, writes it down, and says what is to become of it. */
static enum outcome begin(void *caller, const char *name, const char *path, const char *other,
                          int can_be_short) {
  const char *log = getenv("CALL_LOG"), *failing = getenv("FAILING_CALL");
  const char *failure = getenv("FAILURE");
  if (!log || !is_ours(caller)) return MADE;
  int number = errno;
  enum outcome outcome = MADE;
  if (atomic_fetch_add(&calls, 1) + 1 == (failing ? atoi(failing) : 0) && failure) {
    outcome = strcmp(failure, "short") ? FAILED : can_be_short ? SHORT : MADE;
    if (outcome == FAILED) number = atoi(failure);
  }
  char line[2 * PATH_MAX + 100];
  int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%s\n", name, outcome == MADE ? "made" : "failed",
                      path ? path : "", other ? other : "");
  int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  syscall(SYS_write, file, line, (size_t)size);
  syscall(SYS_close, file);
  errno = number;
  return outcome;
}

/* The same of a call that is about a descriptor. */
static enum outcome begin_at(void *caller, const char *name, int descriptor, int can_be_short) {
  char link[64], path[PATH_MAX];
  int number = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  errno = number;
  return begin(caller, name, path, NULL, can_be_short);
}

#define CALLER __builtin_return_address(0)
/* The function that is in the way of this one. */
#define ORIGINAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(outcome, result) \
  if ((outcome) == FAILED) return result

/* Bytes. */

static size_t part(enum outcome outcome, size_t count) {
  return outcome == SHORT ? (count + 1) / 2 : count;
}

ssize_t read(int descriptor, void *buffer, size_t count) {
  /* A thread waits for signals at a pipe, from some moment on. */
  if (lseek(descriptor, 0, SEEK_CUR) < 0) return ORIGINAL(read)(descriptor, buffer, count);
  enum outcome outcome = begin_at(CALLER, "read", descriptor, count > 1);
  FAIL_IF(outcome, -1);
  return ORIGINAL(read)(descriptor, buffer, part(outcome, count));
}
ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset) {
  enum outcome outcome = begin_at(CALLER, "pread", descriptor, count > 1);
  FAIL_IF(outcome, -1);
  return ORIGINAL(pread)(descriptor, buffer, part(outcome, count), offset);
}
ssize_t write(int descriptor, const void *buffer, size_t count) {
  enum outcome outcome = begin_at(CALLER, "write", descriptor, count > 1);
  FAIL_IF(outcome, -1);
  return ORIGINAL(write)(descriptor, buffer, part(outcome, count));
}
ssize_t pwrite(int descriptor, const void *buffer, size_t count, off_t offset) {
  enum outcome outcome = begin_at(CALLER, "pwrite", descriptor, count > 1);
  FAIL_IF(outcome, -1);
  return ORIGINAL(pwrite)(descriptor, buffer, part(outcome, count), offset);
}

/* What is done to an open file. */

#define ON_DESCRIPTOR(name, parameters, arguments)            \
  int name parameters {                                       \
    FAIL_IF(begin_at(CALLER, #name, descriptor, 0), -1);      \
    return ORIGINAL(name) arguments;                          \
  }
ON_DESCRIPTOR(fsync, (int descriptor), (descriptor))
ON_DESCRIPTOR(fdatasync, (int descriptor), (descriptor))
ON_DESCRIPTOR(ftruncate, (int descriptor, off_t count), (descriptor, count))
ON_DESCRIPTOR(fchmod, (int descriptor, mode_t mode), (descriptor, mode))
ON_DESCRIPTOR(flock, (int descriptor, int operation), (descriptor, operation))
ON_DESCRIPTOR(fstat, (int descriptor, struct stat *status), (descriptor, status))
ON_DESCRIPTOR(sync_file_range, (int descriptor, off64_t start, off64_t count, unsigned flags),
              (descriptor, start, count, flags))

/* It gives the error number, and does not set it. */
int posix_fallocate(int descriptor, off_t offset, off_t count) {
  FAIL_IF(begin_at(CALLER, "posix_fallocate", descriptor, 0), errno);
  return ORIGINAL(posix_fallocate)(descriptor, offset, count);
}
/* The descriptor is gone however it ends. */
int close(int descriptor) {
  enum outcome outcome = begin_at(CALLER, "close", descriptor, 0);
  int number = errno;
  int result = ORIGINAL(close)(descriptor);
  if (outcome != FAILED) return result;
  errno = number;
  return -1;
}
void *mmap(void *address, size_t count, int protection, int flags, int descriptor, off_t offset) {
  /* Memory that is no file's is asked for before anything here is ready. */
  if (descriptor >= 0) FAIL_IF(begin_at(CALLER, "mmap", descriptor, 0), MAP_FAILED);
  return (void *)syscall(SYS_mmap, address, count, protection, flags, descriptor, offset);
}

/* Paths. */

#define ON_PATH(result, failed, name, parameters, arguments, path, other) \
  result name parameters {                                                \
    FAIL_IF(begin(CALLER, #name, path, other, 0), failed);                \
    return ORIGINAL(name) arguments;                                      \
  }
ON_PATH(int, -1, rename, (const char *from, const char *to), (from, to), from, to)
ON_PATH(int, -1, link, (const char *from, const char *to), (from, to), from, to)
ON_PATH(int, -1, unlink, (const char *path), (path), path, NULL)
ON_PATH(int, -1, mkdir, (const char *path, mode_t mode), (path, mode), path, NULL)
ON_PATH(int, -1, rmdir, (const char *path), (path), path, NULL)
ON_PATH(char *, NULL, mkdtemp, (char *path), (path), path, NULL)
ON_PATH(int, -1, stat, (const char *path, struct stat *status), (path, status), path, NULL)
ON_PATH(int, -1, lstat, (const char *path, struct stat *status), (path, status), path, NULL)
ON_PATH(char *, NULL, realpath, (const char *path, char *room), (path, room), path, NULL)
ON_PATH(DIR *, NULL, opendir, (const char *path), (path), path, NULL)

DIR *fdopendir(int descriptor) {
  FAIL_IF(begin_at(CALLER, "fdopendir", descriptor, 0), NULL);
  return ORIGINAL(fdopendir)(descriptor);
}
struct dirent *readdir(DIR *folder) {
  FAIL_IF(begin_at(CALLER, "readdir", dirfd(folder), 0), NULL);
  return ORIGINAL(readdir)(folder);
}

int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | __O_TMPFILE)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  FAIL_IF(begin(CALLER, flags & O_CREAT ? "create" : "open", path, NULL, 0), -1);
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* The rest. */

int pipe(int ends[2]) {
  FAIL_IF(begin(CALLER, "pipe", NULL, NULL, 0), -1);
  return ORIGINAL(pipe)(ends);
}
/* It gives the error number, and does not set it. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                   void *argument) {
  FAIL_IF(begin(CALLER, "pthread_create", NULL, NULL, 0), errno);
  return ORIGINAL(pthread_create)(thread, attributes, body, argument);
}
