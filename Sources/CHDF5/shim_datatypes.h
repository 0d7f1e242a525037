// H5Tpublic.h: datatypes.
#ifndef BALLAST_CHDF5_DATATYPES_H
#define BALLAST_CHDF5_DATATYPES_H

#include <hdf5.h>
#include <stdint.h>

/// Classes of types, by the library's own numbers.
static inline int chdf5_class_integer(void) { return H5T_INTEGER; }
static inline int chdf5_class_float(void) { return H5T_FLOAT; }
static inline int chdf5_class_string(void) { return H5T_STRING; }
static inline int chdf5_class_bitfield(void) { return H5T_BITFIELD; }
static inline int chdf5_class_opaque(void) { return H5T_OPAQUE; }
static inline int chdf5_class_compound(void) { return H5T_COMPOUND; }
static inline int chdf5_class_reference(void) { return H5T_REFERENCE; }
static inline int chdf5_class_enumeration(void) { return H5T_ENUM; }
static inline int chdf5_class_variable_length(void) { return H5T_VLEN; }
static inline int chdf5_class_array(void) { return H5T_ARRAY; }
static inline int chdf5_class_time(void) { return H5T_TIME; }

static inline int chdf5_type_class(hid_t type) { return (int)H5Tget_class(type); }

/// Bytes of one element, or -1: the library answers 0 on failure.
static inline int64_t chdf5_type_size(hid_t type) {
  size_t size = H5Tget_size(type);
  return size == 0 ? -1 : (int64_t)size;
}

/// A predefined integer or bitfield type, which is not to be closed, or -1 if there is none.
static inline hid_t chdf5_standard_integer(int bytes, int is_signed, int is_big) {
  switch (bytes) {
  case 1: return is_signed ? (is_big ? H5T_STD_I8BE : H5T_STD_I8LE) : (is_big ? H5T_STD_U8BE : H5T_STD_U8LE);
  case 2: return is_signed ? (is_big ? H5T_STD_I16BE : H5T_STD_I16LE) : (is_big ? H5T_STD_U16BE : H5T_STD_U16LE);
  case 4: return is_signed ? (is_big ? H5T_STD_I32BE : H5T_STD_I32LE) : (is_big ? H5T_STD_U32BE : H5T_STD_U32LE);
  case 8: return is_signed ? (is_big ? H5T_STD_I64BE : H5T_STD_I64LE) : (is_big ? H5T_STD_U64BE : H5T_STD_U64LE);
  default: return -1;
  }
}

static inline hid_t chdf5_standard_bitfield(int bytes, int is_big) {
  switch (bytes) {
  case 1: return is_big ? H5T_STD_B8BE : H5T_STD_B8LE;
  case 2: return is_big ? H5T_STD_B16BE : H5T_STD_B16LE;
  case 4: return is_big ? H5T_STD_B32BE : H5T_STD_B32LE;
  case 8: return is_big ? H5T_STD_B64BE : H5T_STD_B64LE;
  default: return -1;
  }
}

/// The predefined IEEE types, which are not to be closed.
static inline hid_t chdf5_ieee_float32(int is_big) { return is_big ? H5T_IEEE_F32BE : H5T_IEEE_F32LE; }
static inline hid_t chdf5_ieee_float64(int is_big) { return is_big ? H5T_IEEE_F64BE : H5T_IEEE_F64LE; }

static inline hid_t chdf5_object_reference(void) { return H5T_STD_REF_OBJ; }
static inline hid_t chdf5_region_reference(void) { return H5T_STD_REF_DSETREG; }

/// A new string type of one byte, to be given its size, padding and character set.
static inline hid_t chdf5_copy_string(void) { return H5Tcopy(H5T_C_S1); }
static inline herr_t chdf5_set_variable_size(hid_t type) { return H5Tset_size(type, H5T_VARIABLE); }
static inline hid_t chdf5_create_compound(size_t size) { return H5Tcreate(H5T_COMPOUND, size); }
static inline hid_t chdf5_create_opaque(size_t size) { return H5Tcreate(H5T_OPAQUE, size); }

/// Paddings of strings: 0 ends at a NUL, 1 filled with NUL, 2 filled with spaces.
static inline int chdf5_string_padding(hid_t type) {
  switch (H5Tget_strpad(type)) {
  case H5T_STR_NULLTERM: return 0;
  case H5T_STR_NULLPAD: return 1;
  case H5T_STR_SPACEPAD: return 2;
  default: return -1;
  }
}
static inline herr_t chdf5_set_string_padding(hid_t type, int padding) {
  return H5Tset_strpad(type, padding == 0 ? H5T_STR_NULLTERM : padding == 1 ? H5T_STR_NULLPAD : H5T_STR_SPACEPAD);
}

/// 1 if a string type is UTF-8, 0 if it is ASCII, -1 if it is neither.
static inline int chdf5_string_is_utf8(hid_t type) {
  switch (H5Tget_cset(type)) {
  case H5T_CSET_ASCII: return 0;
  case H5T_CSET_UTF8: return 1;
  default: return -1;
  }
}
static inline herr_t chdf5_set_string_utf8(hid_t type, int is_utf8) {
  return H5Tset_cset(type, is_utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
}

/// 1 if big-endian, 0 if little-endian or without order, -1 for VAX, mixed or unknown.
static inline int chdf5_is_big_endian(hid_t type) {
  switch (H5Tget_order(type)) {
  case H5T_ORDER_LE:
  case H5T_ORDER_NONE: return 0;
  case H5T_ORDER_BE: return 1;
  default: return -1;
  }
}
static inline herr_t chdf5_set_big_endian(hid_t type, int is_big) {
  return H5Tset_order(type, is_big ? H5T_ORDER_BE : H5T_ORDER_LE);
}

/// 1 if an integer type is in two's complement, 0 if unsigned, -1 otherwise.
static inline int chdf5_is_signed(hid_t type) {
  switch (H5Tget_sign(type)) {
  case H5T_SGN_NONE: return 0;
  case H5T_SGN_2: return 1;
  default: return -1;
  }
}

/// Normalizations of floats: 0 implied leading bit, 1 leading bit stored, 2 none.
static inline int chdf5_normalization(hid_t type) {
  switch (H5Tget_norm(type)) {
  case H5T_NORM_IMPLIED: return 0;
  case H5T_NORM_MSBSET: return 1;
  case H5T_NORM_NONE: return 2;
  default: return -1;
  }
}
static inline herr_t chdf5_set_normalization(hid_t type, int normalization) {
  return H5Tset_norm(type, normalization == 0   ? H5T_NORM_IMPLIED
                           : normalization == 1 ? H5T_NORM_MSBSET
                                                : H5T_NORM_NONE);
}

/// Frees the strings and sequences that a read left in a buffer.
static inline herr_t chdf5_reclaim(hid_t type, hid_t space, void *buffer) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Treclaim(type, space, H5P_DEFAULT, buffer);
#else
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
#endif
}

#endif
