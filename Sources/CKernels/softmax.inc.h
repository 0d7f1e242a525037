// Included once for each element type, with T and CK_SUFFIX set.

CK_CLONES static void CK(softmax_row)(bool logarithm, const T *x, T *out, long n) {
#pragma clang fp reassociate(on)
  T greatest = x[0];
  for (long i = 1; i < n; i++) greatest = x[i] > greatest ? x[i] : greatest;
  T sum = 0;
  if (logarithm) {
    for (long i = 0; i < n; i++) sum += CK(ck_exp)(x[i] - greatest);
    const T shift = greatest + CK(ck_log)(sum);
    for (long i = 0; i < n; i++) out[i] = x[i] - shift;
  } else {
    for (long i = 0; i < n; i++) {
      const T e = CK(ck_exp)(x[i] - greatest);
      out[i] = e;
      sum += e;
    }
    const T scale = 1 / sum;
    for (long i = 0; i < n; i++) out[i] *= scale;
  }
}

CK_CLONES static void CK(softmax_grad_row)(
    bool logarithm, const T *grad, const T *y, T *out, long n) {
#pragma clang fp reassociate(on)
  T sum = 0;
  if (logarithm) {
    for (long i = 0; i < n; i++) sum += grad[i];
    for (long i = 0; i < n; i++) out[i] = grad[i] - CK(ck_exp)(y[i]) * sum;
  } else {
    for (long i = 0; i < n; i++) sum += grad[i] * y[i];
    for (long i = 0; i < n; i++) out[i] = (grad[i] - sum) * y[i];
  }
}

/// The softmax of a row of scores in place, times `scale`, after a mask. Elements from `visible` on are
/// hidden; a row of which all are is zero.
CK_CLONES static void CK(masked_softmax_row)(
    T *x, long n, long visible, T scale, const uint8_t *allowed, const T *added, long stride) {
#pragma clang fp reassociate(on)
  if (allowed && stride == 1) {
    for (long i = 0; i < visible; i++) x[i] = allowed[i] ? x[i] * scale : -(T)INFINITY;
  } else if (allowed) {
    for (long i = 0; i < visible; i++) x[i] = allowed[i * stride] ? x[i] * scale : -(T)INFINITY;
  } else if (added) {
    for (long i = 0; i < visible; i++) x[i] = x[i] * scale + added[i * stride];
  } else {
    for (long i = 0; i < visible; i++) x[i] *= scale;
  }
  T greatest = -(T)INFINITY, sum = 0;
  long finite = 0;
  for (long i = 0; i < visible; i++) {
    greatest = x[i] > greatest ? x[i] : greatest;
    finite += x[i] != -(T)INFINITY;
  }
  if (finite == 0) visible = 0;
  for (long i = 0; i < visible; i++) {
    const T e = CK(ck_exp)(x[i] - greatest);
    x[i] = e;
    sum += e;
  }
  const T factor = 1 / sum;
  for (long i = 0; i < visible; i++) x[i] *= factor;
  for (long i = visible; i < n; i++) x[i] = 0;
}

static void CK(masked_softmax)(
    T *x, long rows, long n, double scale, long visible, const uint8_t *allowed, const T *added,
    long row_stride, long stride) {
  for (long r = 0; r < rows; r++, x += n) {
    const long end = visible < 0 || visible + r > n ? n : visible + r;
    CK(masked_softmax_row)(
        x, n, end, (T)scale, allowed ? allowed + r * row_stride : 0,
        added ? added + r * row_stride : 0, stride);
  }
}

/// The same down columns: a tile of them at a time, so that the loops over columns are dense.
CK_CLONES static void CK(softmax_columns)(bool logarithm, const T *x, T *out, long n, long inner) {
  enum { tile = 64 };
  for (long start = 0; start < inner; start += tile) {
    const long width = inner - start < tile ? inner - start : tile;
    T greatest[tile], sum[tile];
    for (long j = 0; j < width; j++) greatest[j] = x[start + j], sum[j] = 0;
    for (long i = 1; i < n; i++) {
      const T *row = x + i * inner + start;
      for (long j = 0; j < width; j++) greatest[j] = row[j] > greatest[j] ? row[j] : greatest[j];
    }
    for (long i = 0; i < n; i++) {
      const T *row = x + i * inner + start;
      T *to = out + i * inner + start;
      for (long j = 0; j < width; j++) {
        const T e = CK(ck_exp)(row[j] - greatest[j]);
        sum[j] += e;
        to[j] = e;
      }
    }
    if (logarithm) {
      for (long j = 0; j < width; j++) greatest[j] += CK(ck_log)(sum[j]);
    }
    for (long i = 0; i < n; i++) {
      const T *row = x + i * inner + start;
      T *to = out + i * inner + start;
      if (logarithm) {
        for (long j = 0; j < width; j++) to[j] = row[j] - greatest[j];
      } else {
        for (long j = 0; j < width; j++) to[j] /= sum[j];
      }
    }
  }
}

CK_CLONES static void CK(softmax_grad_columns)(
    bool logarithm, const T *grad, const T *y, T *out, long n, long inner) {
  enum { tile = 64 };
  for (long start = 0; start < inner; start += tile) {
    const long width = inner - start < tile ? inner - start : tile;
    T sum[tile];
    for (long j = 0; j < width; j++) sum[j] = 0;
    for (long i = 0; i < n; i++) {
      const long at = i * inner + start;
      for (long j = 0; j < width; j++) {
        sum[j] += logarithm ? grad[at + j] : grad[at + j] * y[at + j];
      }
    }
    for (long i = 0; i < n; i++) {
      const long at = i * inner + start;
      for (long j = 0; j < width; j++) {
        out[at + j] = logarithm ? grad[at + j] - CK(ck_exp)(y[at + j]) * sum[j]
                                : (grad[at + j] - sum[j]) * y[at + j];
      }
    }
  }
}

static void CK(softmax)(
    bool logarithm, const T *x, T *out, long outer, long n, long inner) {
  for (long o = 0; o < outer; o++, x += n * inner, out += n * inner) {
    if (inner == 1) CK(softmax_row)(logarithm, x, out, n);
    else CK(softmax_columns)(logarithm, x, out, n, inner);
  }
}

static void CK(softmax_grad)(
    bool logarithm, const T *grad, const T *y, T *out, long outer, long n, long inner) {
  const long block = n * inner;
  for (long o = 0; o < outer; o++, grad += block, y += block, out += block) {
    if (inner == 1) CK(softmax_grad_row)(logarithm, grad, y, out, n);
    else CK(softmax_grad_columns)(logarithm, grad, y, out, n, inner);
  }
}
