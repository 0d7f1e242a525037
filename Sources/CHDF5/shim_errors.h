// H5Epublic.h and H5Epubgen.h: the error stack, and the error numbers that carry a meaning.
#ifndef BALLAST_CHDF5_ERRORS_H
#define BALLAST_CHDF5_ERRORS_H

#include <hdf5.h>

/// Walks a stack from the function that was called down to the one that failed.
static inline herr_t chdf5_walk_errors(hid_t stack, H5E_walk2_t visit, void *context) {
  return H5Ewalk2(stack, H5E_WALK_DOWNWARD, visit, context);
}

static inline hid_t chdf5_major_plugin(void) { return H5E_PLUGIN; }
static inline hid_t chdf5_major_storage(void) { return H5E_STORAGE; }
static inline hid_t chdf5_major_cache(void) { return H5E_CACHE; }

static inline hid_t chdf5_minor_not_found(void) { return H5E_NOTFOUND; }
static inline hid_t chdf5_minor_exists(void) { return H5E_EXISTS; }
static inline hid_t chdf5_minor_already_exists(void) { return H5E_ALREADYEXISTS; }
static inline hid_t chdf5_minor_file_exists(void) { return H5E_FILEEXISTS; }
static inline hid_t chdf5_minor_not_hdf5(void) { return H5E_NOTHDF5; }
static inline hid_t chdf5_minor_truncated(void) { return H5E_TRUNCATED; }
static inline hid_t chdf5_minor_cannot_load(void) { return H5E_CANTLOAD; }
static inline hid_t chdf5_minor_cannot_decode(void) { return H5E_CANTDECODE; }
static inline hid_t chdf5_minor_bad_message(void) { return H5E_BADMESG; }
static inline hid_t chdf5_minor_version(void) { return H5E_VERSION; }
static inline hid_t chdf5_minor_overflow(void) { return H5E_OVERFLOW; }
static inline hid_t chdf5_minor_read_error(void) { return H5E_READERROR; }
static inline hid_t chdf5_minor_write_error(void) { return H5E_WRITEERROR; }
static inline hid_t chdf5_minor_seek_error(void) { return H5E_SEEKERROR; }
static inline hid_t chdf5_minor_no_filter(void) { return H5E_NOFILTER; }
static inline hid_t chdf5_minor_cannot_filter(void) { return H5E_CANTFILTER; }
static inline hid_t chdf5_minor_unsupported(void) { return H5E_UNSUPPORTED; }
static inline hid_t chdf5_minor_bad_type(void) { return H5E_BADTYPE; }
static inline hid_t chdf5_minor_bad_value(void) { return H5E_BADVALUE; }
static inline hid_t chdf5_minor_bad_range(void) { return H5E_BADRANGE; }
static inline hid_t chdf5_minor_too_many_links(void) { return H5E_NLINKS; }
static inline hid_t chdf5_minor_cannot_convert(void) { return H5E_CANTCONVERT; }
static inline hid_t chdf5_minor_no_space(void) { return H5E_NOSPACE; }
static inline hid_t chdf5_minor_cannot_lock_file(void) {
#ifdef H5E_CANTLOCKFILE
  return H5E_CANTLOCKFILE;
#else
  return H5E_CANTLOCK;
#endif
}

#endif
