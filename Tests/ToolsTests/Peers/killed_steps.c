/* Preloaded into a tool, ends it before one of the calls by which files get and lose their names, as
 * SIGKILL would: nothing is cleaned up.
 *
 *     LD_PRELOAD=killed_steps.so KILLED_STEP=3 tool ...
 *
 * The calls are counted from 1. Without KILLED_STEP, or when fewer are made, nothing happens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int count;

static void step(void) {
  const char *text = getenv("KILLED_STEP");
  if (text && atomic_fetch_add(&count, 1) + 1 == atoi(text)) kill(getpid(), SIGKILL);
}

int rename(const char *from, const char *to) {
  step();
  int (*original)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  return original(from, to);
}

int link(const char *from, const char *to) {
  step();
  int (*original)(const char *, const char *) = dlsym(RTLD_NEXT, "link");
  return original(from, to);
}

int unlink(const char *path) {
  step();
  int (*original)(const char *) = dlsym(RTLD_NEXT, "unlink");
  return original(path);
}
