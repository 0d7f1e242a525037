/* Preloaded into a program, writes down in which order files get their bytes, reach the disk, and get
 * and lose their names; lets one of these calls fail; and lets others do less than they were asked.
 *
 *     LD_PRELOAD=watched_writes.so WATCH_LOG=log WATCHED_PATH=folder tool ...
 *
 * Of files and folders at or below WATCHED_PATH the log has, each in a line, with tabs between:
 *
 *     write PATH          of pwrite and write
 *     sync PATH           of fsync and fdatasync; of a folder too
 *     name FROM TO        of rename and link
 *     remove PATH         of unlink and rmdir
 *     list PATH           of opendir
 *
 * With FAILING_SYNC=N the Nth sync fails with EIO, with FAILING_LIST=N the Nth folder that is listed
 * ends with EIO after its first names. With CUT_SHORT=1 every second read and write is
 * interrupted, and the others do half of what they were asked: those of standard output as well.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int syncs, calls, lists;
static _Atomic(DIR *) cut_list;

static int is_watched(const char *path) {
  const char *watched = getenv("WATCHED_PATH");
  return watched && strncmp(path, watched, strlen(watched)) == 0;
}

static void note(const char *text, int length) {
  const char *log = getenv("WATCH_LOG");
  const int saved = errno;
  const int descriptor = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (descriptor >= 0) {
    ssize_t (*original)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (original(descriptor, text, (size_t)length) < 0) abort();
    close(descriptor);
  }
  errno = saved;
}

/* The path that a descriptor was opened by, or has now. */
static int path_of(int descriptor, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const int saved = errno;
  const ssize_t count = readlink(link, path, PATH_MAX - 1);
  errno = saved;
  if (count < 0) return 0;
  path[count] = 0;
  return is_watched(path);
}

static void note_descriptor(const char *kind, int descriptor) {
  char path[PATH_MAX], line[PATH_MAX + 32];
  if (!path_of(descriptor, path)) return;
  note(line, snprintf(line, sizeof line, "%s\t%s\n", kind, path));
}

static void absolute(const char *path, char result[PATH_MAX]) {
  char here[PATH_MAX];
  if (path[0] == '/' || !getcwd(here, sizeof here)) snprintf(result, PATH_MAX, "%s", path);
  else if (snprintf(result, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) abort();
}

static void note_path(const char *kind, const char *path) {
  char whole[PATH_MAX], line[PATH_MAX + 32];
  absolute(path, whole);
  if (!is_watched(whole)) return;
  note(line, snprintf(line, sizeof line, "%s\t%s\n", kind, whole));
}

static void note_name(const char *from, const char *to) {
  char old[PATH_MAX], new[PATH_MAX], line[2 * PATH_MAX + 32];
  absolute(from, old);
  absolute(to, new);
  if (!is_watched(new)) return;
  note(line, snprintf(line, sizeof line, "name\t%s\t%s\n", old, new));
}

/* How much of `count` a call is to do; -1 if it is to be interrupted. */
static ssize_t share(int descriptor, size_t count) {
  char path[PATH_MAX];
  if (!getenv("CUT_SHORT") || (descriptor != 1 && !path_of(descriptor, path))) return count;
  if (atomic_fetch_add(&calls, 1) % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  return (count + 1) / 2;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*original)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  note_descriptor("write", descriptor);
  const ssize_t part = share(descriptor, count);
  return part < 0 ? -1 : original(descriptor, bytes, part, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  ssize_t (*original)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  note_descriptor("write", descriptor);
  const ssize_t part = share(descriptor, count);
  return part < 0 ? -1 : original(descriptor, bytes, part);
}

ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
  ssize_t (*original)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pread64");
  const ssize_t part = share(descriptor, count);
  return part < 0 ? -1 : original(descriptor, bytes, part, offset);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
  return pread64(descriptor, bytes, count, offset);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  ssize_t (*original)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  const ssize_t part = share(descriptor, count);
  return part < 0 ? -1 : original(descriptor, bytes, part);
}

static int synchronise(const char *name, int descriptor) {
  char path[PATH_MAX];
  int (*original)(int) = dlsym(RTLD_NEXT, name);
  if (!path_of(descriptor, path)) return original(descriptor);
  note_descriptor("sync", descriptor);
  const char *failing = getenv("FAILING_SYNC");
  if (failing && atomic_fetch_add(&syncs, 1) + 1 == atoi(failing)) {
    errno = EIO;
    return -1;
  }
  return original(descriptor);
}

int fsync(int descriptor) { return synchronise("fsync", descriptor); }

int fdatasync(int descriptor) { return synchronise("fdatasync", descriptor); }

int rename(const char *from, const char *to) {
  int (*original)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  const int result = original(from, to);
  if (result == 0) note_name(from, to);
  return result;
}

int link(const char *from, const char *to) {
  int (*original)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
  const int result = original(from, to);
  if (result == 0) note_name(from, to);
  return result;
}

int unlink(const char *path) {
  int (*original)(const char *) = dlsym(RTLD_NEXT, "unlink");
  const int result = original(path);
  if (result == 0) note_path("remove", path);
  return result;
}

int rmdir(const char *path) {
  int (*original)(const char *) = dlsym(RTLD_NEXT, "rmdir");
  const int result = original(path);
  if (result == 0) note_path("remove", path);
  return result;
}

DIR *opendir(const char *path) {
  DIR *(*original)(const char *) = dlsym(RTLD_NEXT, "opendir");
  DIR *result = original(path);
  char whole[PATH_MAX];
  if (!result || !path_of(dirfd(result), whole)) return result;
  note_path("list", whole);
  const char *failing = getenv("FAILING_LIST");
  if (failing && atomic_fetch_add(&lists, 1) + 1 == atoi(failing)) cut_list = result;
  return result;
}

/* Three names are given: of any folder two may be those of itself and of its parent. */
static struct dirent *next_entry(const char *name, DIR *folder) {
  static atomic_int given;
  struct dirent *(*original)(DIR *) = dlsym(RTLD_NEXT, name);
  if (folder != cut_list) return original(folder);
  if (atomic_fetch_add(&given, 1) < 3) return original(folder);
  errno = EIO;
  return NULL;
}

struct dirent *readdir(DIR *folder) { return next_entry("readdir", folder); }

struct dirent64 *readdir64(DIR *folder) {
  return (struct dirent64 *)next_entry("readdir64", folder);
}

int closedir(DIR *folder) {
  int (*original)(DIR *) = dlsym(RTLD_NEXT, "closedir");
  if (folder == cut_list) cut_list = NULL;
  return original(folder);
}
