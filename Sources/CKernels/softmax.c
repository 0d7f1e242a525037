#include "support.h"
#include "vector_math.h"

#define CK_TEMPLATE "softmax.inc.h"
#include "for_floats.h"

void ck_softmax(
    CKType type, bool logarithm, const void *x, void *out, long outer, long n, long inner) {
  CK_DISPATCH_FLOAT(type, softmax, logarithm, x, out, outer, n, inner);
}

void ck_softmax_grad(
    CKType type, bool logarithm, const void *grad, const void *y, void *out, long outer, long n,
    long inner) {
  CK_DISPATCH_FLOAT(type, softmax_grad, logarithm, grad, y, out, outer, n, inner);
}

void ck_masked_softmax(
    CKType type, void *scores, long rows, long n, double scale, long visible,
    const uint8_t *allowed, const void *added, long row_stride, long column_stride) {
  CK_DISPATCH_FLOAT(
      type, masked_softmax, scores, rows, n, scale, visible, allowed, added, row_stride,
      column_stride);
}
