#ifndef BALLAST_CKERNELS_SUPPORT_H
#define BALLAST_CKERNELS_SUPPORT_H

#include "include/CKernels.h"

#include <math.h>
#include <string.h>

// Each function marked so is compiled three times, and the loader picks one for the machine. It does so
// before a sanitizer is ready, which the code that picks would call.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CK_CLONES
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute) && !defined(CK_CLONES)
#if __has_attribute(target_clones)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#endif
#ifndef CK_CLONES
#define CK_CLONES
#endif

// Helpers must become part of each clone, or they would be compiled for the oldest machine only.
#define CK_INLINE static inline __attribute__((always_inline))

#define CK_PASTE_(a, b) a##_##b
#define CK_PASTE(a, b) CK_PASTE_(a, b)
/// The name of a function for the element type that a template is being included for.
#define CK(name) CK_PASTE(name, CK_SUFFIX)

/// The type that elements of type T are added and multiplied in. Integers wrap, as PyTorch's do, which
/// C leaves undefined for those with a sign.
#define W __typeof__(_Generic((T)0, int64_t: (uint64_t)0, default: (T)0))

/// A number as an element. C leaves undefined what an integer cannot hold: here it becomes the limit,
/// as an infinite bound is meant, and NaN zero.
CK_INLINE float ck_element_f32(double x) { return (float)x; }
CK_INLINE double ck_element_f64(double x) { return x; }
CK_INLINE int64_t ck_element_i64(double x) {
  return x != x ? 0 : x >= 0x1p63 ? INT64_MAX : x < -0x1p63 ? INT64_MIN : (int64_t)x;
}

/// Calls `function`_f32 or _f64 by `type`.
#define CK_DISPATCH_FLOAT(type, function, ...) \
  do { \
    if ((type) == CKTypeFloat32) function##_f32(__VA_ARGS__); \
    else function##_f64(__VA_ARGS__); \
  } while (0)

/// Calls `function`_f32, _f64 or _i64 by `type`.
#define CK_DISPATCH(type, function, ...) \
  do { \
    if ((type) == CKTypeFloat32) function##_f32(__VA_ARGS__); \
    else if ((type) == CKTypeFloat64) function##_f64(__VA_ARGS__); \
    else function##_i64(__VA_ARGS__); \
  } while (0)

#endif
