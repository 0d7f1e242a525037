#include "support.h"

#define CK_TEMPLATE "packed.inc.h"
#include "for_floats.h"

void ck_pack(
    CKType type, const void *x, long row_stride, long column_stride, long inner, long columns,
    void *packed) {
  CK_DISPATCH_FLOAT(type, pack, x, row_stride, column_stride, inner, columns, packed);
}

void ck_packed_product(
    CKType type, const void *x, long x_stride, const void *packed, const void *start,
    long start_stride, void *out, long out_stride, long rows, long inner, long first_panel,
    long panel_count, long columns, bool has_32_registers) {
  CK_DISPATCH_FLOAT(
      type, packed_product, x, x_stride, packed, start, start_stride, out, out_stride, rows, inner,
      first_panel, panel_count, columns, has_32_registers);
}
