// Included once for each element type, with T and CK_SUFFIX set.

// 64 bytes of elements: a register of AVX-512, two of AVX2, four of the oldest machines.
typedef T CK(vector) __attribute__((vector_size(64), aligned(1)));
#define LANES ((long)(64 / sizeof(T)))

static void CK(pack)(
    const T *x, long row_stride, long column_stride, long inner, long columns, T *packed) {
  for (long start = 0; start < columns; start += LANES) {
    const long count = columns - start < LANES ? columns - start : LANES;
    for (long k = 0; k < inner; k++, packed += LANES) {
      const T *row = x + k * row_stride + start * column_stride;
      for (long c = 0; c < count; c++) packed[c] = row[c * column_stride];
      for (long c = count; c < LANES; c++) packed[c] = 0;
    }
  }
}

// `rows` by `panels` vectors of the product, which stay in registers. Both are constants where this
// is called, so that the loops over them are unrolled.
CK_INLINE void CK(packed_tile)(
    const T *x, long x_stride, const T *packed, long panel_stride, const T *start,
    long start_stride, T *out, long out_stride, long inner, long count, const int rows,
    const int panels) {
  CK(vector) sums[12];
  for (int r = 0; r < rows; r++) {
    for (int p = 0; p < panels; p++) {
      CK(vector) sum = {0};
      if (start) {
        memcpy(&sum, start + r * start_stride + p * LANES, (unsigned long)count * sizeof(T));
      }
      sums[r * panels + p] = sum;
    }
  }
  for (long k = 0; k < inner; k++) {
    for (int p = 0; p < panels; p++) {
      const CK(vector) column = *(const CK(vector) *)(packed + p * panel_stride + k * LANES);
      for (int r = 0; r < rows; r++) sums[r * panels + p] += x[r * x_stride + k] * column;
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int p = 0; p < panels; p++) {
      memcpy(out + r * out_stride + p * LANES, &sums[r * panels + p],
             (unsigned long)count * sizeof(T));
    }
  }
}

// Whole vectors are copied in a register; the last of a row may be shorter.
#define CK_TILE(rows, panels) \
  do { \
    if (count == LANES) { \
      CK(packed_tile)(x + r * x_stride, x_stride, panel, panel_stride, first, start_stride, \
          out + r * out_stride + column, out_stride, inner, LANES, rows, panels); \
    } else { \
      CK(packed_tile)(x + r * x_stride, x_stride, panel, panel_stride, first, start_stride, \
          out + r * out_stride + column, out_stride, inner, count, rows, panels); \
    } \
  } while (0)

CK_CLONES static void CK(packed_product)(
    const T *x, long x_stride, const T *packed, const T *start, long start_stride, T *out,
    long out_stride, long rows, long inner, long first_panel, long panel_count, long columns,
    bool has_32_registers) {
  const long panel_stride = inner * LANES;
  for (long p = first_panel; p < first_panel + panel_count;) {
    const long column = p * LANES;
    const T *panel = packed + p * panel_stride;
    const long count = columns - column < LANES ? columns - column : LANES;
    // One row alone would wait for each of its sums: several are added to at once.
    const bool is_wide = rows == 1 && p + 4 <= first_panel + panel_count
        && column + 4 * LANES <= columns;
    for (long r = 0; r < rows;) {
      const T *first = start ? start + r * start_stride + column : 0;
      if (is_wide) {
        CK_TILE(1, 4);
        r += 1;
      } else if (has_32_registers && rows - r >= 12) {
        CK_TILE(12, 1);
        r += 12;
      } else if (rows - r >= 6) {
        CK_TILE(6, 1);
        r += 6;
      } else if (rows - r >= 4) {
        CK_TILE(4, 1);
        r += 4;
      } else if (rows - r >= 2) {
        CK_TILE(2, 1);
        r += 2;
      } else {
        CK_TILE(1, 1);
        r += 1;
      }
    }
    p += is_wide ? 4 : 1;
  }
}

#undef CK_TILE
#undef LANES
