#include "support.h"
#include "vector_math.h"

#define CK_FLOATING 1
#define CK_TEMPLATE "unary.inc.h"
#include "for_floats.h"
#undef CK_FLOATING

#define CK_FLOATING 0
#define T int64_t
#define CK_SUFFIX i64
#include "unary.inc.h"

void ck_unary(CKType type, CKUnary f, const void *x, void *out, long n, double a, double b) {
  CK_DISPATCH(type, unary, f, x, out, n, a, b);
}

void ck_axpy(CKType type, double alpha, const void *x, void *y, long n) {
  CK_DISPATCH(type, axpy, alpha, x, y, n);
}

void ck_fill(CKType type, double value, void *out, long n) {
  CK_DISPATCH(type, fill, value, out, n);
}
