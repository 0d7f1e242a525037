// Included once for each element type, with T and CK_SUFFIX set.

// Moments are taken in two passes, mean first, and kept in double precision between runs: one
// pass over squares would lose the variance of data far from zero.

CK_CLONES static double CK(run_sum)(const T *x, long n) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (long start = 0; start < n; start += 512) {
    const long end = start + 512 < n ? start + 512 : n;
    T part = 0;
    for (long i = start; i < end; i++) part += x[i];
    total += part;
  }
  if (fabs(total) < 0x1p60) return total;
  // The squares of what rounding leaves of numbers as large would not be small beside any eps.
  total = 0;
  for (long i = 0; i < n; i++) total += x[i];
  return total;
}

CK_CLONES static double CK(run_squares)(const T *x, long n, T mean) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (long start = 0; start < n; start += 512) {
    const long end = start + 512 < n ? start + 512 : n;
    T part = 0;
    for (long i = start; i < end; i++) part += (x[i] - mean) * (x[i] - mean);
    total += part;
  }
  if (!isinf(total)) return total;
  // Squares, or their sum, left the range of T.
  total = 0;
  for (long i = 0; i < n; i++) {
    const double apart = (double)x[i] - (double)mean;
    total += apart * apart;
  }
  return total;
}

CK_CLONES static double CK(run_products)(const T *grad, const T *x, long n, T mean) {
#pragma clang fp reassociate(on)
  double total = 0;
  for (long start = 0; start < n; start += 512) {
    const long end = start + 512 < n ? start + 512 : n;
    T part = 0;
    for (long i = start; i < end; i++) part += grad[i] * (x[i] - mean);
    total += part;
  }
  return total;
}

CK_CLONES static void CK(run_affine)(const T *x, T *out, long n, T mean, T scale, T shift) {
  for (long i = 0; i < n; i++) out[i] = (x[i] - mean) * scale + shift;
}

CK_CLONES static void CK(run_grad)(
    const T *grad, const T *x, T *out, long n, T mean, T a, T b, T constant) {
  for (long i = 0; i < n; i++) out[i] = a * grad[i] + b * (x[i] - mean) + constant;
}

static void CK(channel_moments)(
    const T *x, long batch, long channels, long area, long c, double *mean, double *variance) {
  const double count = (double)batch * (double)area;
  double sum = 0, squares = 0;
  for (long n = 0; n < batch; n++) sum += CK(run_sum)(x + (n * channels + c) * area, area);
  *mean = sum / count;
  for (long n = 0; n < batch; n++) {
    squares += CK(run_squares)(x + (n * channels + c) * area, area, (T)*mean);
  }
  // The mean was rounded to T for the second pass; what that added is taken off again.
  const double rounding = *mean - (double)(T)*mean;
  *variance = squares / count - rounding * rounding;
}

static void CK(channel_affine)(
    const T *x, T *out, long batch, long channels, long area, long c, double mean, double scale,
    double shift) {
  for (long n = 0; n < batch; n++) {
    const long at = (n * channels + c) * area;
    CK(run_affine)(x + at, out + at, area, (T)mean, (T)scale, (T)shift);
  }
}

static void CK(channel_grad_sums)(
    const T *grad, const T *x, long batch, long channels, long area, long c, double mean,
    double *grad_sum, double *product_sum) {
  double sum = 0, products = 0;
  for (long n = 0; n < batch; n++) {
    const long at = (n * channels + c) * area;
    sum += CK(run_sum)(grad + at, area);
    products += CK(run_products)(grad + at, x + at, area, (T)mean);
  }
  *grad_sum = sum;
  *product_sum = products;
}

static void CK(channel_grad)(
    const T *grad, const T *x, T *out, long batch, long channels, long area, long c, double mean,
    double a, double b, double constant) {
  for (long n = 0; n < batch; n++) {
    const long at = (n * channels + c) * area;
    CK(run_grad)(grad + at, x + at, out + at, area, (T)mean, (T)a, (T)b, (T)constant);
  }
}

CK_CLONES static void CK(row_scale)(
    const T *x, const T *weight, const T *bias, T *out, long n, T mean, T rstd) {
  if (weight && bias) {
    for (long i = 0; i < n; i++) out[i] = (x[i] - mean) * rstd * weight[i] + bias[i];
  } else if (weight) {
    for (long i = 0; i < n; i++) out[i] = (x[i] - mean) * rstd * weight[i];
  } else {
    for (long i = 0; i < n; i++) out[i] = (x[i] - mean) * rstd;
  }
}

static void CK(layer_norm)(
    const T *x, const T *weight, const T *bias, T *out, T *mean, T *rstd, long rows, long n,
    double eps) {
  for (long r = 0; r < rows; r++) {
    const double m = CK(run_sum)(x + r * n, n) / (double)n;
    const double v = CK(run_squares)(x + r * n, n, (T)m) / (double)n;
    mean[r] = (T)m;
    rstd[r] = (T)(1 / sqrt(v + eps));
    CK(row_scale)(x + r * n, weight, bias, out + r * n, n, mean[r], rstd[r]);
  }
}

CK_CLONES static void CK(layer_norm_grad_row)(
    const T *grad, const T *x, const T *weight, T *out, T *weight_grad, T *bias_grad, long n,
    T mean, T rstd) {
#pragma clang fp reassociate(on)
  T sum = 0, products = 0;
  if (weight) {
    for (long i = 0; i < n; i++) {
      const T g = grad[i] * weight[i];
      sum += g;
      products += g * (x[i] - mean);
    }
  } else {
    for (long i = 0; i < n; i++) {
      sum += grad[i];
      products += grad[i] * (x[i] - mean);
    }
  }
  const T b = -products * rstd * rstd * rstd / (T)n, constant = -sum * rstd / (T)n;
  if (out) {
    for (long i = 0; i < n; i++) {
      const T g = weight ? grad[i] * weight[i] : grad[i];
      out[i] = g * rstd + (x[i] - mean) * b + constant;
    }
  }
  if (weight_grad) {
    for (long i = 0; i < n; i++) weight_grad[i] += grad[i] * (x[i] - mean) * rstd;
  }
  if (bias_grad) {
    for (long i = 0; i < n; i++) bias_grad[i] += grad[i];
  }
}

static void CK(layer_norm_grad)(
    const T *grad, const T *x, const T *weight, const T *mean, const T *rstd, T *out,
    T *weight_grad, T *bias_grad, long rows, long n) {
  for (long r = 0; r < rows; r++) {
    CK(layer_norm_grad_row)(
        grad + r * n, x + r * n, weight, out ? out + r * n : 0, weight_grad, bias_grad, n, mean[r],
        rstd[r]);
  }
}
