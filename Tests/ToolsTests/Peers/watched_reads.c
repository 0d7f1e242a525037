// Loaded into a program before its libraries, this counts what it reads of the files at a path, which
// the variable WATCHED_PATH names, as a file or as a folder of them. It writes a line for each call to
// the file WATCH_LOG: "open PATH" or "read OFFSET COUNT PATH".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Writes a line about a descriptor, if it is one of a watched file.
static void tell(const char *what, int descriptor, long offset, size_t count, int is_read) {
  const char *watched = getenv("WATCHED_PATH"), *log = getenv("WATCH_LOG");
  char link[64], path[PATH_MAX], line[PATH_MAX + 100];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (!watched || !log || length < 0) return;
  path[length] = 0;
  if (strncmp(path, watched, strlen(watched)) != 0) return;
  if (path[strlen(watched)] != 0 && path[strlen(watched)] != '/') return;
  int size = is_read ? snprintf(line, sizeof line, "%s %ld %zu %s\n", what, offset, count, path)
                     : snprintf(line, sizeof line, "%s %s\n", what, path);
  int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  syscall(SYS_write, file, line, (size_t)size);
  syscall(SYS_close, file);
}

static ssize_t read_at(int descriptor, void *buffer, size_t count, long offset, int is_positioned) {
  int number = errno;
  tell("read", descriptor, offset, count, 1);
  errno = number;
  return is_positioned ? syscall(SYS_pread64, descriptor, buffer, count, offset)
                       : syscall(SYS_read, descriptor, buffer, count);
}

ssize_t read(int descriptor, void *buffer, size_t count) {
  return read_at(descriptor, buffer, count, -1, 0);
}
ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset) {
  return read_at(descriptor, buffer, count, offset, 1);
}
ssize_t pread64(int descriptor, void *buffer, size_t count, off64_t offset)
    __attribute__((alias("pread")));

static int open_at(int folder, const char *path, int flags, va_list arguments) {
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
  int descriptor = syscall(SYS_openat, folder, path, flags, mode), number = errno;
  if (descriptor >= 0) tell("open", descriptor, 0, 0, 0);
  errno = number;
  return descriptor;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int descriptor = open_at(AT_FDCWD, path, flags, arguments);
  va_end(arguments);
  return descriptor;
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int folder, const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int descriptor = open_at(folder, path, flags, arguments);
  va_end(arguments);
  return descriptor;
}
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
