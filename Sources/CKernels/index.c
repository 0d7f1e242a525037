#include "support.h"

#define CK_TEMPLATE "index.inc.h"
#include "for_floats.h"
#define T int64_t
#define CK_SUFFIX i64
#include "index.inc.h"

void ck_index_select(
    long item_size, const void *x, const int64_t *indices, void *out, long outer, long length,
    long count, long inner) {
  const long block = inner * item_size;
  const char *from = x;
  char *to = out;
  for (long o = 0; o < outer; o++, from += length * block) {
    // Single elements as such: a call for each would cost more than the copy.
    if (block == 4) {
      for (long i = 0; i < count; i++, to += 4) memcpy(to, from + indices[i] * 4, 4);
      continue;
    }
    if (block == 8) {
      for (long i = 0; i < count; i++, to += 8) memcpy(to, from + indices[i] * 8, 8);
      continue;
    }
    for (long i = 0; i < count; i++, to += block) {
      memcpy(to, from + indices[i] * block, (unsigned long)block);
    }
  }
}

void ck_index_add(
    CKType type, const void *grad, const int64_t *indices, void *x, long outer, long length,
    long count, long inner) {
  CK_DISPATCH(type, index_add, grad, indices, x, outer, length, count, inner);
}

void ck_gather(
    CKType type, const void *x, const int64_t *indices, void *out, long outer, long length,
    long count, long inner) {
  CK_DISPATCH(type, gather, x, indices, out, outer, length, count, inner);
}

void ck_scatter(
    CKType type, const void *from, const int64_t *indices, void *x, long outer, long length,
    long count, long inner) {
  CK_DISPATCH(type, scatter, from, indices, x, outer, length, count, inner);
}

void ck_scatter_add(
    CKType type, const void *grad, const int64_t *indices, void *x, long outer, long length,
    long count, long inner) {
  CK_DISPATCH(type, scatter_add, grad, indices, x, outer, length, count, inner);
}
