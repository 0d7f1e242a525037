// H5Dpublic.h and H5Zpublic.h: layouts, fill values, filters and chunks.
#ifndef BALLAST_CHDF5_DATASETS_H
#define BALLAST_CHDF5_DATASETS_H

#include <hdf5.h>
#include <stdint.h>

/// Layouts: 0 compact, 1 contiguous, 2 chunked, 3 virtual, negative on failure.
static inline int chdf5_layout(hid_t list) {
  switch (H5Pget_layout(list)) {
  case H5D_COMPACT: return 0;
  case H5D_CONTIGUOUS: return 1;
  case H5D_CHUNKED: return 2;
  case H5D_VIRTUAL: return 3;
  default: return -1;
  }
}
static inline herr_t chdf5_set_compact(hid_t list) { return H5Pset_layout(list, H5D_COMPACT); }
static inline herr_t chdf5_set_contiguous(hid_t list) { return H5Pset_layout(list, H5D_CONTIGUOUS); }

static inline herr_t chdf5_allocate_early(hid_t list) { return H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY); }
static inline herr_t chdf5_allocate_late(hid_t list) { return H5Pset_alloc_time(list, H5D_ALLOC_TIME_LATE); }
static inline herr_t chdf5_allocate_incrementally(hid_t list) { return H5Pset_alloc_time(list, H5D_ALLOC_TIME_INCR); }
static inline herr_t chdf5_never_fill(hid_t list) { return H5Pset_fill_time(list, H5D_FILL_TIME_NEVER); }
static inline herr_t chdf5_fill_if_set(hid_t list) { return H5Pset_fill_time(list, H5D_FILL_TIME_IFSET); }

/// 1 if the user gave a fill value, 0 if not, negative on failure.
static inline int chdf5_has_fill_value(hid_t list) {
  H5D_fill_value_t status;
  if (H5Pfill_value_defined(list, &status) < 0) return -1;
  return status == H5D_FILL_VALUE_USER_DEFINED;
}

/// The offset of the raw data of a contiguous dataset from the start of the file, or -1. Where
/// nothing is stored, 1.10 adds the user block to an undefined address and gives the sum.
static inline int64_t chdf5_dataset_offset(hid_t dataset) {
  haddr_t offset = H5Dget_offset(dataset);
  if (H5Dget_storage_size(dataset) == 0) return -1;
  return offset == HADDR_UNDEF || offset > (haddr_t)INT64_MAX ? -1 : (int64_t)offset;
}

static inline unsigned chdf5_filter_optional(void) { return H5Z_FLAG_OPTIONAL; }
static inline unsigned chdf5_filter_mandatory(void) { return H5Z_FLAG_MANDATORY; }

/// The number of chunks that are stored. 1.10 insists on a dataspace and takes no H5S_ALL.
static inline herr_t chdf5_chunk_count(hid_t dataset, hsize_t *count) {
  hid_t space = H5Dget_space(dataset);
  if (space < 0) return -1;
  herr_t status = H5Dget_num_chunks(dataset, space, count);
  H5Sclose(space);
  return status;
}

/// Whether the addresses of chunks count from the end of the user block, and not from the start of
/// the file: a bug until 1.14.4 (HDFGroup/hdf5#3003).
static inline int chdf5_chunk_addresses_skip_user_block(void) { return !H5_VERSION_GE(1, 14, 4); }

/// Where a chunk lies: its address is -1 when it is not stored.
typedef struct chdf5_chunk {
  unsigned filter_mask;
  int64_t address;
  hsize_t size;
} chdf5_chunk;

static inline int64_t chdf5_address(haddr_t address) {
  return address == HADDR_UNDEF || address > (haddr_t)INT64_MAX ? -1 : (int64_t)address;
}

/// The chunk of the given position in the chunk index; its coordinates go to `offset`.
static inline herr_t chdf5_chunk_by_index(
    hid_t dataset, hid_t space, hsize_t index, hsize_t *offset, chdf5_chunk *chunk) {
  haddr_t address = HADDR_UNDEF;
  herr_t status =
      H5Dget_chunk_info(dataset, space, index, offset, &chunk->filter_mask, &address, &chunk->size);
  chunk->address = chdf5_address(address);
  return status;
}

/// The chunk whose first element has the given coordinates.
static inline herr_t chdf5_chunk_by_coordinates(hid_t dataset, const hsize_t *offset, chdf5_chunk *chunk) {
  haddr_t address = HADDR_UNDEF;
  herr_t status = H5Dget_chunk_info_by_coord(dataset, offset, &chunk->filter_mask, &address, &chunk->size);
  chunk->address = chdf5_address(address);
  return status;
}

/// Reads the stored bytes of a chunk into a buffer that is known to be large enough.
static inline herr_t chdf5_read_chunk(
    hid_t dataset, const hsize_t *offset, uint32_t *filter_mask, void *buffer, size_t size) {
#if H5_VERSION_GE(2, 0, 0)
  return H5Dread_chunk2(dataset, H5P_DEFAULT, offset, filter_mask, buffer, &size);
#else
  (void)size;
  return H5Dread_chunk(dataset, H5P_DEFAULT, offset, filter_mask, buffer);
#endif
}

#endif
