#include "support.h"

#define CK_TEMPLATE "normalize.inc.h"
#include "for_floats.h"

void ck_channel_moments(
    CKType type, const void *x, long batch, long channels, long area, long c, double *mean,
    double *variance) {
  CK_DISPATCH_FLOAT(type, channel_moments, x, batch, channels, area, c, mean, variance);
}

void ck_channel_affine(
    CKType type, const void *x, void *out, long batch, long channels, long area, long c,
    double mean, double scale, double shift) {
  CK_DISPATCH_FLOAT(type, channel_affine, x, out, batch, channels, area, c, mean, scale, shift);
}

void ck_channel_grad_sums(
    CKType type, const void *grad, const void *x, long batch, long channels, long area, long c,
    double mean, double *grad_sum, double *product_sum) {
  CK_DISPATCH_FLOAT(
      type, channel_grad_sums, grad, x, batch, channels, area, c, mean, grad_sum, product_sum);
}

void ck_channel_grad(
    CKType type, const void *grad, const void *x, void *out, long batch, long channels, long area,
    long c, double mean, double a, double b, double constant) {
  CK_DISPATCH_FLOAT(
      type, channel_grad, grad, x, out, batch, channels, area, c, mean, a, b, constant);
}

void ck_layer_norm(
    CKType type, const void *x, const void *weight, const void *bias, void *out, void *mean,
    void *rstd, long rows, long n, double eps) {
  CK_DISPATCH_FLOAT(type, layer_norm, x, weight, bias, out, mean, rstd, rows, n, eps);
}

void ck_layer_norm_grad(
    CKType type, const void *grad, const void *x, const void *weight, const void *mean,
    const void *rstd, void *out, void *weight_grad, void *bias_grad, long rows, long n) {
  CK_DISPATCH_FLOAT(
      type, layer_norm_grad, grad, x, weight, mean, rstd, out, weight_grad, bias_grad, rows, n);
}
