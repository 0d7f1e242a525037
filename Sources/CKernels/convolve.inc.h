// Included once for each element type, with T and CK_SUFFIX set.

// 64 bytes of elements, as wide as the panels of a packed product.
typedef T CK(panel_row) __attribute__((vector_size(64), aligned(1)));
// Integers of as many bits as the elements, to choose among lanes.
typedef __typeof__(_Generic((T)0, float: (int32_t)0, default: (int64_t)0)) CK(lane_bits);
typedef CK(lane_bits) CK(panel_mask) __attribute__((vector_size(64), aligned(1)));
#define LANES ((long)(64 / sizeof(T)))

CK_CLONES static void CK(spread_planes)(
    const T *x, T *out, long channels, CKWindow w, CKSpreadPlane s) {
  const long row_length = w.stride_width * s.phase_width;
  for (long c = 0; c < channels; c++, x += w.height * w.width, out += s.rows * row_length) {
    for (long y = 0; y < s.rows; y++) {
      T *row = out + y * row_length;
      memset(row, 0, sizeof(T) * (unsigned long)row_length);
      const long in_y = y - w.pad_height;
      if (in_y < 0 || in_y >= w.height) continue;
      const T *in = x + in_y * w.width;
      for (long phase = 0; phase < w.stride_width; phase++, row += s.phase_width) {
        // The columns of this phase that the plane has: 0 ≤ i · stride + phase − padding < width.
        const long before = w.pad_width - phase;
        long first = before > 0 ? (before + w.stride_width - 1) / w.stride_width : 0;
        long end = w.width + before > 0 ? (w.width + before - 1) / w.stride_width + 1 : 0;
        if (end > s.phase_width) end = s.phase_width;
        if (first > end) first = end;
        if (w.stride_width == 1) {
          memcpy(row + first, in + (first - before), sizeof(T) * (unsigned long)(end - first));
        } else {
          for (long i = first; i < end; i++) row[i] = in[i * w.stride_width - before];
        }
      }
    }
  }
}

/// One whole panel. Its windows lie in `part_count` rows of the plane: those of lanes from part i on have
/// their first elements at `parts[i]` plus the lane, and `masks[i]` is set in these lanes.
CK_INLINE void CK(pack_panel)(
    const T *x, T *packed, long first_row, long row_count, long plane_size, const long *places,
    long area, const long *parts, const CK(panel_mask) *masks, const long part_count) {
  const T *plane = x + first_row / area * plane_size;
  for (long k = 0, i = first_row % area; k < row_count; k++, packed += LANES) {
    const T *from = plane + places[i];
    CK(panel_mask) row = *(const CK(panel_mask) *)(from + parts[0]);
    for (long part = 1; part < part_count; part++) {
      const CK(panel_mask) more = *(const CK(panel_mask) *)(from + parts[part]);
      row = (row & ~masks[part]) | (more & masks[part]);
    }
    *(CK(panel_mask) *)packed = row;
    if (++i == area) {
      i = 0;
      plane += plane_size;
    }
  }
}

CK_CLONES static void CK(pack_windows)(
    const T *x, T *packed, long first_row, long row_count, long first_position,
    long position_count, CKWindow w, CKSpreadPlane s, const long *places) {
  const long row_length = w.stride_width * s.phase_width;
  const long plane_size = s.rows * row_length;
  const long area = w.kernel_height * w.kernel_width;
  long oy = first_position / w.out_width, ox = first_position % w.out_width;
  for (long p = 0; p < position_count; p += LANES, packed += row_count * LANES) {
    const long count = position_count - p < LANES ? position_count - p : LANES;
    long parts[LANES], firsts[LANES], part_count = 0;
    CK(panel_mask) masks[LANES];
    for (long lane = 0; lane < count; lane++) {
      firsts[lane] = oy * w.stride_height * row_length + ox;
      if (lane == 0 || ox == 0) {
        parts[part_count] = firsts[lane] - lane;
        for (long i = 0; i < LANES; i++) masks[part_count][i] = i < lane ? 0 : -1;
        part_count++;
      }
      if (++ox == w.out_width) {
        ox = 0;
        oy++;
      }
    }
    if (count < LANES) {
      // Whole vectors would read beyond the planes.
      const T *plane = x + first_row / area * plane_size;
      for (long k = 0, i = first_row % area; k < row_count; k++) {
        const T *from = plane + places[i];
        for (long lane = 0; lane < count; lane++) packed[k * LANES + lane] = from[firsts[lane]];
        for (long lane = count; lane < LANES; lane++) packed[k * LANES + lane] = 0;
        if (++i == area) {
          i = 0;
          plane += plane_size;
        }
      }
    } else if (part_count == 1) {
      CK(pack_panel)(x, packed, first_row, row_count, plane_size, places, area, parts, masks, 1);
    } else if (part_count == 2) {
      CK(pack_panel)(x, packed, first_row, row_count, plane_size, places, area, parts, masks, 2);
    } else {
      CK(pack_panel)(
          x, packed, first_row, row_count, plane_size, places, area, parts, masks, part_count);
    }
  }
}

CK_CLONES static void CK(convolve_plane)(
    const T *x, const T *weight, T bias, T *out, CKWindow w, CKSpreadPlane s, const long *places) {
  const long row_length = w.stride_width * s.phase_width;
  const long area = w.kernel_height * w.kernel_width;
  for (long oy = 0; oy < w.out_height; oy++, out += w.out_width) {
    const T *row = x + oy * w.stride_height * row_length;
    for (long ox = 0; ox < w.out_width; ox += LANES) {
      CK(panel_row) sum = bias - (CK(panel_row)){0};
      for (long i = 0; i < area; i++) {
        sum += weight[i] * *(const CK(panel_row) *)(row + places[i] + ox);
      }
      const long count = w.out_width - ox < LANES ? w.out_width - ox : LANES;
      if (count == LANES) *(CK(panel_row) *)(out + ox) = sum;
      else for (long i = 0; i < count; i++) out[ox + i] = sum[i];
    }
  }
}

#undef LANES
