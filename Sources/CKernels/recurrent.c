#include "support.h"
#include "vector_math.h"

#define CK_TEMPLATE "recurrent.inc.h"
#include "for_floats.h"

void ck_recurrent_step(
    CKType type, CKRecurrence f, const void *x, const void *h, const void *last,
    const void *last_cells, void *next, void *cells, void *kept, long batch, long hidden) {
  CK_DISPATCH_FLOAT(
      type, recurrent_step, f, x, h, last, last_cells, next, cells, kept, batch, hidden);
}

void ck_recurrent_step_grad(
    CKType type, CKRecurrence f, const void *grad, const void *cell_grad, const void *last,
    const void *next, const void *last_cells, const void *cells, const void *kept, void *carry,
    void *cell_carry, void *x_grad, void *h_grad, long batch, long hidden) {
  CK_DISPATCH_FLOAT(
      type, recurrent_step_grad, f, grad, cell_grad, last, next, last_cells, cells, kept, carry,
      cell_carry, x_grad, h_grad, batch, hidden);
}
