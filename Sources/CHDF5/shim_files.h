// H5Fpublic.h: opening modes and what to count.
#ifndef BALLAST_CHDF5_FILES_H
#define BALLAST_CHDF5_FILES_H

#include <hdf5.h>

static inline unsigned chdf5_access_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_access_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_access_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_access_exclusive(void) { return H5F_ACC_EXCL; }

/// Whether a path holds an HDF5 file: positive, zero, or negative on failure.
static inline htri_t chdf5_is_hdf5(const char *path) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Fis_accessible(path, H5P_DEFAULT);
#else
  return H5Fis_hdf5(path);
#endif
}

/// Hands everything buffered to the operating system.
static inline herr_t chdf5_flush_file(hid_t file) { return H5Fflush(file, H5F_SCOPE_GLOBAL); }

/// The identifiers that are open in the file, the file's own left out.
static inline ssize_t chdf5_open_object_count(hid_t file) {
  return H5Fget_obj_count(file, H5F_OBJ_ALL & ~H5F_OBJ_FILE);
}

#endif
