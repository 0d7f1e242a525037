// H5public.h, H5Epublic.h (printing) and H5PLpublic.h: starting the library.
#ifndef BALLAST_CHDF5_LIBRARY_H
#define BALLAST_CHDF5_LIBRARY_H

#include <hdf5.h>

/// Starts the library once per process.
///
/// The exit handler is refused first: it would close identifiers that Swift objects still own, and
/// other threads may be inside the library by then. Plugins are refused because a file could name
/// a filter that makes the library load and run a shared object.
static inline int chdf5_start(void) {
  H5dont_atexit();
  if (H5open() < 0) return -1;
  H5PLset_loading_state(0);
  return 0;
}

/// Switches off the printing of errors, which is a setting of each thread.
static inline void chdf5_silence_thread(void) {
  static _Thread_local int silenced = 0;
  if (silenced) return;
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  silenced = 1;
}

#endif
