// H5Spublic.h: dataspaces and selections.
#ifndef BALLAST_CHDF5_DATASPACES_H
#define BALLAST_CHDF5_DATASPACES_H

#include <hdf5.h>

/// Stands for all the elements of a dataset, where a dataspace is asked for.
static inline hid_t chdf5_all_elements(void) { return H5S_ALL; }
static inline hid_t chdf5_create_scalar_space(void) { return H5Screate(H5S_SCALAR); }
static inline hid_t chdf5_create_null_space(void) { return H5Screate(H5S_NULL); }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }

/// Kinds of dataspace: 0 scalar, 1 simple, 2 null, negative on failure.
static inline int chdf5_space_kind(hid_t space) {
  switch (H5Sget_simple_extent_type(space)) {
  case H5S_SCALAR: return 0;
  case H5S_SIMPLE: return 1;
  case H5S_NULL: return 2;
  default: return -1;
  }
}

static inline herr_t chdf5_select_hyperslab(
    hid_t space, const hsize_t *start, const hsize_t *stride, const hsize_t *count, const hsize_t *block) {
  return H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, block);
}

/// 1 if every element is selected, 0 if not.
static inline int chdf5_selects_all(hid_t space) { return H5Sget_select_type(space) == H5S_SEL_ALL; }

/// 1 if the selection is a hyperslab of one start, stride, count and block.
static inline int chdf5_selects_regular_hyperslab(hid_t space) {
  if (H5Sget_select_type(space) != H5S_SEL_HYPERSLABS) return 0;
  return (int)H5Sis_regular_hyperslab(space);
}

#endif
