#include "support.h"

#define CK_TEMPLATE "convolve.inc.h"
#include "for_floats.h"

void ck_spread_planes(
    CKType type, const void *x, void *out, long channels, CKWindow w, CKSpreadPlane s) {
  CK_DISPATCH_FLOAT(type, spread_planes, x, out, channels, w, s);
}

void ck_pack_windows(
    CKType type, const void *x, void *packed, long first_row, long row_count, long first_position,
    long position_count, CKWindow w, CKSpreadPlane s, const long *places) {
  CK_DISPATCH_FLOAT(
      type, pack_windows, x, packed, first_row, row_count, first_position, position_count, w, s,
      places);
}

void ck_convolve_plane(
    CKType type, const void *x, const void *weight, double bias, void *out, CKWindow w,
    CKSpreadPlane s, const long *places) {
  if (type == CKTypeFloat32) convolve_plane_f32(x, weight, (float)bias, out, w, s, places);
  else convolve_plane_f64(x, weight, bias, out, w, s, places);
}
