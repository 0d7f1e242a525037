#include "support.h"

#define CK_TEMPLATE "optimize.inc.h"
#include "for_floats.h"

void ck_sgd(CKType type, void *x, const void *grad, void *momentum, long n, CKSGD options) {
  CK_DISPATCH_FLOAT(type, sgd, x, grad, momentum, n, options);
}

void ck_adam(
    CKType type, void *x, const void *grad, void *mean, void *square, void *greatest, long n,
    CKAdam options) {
  CK_DISPATCH_FLOAT(type, adam, x, grad, mean, square, greatest, n, options);
}

void ck_adamax(
    CKType type, void *x, const void *grad, void *mean, void *norm, long n, CKAdam options) {
  CK_DISPATCH_FLOAT(type, adamax, x, grad, mean, norm, n, options);
}

void ck_nadam(
    CKType type, void *x, const void *grad, void *mean, void *square, long n, CKAdam options,
    double of_grad, double of_mean) {
  CK_DISPATCH_FLOAT(type, nadam, x, grad, mean, square, n, options, of_grad, of_mean);
}

void ck_radam(
    CKType type, void *x, const void *grad, void *mean, void *square, long n, CKAdam options,
    double rectification) {
  CK_DISPATCH_FLOAT(type, radam, x, grad, mean, square, n, options, rectification);
}

void ck_rmsprop(
    CKType type, void *x, const void *grad, void *square, void *momentum, void *mean, long n,
    CKRMSprop options) {
  CK_DISPATCH_FLOAT(type, rmsprop, x, grad, square, momentum, mean, n, options);
}

void ck_adagrad(
    CKType type, void *x, const void *grad, void *sum, long n, CKAdagrad options) {
  CK_DISPATCH_FLOAT(type, adagrad, x, grad, sum, n, options);
}

void ck_adadelta(
    CKType type, void *x, const void *grad, void *square, void *change, long n,
    CKAdadelta options) {
  CK_DISPATCH_FLOAT(type, adadelta, x, grad, square, change, n, options);
}
