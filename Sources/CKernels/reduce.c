#include "support.h"

enum { max_rank = 32 };

/// Some dimensions of an array.
typedef struct {
  long rank;
  const long *lengths;
  const long *strides;
} walk;

/// A position in them.
typedef struct {
  long position;
  long index[max_rank];
} place;

static bool advance(const walk *w, place *p) {
  for (long axis = w->rank - 1; axis >= 0; axis--) {
    p->position += w->strides[axis];
    if (++p->index[axis] < w->lengths[axis]) return true;
    p->position -= w->lengths[axis] * w->strides[axis];
    p->index[axis] = 0;
  }
  return false;
}

#define CK_IS_NAN(x) ((x) != (x))
#define T float
#define A double
#define CK_SUFFIX f32
#include "reduce.inc.h"
#undef T
#undef CK_SUFFIX
#define T double
#define CK_SUFFIX f64
#include "reduce.inc.h"
#undef T
#undef A
#undef CK_SUFFIX
#undef CK_IS_NAN
#define CK_IS_NAN(x) false
#define T int64_t
#define A uint64_t
#define CK_SUFFIX i64
#include "reduce.inc.h"

void ck_reduce(
    CKType type, CKReduce f, long kept_rank, const long *kept, const long *kept_strides,
    long reduced_rank, const long *reduced, const long *reduced_strides, const void *x, void *out) {
  const walk k = {kept_rank, kept, kept_strides};
  const walk r = {reduced_rank, reduced, reduced_strides};
  CK_DISPATCH(type, reduce, f, &k, &r, x, out);
}

int64_t ck_arg_extreme(CKType type, bool least, const void *x, long n, long stride) {
  switch (type) {
  case CKTypeFloat32: return arg_extreme_f32(least, x, n, stride);
  case CKTypeFloat64: return arg_extreme_f64(least, x, n, stride);
  case CKTypeInt64: return arg_extreme_i64(least, x, n, stride);
  }
}

void ck_scan(
    CKType type, bool product, const void *x, void *out, long outer, long n, long inner) {
  CK_DISPATCH(type, scan, product, x, out, outer, n, inner);
}
