// Included once for each element type, with T, A (the type of sums), CK_IS_NAN and
// CK_SUFFIX set.

/// Adds `n` elements. Runs are short so that their error stays small, and vector code adds within.
CK_CLONES static A CK(sum_run)(const T *x, long n, long stride) {
#pragma clang fp reassociate(on)
  A total = 0;
  if (stride == 1) {
    for (long start = 0; start < n; start += 512) {
      const long end = start + 512 < n ? start + 512 : n;
      W part = 0;
      for (long i = start; i < end; i++) part += (W)x[i];
      total += part;
    }
  } else {
    for (long i = 0; i < n; i++) total += (A)x[i * stride];
  }
  return total;
}

CK_CLONES static void CK(sum_columns)(const T *x, A *sums, long n) {
  for (long i = 0; i < n; i++) sums[i] += (A)x[i];
}

/// Adds eight rows, `stride` apart, whose own sum is a short run.
CK_CLONES static void CK(sum_eight_rows)(const T *x, long stride, A *sums, long n) {
  for (long i = 0; i < n; i++) {
    const T *column = x + i;
    const W first = ((W)column[0] + (W)column[stride])
                    + ((W)column[2 * stride] + (W)column[3 * stride]);
    column += 4 * stride;
    const W second = ((W)column[0] + (W)column[stride])
                    + ((W)column[2 * stride] + (W)column[3 * stride]);
    sums[i] += first + second;
  }
}

CK_CLONES static T CK(fold_run)(CKReduce f, const T *x, long n, long stride, T start) {
#pragma clang fp reassociate(on)
  if (f == CKReduceProduct) {
    W product = (W)start;
    for (long i = 0; i < n; i++) product *= (W)x[i * stride];
    return (T)product;
  }
  T result = start;
  if (f == CKReduceMaximum) {
    for (long i = 0; i < n; i++) {
      const T v = x[i * stride];
      result = v > result || CK_IS_NAN(v) ? v : result;
    }
  } else {
    for (long i = 0; i < n; i++) {
      const T v = x[i * stride];
      result = v < result || CK_IS_NAN(v) ? v : result;
    }
  }
  return result;
}

static void CK(reduce)(
    CKReduce f, const walk *kept, const walk *reduced, const T *x, T *out) {
  const long runs = reduced->rank - 1;
  const long n = reduced->lengths[runs], stride = reduced->strides[runs];
  const walk outer_reduced = {runs, reduced->lengths, reduced->strides};
  const long last = kept->rank - 1;
  if (f == CKReduceSum && kept->rank > 0 && kept->strides[last] == 1 && stride != 1) {
    // The kept dimension is the dense one: whole rows are added up, a tile of columns at a time.
    const long width = kept->lengths[last];
    const walk outer_kept = {last, kept->lengths, kept->strides};
    A sums[256];
    place k = {0};
    do {
      for (long start = 0; start < width; start += 256) {
        const long tile = width - start < 256 ? width - start : 256;
        for (long i = 0; i < tile; i++) sums[i] = 0;
        place r = {0};
        do {
          const T *row = x + k.position + r.position + start;
          long left = n;
          for (; left >= 8; left -= 8, row += 8 * stride) {
            CK(sum_eight_rows)(row, stride, sums, tile);
          }
          for (; left > 0; left--, row += stride) CK(sum_columns)(row, sums, tile);
        } while (advance(&outer_reduced, &r));
        for (long i = 0; i < tile; i++) out[start + i] = (T)sums[i];
      }
      out += width;
    } while (advance(&outer_kept, &k));
    return;
  }
  place k = {0};
  do {
    const T *base = x + k.position;
    place r = {0};
    if (f == CKReduceSum) {
      A total = 0;
      do total += CK(sum_run)(base + r.position, n, stride);
      while (advance(&outer_reduced, &r));
      *out++ = (T)total;
    } else {
      T result = f == CKReduceProduct ? 1 : *base;
      do result = CK(fold_run)(f, base + r.position, n, stride, result);
      while (advance(&outer_reduced, &r));
      *out++ = result;
    }
  } while (advance(kept, &k));
}

CK_CLONES static int64_t CK(arg_extreme)(bool least, const T *x, long n, long stride) {
  int64_t best = 0;
  T value = x[0];
  for (long i = 1; i < n; i++) {
    const T v = x[i * stride];
    const bool better = least ? v < value : v > value;
    if (!CK_IS_NAN(value) && (better || CK_IS_NAN(v))) {
      best = i;
      value = v;
    }
  }
  return best;
}

CK_CLONES static void CK(scan)(bool product, const T *x, T *out, long outer, long n, long inner) {
  for (long o = 0; o < outer; o++, x += n * inner, out += n * inner) {
    for (long j = 0; j < inner; j++) {
      A total = product ? 1 : 0;
      for (long i = 0; i < n; i++) {
        const A v = (A)x[i * inner + j];
        total = product ? total * v : total + v;
        out[i * inner + j] = (T)total;
      }
    }
  }
}
