#include "support.h"

#define T float
#define CK_SUFFIX f32
#include "optimize.inc.h"
#undef T
#undef CK_SUFFIX
#define T double
#define CK_SUFFIX f64
#include "optimize.inc.h"

void ck_sgd(CKType type, void *x, const void *grad, void *momentum, long n, CKSGD options) {
  CK_DISPATCH_FLOAT(type, sgd, x, grad, momentum, n, options);
}

void ck_adam(
    CKType type, void *x, const void *grad, void *mean, void *square, void *greatest, long n,
    CKAdam options) {
  CK_DISPATCH_FLOAT(type, adam, x, grad, mean, square, greatest, n, options);
}
