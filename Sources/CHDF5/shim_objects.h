// H5Opublic.h, H5Apublic.h and H5Rpublic.h: objects, attributes and references.
#ifndef BALLAST_CHDF5_OBJECTS_H
#define BALLAST_CHDF5_OBJECTS_H

#include <hdf5.h>
#include <stdint.h>
#include <string.h>

/// What an object is: kinds are 0 group, 1 dataset, 2 named datatype, 3 anything else.
typedef struct chdf5_object {
  int kind;
  unsigned reference_count;
  uint64_t address;
} chdf5_object;

#if H5_VERSION_GE(1, 12, 0)
typedef H5O_info2_t chdf5_library_object;
#else
typedef H5O_info_t chdf5_library_object;
#endif

static inline void chdf5_describe_object(const chdf5_library_object *info, chdf5_object *object) {
  switch (info->type) {
  case H5O_TYPE_GROUP: object->kind = 0; break;
  case H5O_TYPE_DATASET: object->kind = 1; break;
  case H5O_TYPE_NAMED_DATATYPE: object->kind = 2; break;
  default: object->kind = 3; break;
  }
  object->reference_count = info->rc;
#if H5_VERSION_GE(1, 12, 0)
  // A token of the native format begins with the address.
  memcpy(&object->address, &info->token, sizeof object->address);
#else
  object->address = info->addr;
#endif
}

static inline herr_t chdf5_object_info(hid_t object, chdf5_object *out) {
  chdf5_library_object info;
#if H5_VERSION_GE(1, 12, 0)
  herr_t status = H5Oget_info3(object, &info, H5O_INFO_BASIC);
#else
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
#endif
  if (status >= 0) chdf5_describe_object(&info, out);
  return status;
}

static inline herr_t chdf5_object_info_by_name(hid_t group, const char *name, chdf5_object *out) {
  chdf5_library_object info;
#if H5_VERSION_GE(1, 12, 0)
  herr_t status = H5Oget_info_by_name3(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  herr_t status = H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
  if (status >= 0) chdf5_describe_object(&info, out);
  return status;
}

/// The kind of an open object, in the numbers of `chdf5_object`, or -1 if it is no object.
static inline int chdf5_identifier_kind(hid_t id) {
  switch (H5Iget_type(id)) {
  case H5I_GROUP: return 0;
  case H5I_DATASET: return 1;
  case H5I_DATATYPE: return 2;
  default: return -1;
  }
}

/// The number of attributes of an object, or -1.
static inline int64_t chdf5_attribute_count(hid_t object) {
  chdf5_library_object info;
#if H5_VERSION_GE(1, 12, 0)
  if (H5Oget_info3(object, &info, H5O_INFO_NUM_ATTRS) < 0) return -1;
#else
  if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0) return -1;
#endif
  return info.num_attrs > (hsize_t)INT64_MAX ? -1 : (int64_t)info.num_attrs;
}

/// Walks the attributes of an object, by name or by order of creation.
static inline herr_t chdf5_walk_attributes(hid_t object, int by_creation, H5A_operator2_t visit, void *context) {
  hsize_t index = 0;
  return H5Aiterate2(
      object, by_creation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, &index, visit, context);
}

/// The result of a callback that ends a walk with an error.
static inline herr_t chdf5_walk_failed(void) { return H5_ITER_ERROR; }
/// The result of a callback that ends a walk early.
static inline herr_t chdf5_walk_stop(void) { return H5_ITER_STOP; }
/// The result of a callback that lets a walk go on.
static inline herr_t chdf5_walk_continue(void) { return H5_ITER_CONT; }

/// References to objects: 8 bytes that hold the object's address.
static inline herr_t chdf5_create_object_reference(hid_t location, const char *path, void *reference) {
  return H5Rcreate(reference, location, path, H5R_OBJECT, -1);
}
static inline hid_t chdf5_open_object_reference(hid_t location, const void *reference) {
  return H5Rdereference2(location, H5P_DEFAULT, H5R_OBJECT, reference);
}
static inline ssize_t chdf5_object_reference_path(hid_t location, const void *reference, char *name, size_t size) {
  return H5Rget_name(location, H5R_OBJECT, reference, name, size);
}

/// References to regions: 12 bytes that name an object of the file's global heap.
static inline herr_t chdf5_create_region_reference(hid_t location, const char *path, hid_t space, void *reference) {
  return H5Rcreate(reference, location, path, H5R_DATASET_REGION, space);
}
static inline hid_t chdf5_region_space(hid_t location, const void *reference) {
  return H5Rget_region(location, H5R_DATASET_REGION, reference);
}
static inline ssize_t chdf5_region_reference_path(hid_t location, const void *reference, char *name, size_t size) {
  return H5Rget_name(location, H5R_DATASET_REGION, reference, name, size);
}

#endif
