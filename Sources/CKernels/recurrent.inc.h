// Included once for each element type, with T and CK_SUFFIX set.

CK_CLONES static void CK(simple_step)(bool is_tanh, const T *x, const T *h, T *next, long n) {
  if (is_tanh) {
    for (long i = 0; i < n; i++) next[i] = CK(ck_tanh)(x[i] + h[i]);
  } else {
    for (long i = 0; i < n; i++) next[i] = x[i] + h[i] > 0 ? x[i] + h[i] : 0;
  }
}

CK_CLONES static void CK(lstm_row)(
    const T *x, const T *h, const T *last_cells, T *next, T *cells, T *kept, long n) {
  for (long i = 0; i < 2 * n; i++) kept[i] = CK(ck_sigmoid)(x[i] + h[i]);
  for (long i = 2 * n; i < 3 * n; i++) kept[i] = CK(ck_tanh)(x[i] + h[i]);
  for (long i = 3 * n; i < 4 * n; i++) kept[i] = CK(ck_sigmoid)(x[i] + h[i]);
  for (long i = 0; i < n; i++) {
    cells[i] = kept[n + i] * last_cells[i] + kept[i] * kept[2 * n + i];
    next[i] = kept[3 * n + i] * CK(ck_tanh)(cells[i]);
  }
}

CK_CLONES static void CK(gru_row)(
    const T *x, const T *h, const T *last, T *next, T *kept, long n) {
  for (long i = 0; i < 2 * n; i++) kept[i] = CK(ck_sigmoid)(x[i] + h[i]);
  for (long i = 0; i < n; i++) {
    // The state's part of the last gate is needed again for the gradient of the first.
    kept[3 * n + i] = h[2 * n + i];
    const T fresh = CK(ck_tanh)(x[2 * n + i] + kept[i] * h[2 * n + i]);
    kept[2 * n + i] = fresh;
    next[i] = fresh + kept[n + i] * (last[i] - fresh);
  }
}

static void CK(recurrent_step)(
    CKRecurrence f, const T *x, const T *h, const T *last, const T *last_cells, T *next, T *cells,
    T *kept, long batch, long n) {
  if (f == CKRecurrenceTanh || f == CKRecurrenceRelu) {
    CK(simple_step)(f == CKRecurrenceTanh, x, h, next, batch * n);
    return;
  }
  for (long b = 0; b < batch; b++, next += n, kept += 4 * n) {
    if (f == CKRecurrenceLSTM) {
      CK(lstm_row)(x + b * 4 * n, h + b * 4 * n, last_cells + b * n, next, cells + b * n, kept, n);
    } else {
      CK(gru_row)(x + b * 3 * n, h + b * 3 * n, last + b * n, next, kept, n);
    }
  }
}

CK_CLONES static void CK(simple_step_grad)(
    bool is_tanh, const T *grad, const T *next, T *carry, T *x_grad, long n) {
  for (long i = 0; i < n; i++) {
    const T slope = is_tanh ? 1 - next[i] * next[i] : next[i] > 0 ? 1 : 0;
    x_grad[i] = (grad[i] + carry[i]) * slope;
    carry[i] = 0;
  }
}

CK_CLONES static void CK(lstm_row_grad)(
    const T *grad, const T *cell_grad, const T *last_cells, const T *cells, const T *kept,
    T *carry, T *cell_carry, T *x_grad, long n) {
  const T *in = kept, *forget = kept + n, *fresh = kept + 2 * n, *out = kept + 3 * n;
  for (long i = 0; i < n; i++) {
    const T dh = grad[i] + carry[i];
    const T t = CK(ck_tanh)(cells[i]);
    const T dc = cell_grad[i] + cell_carry[i] + dh * out[i] * (1 - t * t);
    x_grad[i] = dc * fresh[i] * in[i] * (1 - in[i]);
    x_grad[n + i] = dc * last_cells[i] * forget[i] * (1 - forget[i]);
    x_grad[2 * n + i] = dc * in[i] * (1 - fresh[i] * fresh[i]);
    x_grad[3 * n + i] = dh * t * out[i] * (1 - out[i]);
    cell_carry[i] = dc * forget[i];
    carry[i] = 0;
  }
}

CK_CLONES static void CK(gru_row_grad)(
    const T *grad, const T *last, const T *kept, T *carry, T *x_grad, T *h_grad, long n) {
  const T *reset = kept, *update = kept + n, *fresh = kept + 2 * n, *state = kept + 3 * n;
  for (long i = 0; i < n; i++) {
    const T dh = grad[i] + carry[i];
    const T dn = dh * (1 - update[i]) * (1 - fresh[i] * fresh[i]);
    const T dr = dn * state[i] * reset[i] * (1 - reset[i]);
    const T dz = dh * (last[i] - fresh[i]) * update[i] * (1 - update[i]);
    x_grad[i] = h_grad[i] = dr;
    x_grad[n + i] = h_grad[n + i] = dz;
    x_grad[2 * n + i] = dn;
    h_grad[2 * n + i] = dn * reset[i];
    carry[i] = dh * update[i];
  }
}

static void CK(recurrent_step_grad)(
    CKRecurrence f, const T *grad, const T *cell_grad, const T *last, const T *next,
    const T *last_cells, const T *cells, const T *kept, T *carry, T *cell_carry, T *x_grad,
    T *h_grad, long batch, long n) {
  if (f == CKRecurrenceTanh || f == CKRecurrenceRelu) {
    CK(simple_step_grad)(f == CKRecurrenceTanh, grad, next, carry, x_grad, batch * n);
    return;
  }
  for (long b = 0; b < batch; b++, grad += n, kept += 4 * n, carry += n) {
    if (f == CKRecurrenceLSTM) {
      CK(lstm_row_grad)(
          grad, cell_grad + b * n, last_cells + b * n, cells + b * n, kept, carry,
          cell_carry + b * n, x_grad + b * 4 * n, n);
    } else {
      CK(gru_row_grad)(
          grad, last + b * n, kept, carry, x_grad + b * 3 * n, h_grad + b * 3 * n, n);
    }
  }
}
