// Included once for each element type, with T and CK_SUFFIX set.

/// The first window column whose input lies in the plane, and one past the last.
CK_INLINE void CK(valid_columns)(CKWindow w, long offset, long *first, long *end) {
  long begin = offset < 0 ? (-offset + w.stride_width - 1) / w.stride_width : 0;
  long stop = offset < w.width ? (w.width - 1 - offset) / w.stride_width + 1 : 0;
  if (begin > w.out_width) begin = w.out_width;
  if (stop > w.out_width) stop = w.out_width;
  *first = begin;
  *end = stop < begin ? begin : stop;
}

CK_CLONES static void CK(im2col)(const T *x, T *columns, long channels, CKWindow w) {
  for (long c = 0; c < channels; c++, x += w.height * w.width) {
    for (long ky = 0; ky < w.kernel_height; ky++) {
      for (long kx = 0; kx < w.kernel_width; kx++) {
        const long offset = kx * w.dilation_width - w.pad_width;
        long first, end;
        CK(valid_columns)(w, offset, &first, &end);
        for (long oy = 0; oy < w.out_height; oy++, columns += w.out_width) {
          const long y = oy * w.stride_height - w.pad_height + ky * w.dilation_height;
          if (y < 0 || y >= w.height) {
            memset(columns, 0, sizeof(T) * (unsigned long)w.out_width);
            continue;
          }
          const T *row = x + y * w.width;
          for (long ox = 0; ox < first; ox++) columns[ox] = 0;
          if (w.stride_width == 1) {
            memcpy(
                columns + first, row + offset + first, sizeof(T) * (unsigned long)(end - first));
          } else {
            for (long ox = first; ox < end; ox++) columns[ox] = row[ox * w.stride_width + offset];
          }
          for (long ox = end; ox < w.out_width; ox++) columns[ox] = 0;
        }
      }
    }
  }
}

CK_CLONES static void CK(col2im)(const T *columns, T *x, long channels, CKWindow w) {
  for (long c = 0; c < channels; c++, x += w.height * w.width) {
    for (long ky = 0; ky < w.kernel_height; ky++) {
      for (long kx = 0; kx < w.kernel_width; kx++) {
        const long offset = kx * w.dilation_width - w.pad_width;
        long first, end;
        CK(valid_columns)(w, offset, &first, &end);
        for (long oy = 0; oy < w.out_height; oy++, columns += w.out_width) {
          const long y = oy * w.stride_height - w.pad_height + ky * w.dilation_height;
          if (y < 0 || y >= w.height) continue;
          T *row = x + y * w.width + offset;
          if (w.stride_width == 1) {
            for (long ox = first; ox < end; ox++) row[ox] += columns[ox];
          } else {
            for (long ox = first; ox < end; ox++) row[ox * w.stride_width] += columns[ox];
          }
        }
      }
    }
  }
}

/// One row of windows that all lie within the plane: one element of every window after the other,
/// without branches, which random data would send either way.
CK_INLINE void CK(max_pool_row)(
    const T *restrict x, T *restrict out, int64_t *restrict indices, long oy, long stride,
    CKWindow w) {
  for (long i = 0; i < w.kernel_height * w.kernel_width; i++) {
    const long y = oy * w.stride_height + i / w.kernel_width * w.dilation_height;
    const long first = y * w.width + i % w.kernel_width * w.dilation_width;
    for (long ox = 0; ox < w.out_width; ox++) {
      const T v = x[first + ox * stride];
      const bool is_greater = i == 0 || v > out[ox] || v != v;
      out[ox] = is_greater ? v : out[ox];
      indices[ox] = is_greater ? first + ox * stride : indices[ox];
    }
  }
}

CK_INLINE void CK(max_pool_window)(
    const T *x, T *out, int64_t *index, long oy, long ox, CKWindow w) {
  long y0 = oy * w.stride_height - w.pad_height, x0 = ox * w.stride_width - w.pad_width;
  const long y1 = y0 + (w.kernel_height - 1) * w.dilation_height + 1;
  const long x1 = x0 + (w.kernel_width - 1) * w.dilation_width + 1;
  while (y0 < 0) y0 += w.dilation_height;
  while (x0 < 0) x0 += w.dilation_width;
  long best = y0 * w.width + x0;
  T greatest = -(T)INFINITY;
  for (long y = y0; y < y1 && y < w.height; y += w.dilation_height) {
    for (long column = x0; column < x1 && column < w.width; column += w.dilation_width) {
      const T v = x[y * w.width + column];
      if (v > greatest || v != v) {
        greatest = v;
        best = y * w.width + column;
      }
    }
  }
  *out = greatest;
  *index = best;
}

CK_CLONES static void CK(max_pool)(
    const T *x, T *out, int64_t *indices, long planes, CKWindow w) {
  const long last_y = (w.out_height - 1) * w.stride_height + (w.kernel_height - 1) * w.dilation_height;
  const long last_x = (w.out_width - 1) * w.stride_width + (w.kernel_width - 1) * w.dilation_width;
  const bool is_within = w.pad_height == 0 && w.pad_width == 0 && last_y < w.height && last_x < w.width;
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++, out += w.out_width, indices += w.out_width) {
      if (is_within) {
        // The usual stride as a constant, so that the loop becomes vector code.
        if (w.stride_width == 2) CK(max_pool_row)(x, out, indices, oy, 2, w);
        else CK(max_pool_row)(x, out, indices, oy, w.stride_width, w);
        continue;
      }
      for (long ox = 0; ox < w.out_width; ox++) {
        CK(max_pool_window)(x, out + ox, indices + ox, oy, ox, w);
      }
    }
  }
}

CK_CLONES static void CK(scatter_planes)(
    const T *grad, const int64_t *indices, T *x, long planes, long in_area, long out_area) {
  for (long p = 0; p < planes; p++, x += in_area, grad += out_area, indices += out_area) {
    for (long i = 0; i < out_area; i++) x[indices[i]] += grad[i];
  }
}

CK_CLONES static void CK(gather_planes)(
    const T *x, const int64_t *indices, T *out, long planes, long in_area, long out_area) {
  for (long p = 0; p < planes; p++, x += in_area, out += out_area, indices += out_area) {
    for (long i = 0; i < out_area; i++) out[i] = x[indices[i]];
  }
}

/// The part of the plane under one window position, and what a sum over it is divided by.
CK_INLINE void CK(avg_window)(
    CKWindow w, long oy, long ox, bool count_padding, long divisor, long *y0, long *y1, long *x0,
    long *x1, T *scale) {
  *y0 = oy * w.stride_height - w.pad_height;
  *x0 = ox * w.stride_width - w.pad_width;
  *y1 = *y0 + w.kernel_height;
  *x1 = *x0 + w.kernel_width;
  // A last window that ceil mode lets run over the padding counts only up to its end.
  if (*y1 > w.height + w.pad_height) *y1 = w.height + w.pad_height;
  if (*x1 > w.width + w.pad_width) *x1 = w.width + w.pad_width;
  const long padded = (*y1 - *y0) * (*x1 - *x0);
  if (*y0 < 0) *y0 = 0;
  if (*x0 < 0) *x0 = 0;
  if (*y1 > w.height) *y1 = w.height;
  if (*x1 > w.width) *x1 = w.width;
  const long inside = (*y1 - *y0) * (*x1 - *x0);
  *scale = 1 / (T)(divisor != 0 ? divisor : count_padding ? padded : inside);
}

CK_CLONES static void CK(avg_pool)(
    const T *x, T *out, long planes, CKWindow w, bool count_padding, long divisor) {
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++) {
      for (long ox = 0; ox < w.out_width; ox++) {
        long y0, y1, x0, x1;
        T scale, sum = 0;
        CK(avg_window)(w, oy, ox, count_padding, divisor, &y0, &y1, &x0, &x1, &scale);
        for (long y = y0; y < y1; y++) {
          for (long column = x0; column < x1; column++) sum += x[y * w.width + column];
        }
        *out++ = y0 < y1 && x0 < x1 ? sum * scale : 0;
      }
    }
  }
}

CK_CLONES static void CK(avg_pool_grad)(
    const T *grad, T *x, long planes, CKWindow w, bool count_padding, long divisor) {
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++) {
      for (long ox = 0; ox < w.out_width; ox++) {
        long y0, y1, x0, x1;
        T scale;
        CK(avg_window)(w, oy, ox, count_padding, divisor, &y0, &y1, &x0, &x1, &scale);
        const T share = *grad++ * scale;
        for (long y = y0; y < y1; y++) {
          for (long column = x0; column < x1; column++) x[y * w.width + column] += share;
        }
      }
    }
  }
}

CK_CLONES static void CK(adaptive_avg_pool)(const T *x, T *out, long planes, CKWindow w) {
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++) {
      const long y0 = oy * w.height / w.out_height;
      const long y1 = ((oy + 1) * w.height + w.out_height - 1) / w.out_height;
      for (long ox = 0; ox < w.out_width; ox++) {
#pragma clang fp reassociate(on)
        const long x0 = ox * w.width / w.out_width;
        const long x1 = ((ox + 1) * w.width + w.out_width - 1) / w.out_width;
        T sum = 0;
        for (long y = y0; y < y1; y++) {
          for (long column = x0; column < x1; column++) sum += x[y * w.width + column];
        }
        *out++ = sum / (T)((y1 - y0) * (x1 - x0));
      }
    }
  }
}

CK_CLONES static void CK(adaptive_avg_pool_grad)(const T *grad, T *x, long planes, CKWindow w) {
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++) {
      const long y0 = oy * w.height / w.out_height;
      const long y1 = ((oy + 1) * w.height + w.out_height - 1) / w.out_height;
      for (long ox = 0; ox < w.out_width; ox++) {
        const long x0 = ox * w.width / w.out_width;
        const long x1 = ((ox + 1) * w.width + w.out_width - 1) / w.out_width;
        const T share = *grad++ / (T)((y1 - y0) * (x1 - x0));
        for (long y = y0; y < y1; y++) {
          for (long column = x0; column < x1; column++) x[y * w.width + column] += share;
        }
      }
    }
  }
}

CK_CLONES static void CK(adaptive_max_pool)(
    const T *x, T *out, int64_t *indices, long planes, CKWindow w) {
  for (long p = 0; p < planes; p++, x += w.height * w.width) {
    for (long oy = 0; oy < w.out_height; oy++) {
      const long y0 = oy * w.height / w.out_height;
      const long y1 = ((oy + 1) * w.height + w.out_height - 1) / w.out_height;
      for (long ox = 0; ox < w.out_width; ox++) {
        const long x0 = ox * w.width / w.out_width;
        const long x1 = ((ox + 1) * w.width + w.out_width - 1) / w.out_width;
        long best = y0 * w.width + x0;
        for (long y = y0; y < y1; y++) {
          for (long column = x0; column < x1; column++) {
            const T v = x[y * w.width + column];
            if (v > x[best] || v != v) best = y * w.width + column;
          }
        }
        *out++ = x[best];
        *indices++ = best;
      }
    }
  }
}
