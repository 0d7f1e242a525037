// H5Ppublic.h and H5FDcore.h: property lists.
#ifndef BALLAST_CHDF5_PROPERTIES_H
#define BALLAST_CHDF5_PROPERTIES_H

#include <hdf5.h>

static inline hid_t chdf5_default_properties(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_create_file_creation_list(void) { return H5Pcreate(H5P_FILE_CREATE); }
static inline hid_t chdf5_create_file_access_list(void) { return H5Pcreate(H5P_FILE_ACCESS); }
static inline hid_t chdf5_create_group_creation_list(void) { return H5Pcreate(H5P_GROUP_CREATE); }
static inline hid_t chdf5_create_dataset_creation_list(void) { return H5Pcreate(H5P_DATASET_CREATE); }
static inline hid_t chdf5_create_datatype_creation_list(void) { return H5Pcreate(H5P_DATATYPE_CREATE); }
static inline hid_t chdf5_create_link_creation_list(void) { return H5Pcreate(H5P_LINK_CREATE); }
static inline hid_t chdf5_create_attribute_creation_list(void) { return H5Pcreate(H5P_ATTRIBUTE_CREATE); }

/// Marks the names made with a link or attribute creation list as UTF-8.
static inline herr_t chdf5_set_names_utf8(hid_t list) { return H5Pset_char_encoding(list, H5T_CSET_UTF8); }

/// Keeps and indexes the order in which links are made, on a group or file creation list.
static inline herr_t chdf5_track_link_order(hid_t list) {
  return H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
}

/// Keeps and indexes the order in which attributes are made, on any object creation list.
static inline herr_t chdf5_track_attribute_order(hid_t list) {
  return H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
}

/// 1 if a creation list keeps the order of links, 0 if not, negative on failure.
static inline int chdf5_tracks_link_order(hid_t list) {
  unsigned flags = 0;
  if (H5Pget_link_creation_order(list, &flags) < 0) return -1;
  return (flags & H5P_CRT_ORDER_TRACKED) != 0;
}

/// 1 if a creation list keeps the order of attributes, 0 if not, negative on failure.
static inline int chdf5_tracks_attribute_order(hid_t list) {
  unsigned flags = 0;
  if (H5Pget_attr_creation_order(list, &flags) < 0) return -1;
  return (flags & H5P_CRT_ORDER_TRACKED) != 0;
}

/// The oldest format that may be written: 0 earliest, 1 version 1.8, 2 version 1.10, 3 the newest.
static inline herr_t chdf5_set_oldest_format(hid_t list, int oldest) {
  H5F_libver_t low = H5F_LIBVER_LATEST;
  if (oldest == 0) low = H5F_LIBVER_EARLIEST;
  if (oldest == 1) low = H5F_LIBVER_V18;
  if (oldest == 2) low = H5F_LIBVER_V110;
  return H5Pset_libver_bounds(list, low, H5F_LIBVER_LATEST);
}

static inline herr_t chdf5_set_close_degree_semi(hid_t list) { return H5Pset_fclose_degree(list, H5F_CLOSE_SEMI); }
static inline herr_t chdf5_set_close_degree_strong(hid_t list) { return H5Pset_fclose_degree(list, H5F_CLOSE_STRONG); }

/// Opens without taking a lock on the file. Libraries too old to offer the choice keep their own.
static inline herr_t chdf5_disable_file_locking(hid_t list) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
  return H5Pset_file_locking(list, 0, 1);
#else
  (void)list;
  return 0;
#endif
}

/// Keeps the file in memory and never writes it to disk.
static inline herr_t chdf5_set_memory_driver(hid_t list, size_t increment) {
  return H5Pset_fapl_core(list, increment, 0);
}

#endif
