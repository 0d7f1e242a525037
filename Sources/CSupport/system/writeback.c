#define _GNU_SOURCE

#include "system.h"

#ifdef __linux__
#include <fcntl.h>
#endif

void cs_begin_writeback(int descriptor, long long offset, long long byte_count) {
#ifdef __linux__
  sync_file_range(descriptor, offset, byte_count, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor;
  (void)offset;
  (void)byte_count;
#endif
}
