#include "support.h"

#define CK_TEMPLATE "window.inc.h"
#include "for_floats.h"

void ck_im2col(CKType type, const void *x, void *columns, long channels, CKWindow w) {
  CK_DISPATCH_FLOAT(type, im2col, x, columns, channels, w);
}

void ck_col2im(CKType type, const void *columns, void *x, long channels, CKWindow w) {
  CK_DISPATCH_FLOAT(type, col2im, columns, x, channels, w);
}

void ck_max_pool(CKType type, const void *x, void *out, int64_t *indices, long planes, CKWindow w) {
  CK_DISPATCH_FLOAT(type, max_pool, x, out, indices, planes, w);
}

void ck_scatter_planes(
    CKType type, const void *grad, const int64_t *indices, void *x, long planes, long in_area,
    long out_area) {
  CK_DISPATCH_FLOAT(type, scatter_planes, grad, indices, x, planes, in_area, out_area);
}

void ck_gather_planes(
    CKType type, const void *x, const int64_t *indices, void *out, long planes, long in_area,
    long out_area) {
  CK_DISPATCH_FLOAT(type, gather_planes, x, indices, out, planes, in_area, out_area);
}

void ck_avg_pool(
    CKType type, const void *x, void *out, long planes, CKWindow w, bool count_padding,
    long divisor) {
  CK_DISPATCH_FLOAT(type, avg_pool, x, out, planes, w, count_padding, divisor);
}

void ck_avg_pool_grad(
    CKType type, const void *grad, void *x, long planes, CKWindow w, bool count_padding,
    long divisor) {
  CK_DISPATCH_FLOAT(type, avg_pool_grad, grad, x, planes, w, count_padding, divisor);
}

void ck_adaptive_avg_pool(CKType type, const void *x, void *out, long planes, CKWindow w) {
  CK_DISPATCH_FLOAT(type, adaptive_avg_pool, x, out, planes, w);
}

void ck_adaptive_avg_pool_grad(CKType type, const void *grad, void *x, long planes, CKWindow w) {
  CK_DISPATCH_FLOAT(type, adaptive_avg_pool_grad, grad, x, planes, w);
}

void ck_adaptive_max_pool(
    CKType type, const void *x, void *out, int64_t *indices, long planes, CKWindow w) {
  CK_DISPATCH_FLOAT(type, adaptive_max_pool, x, out, indices, planes, w);
}
