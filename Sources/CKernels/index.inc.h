// Included once for each element type, with T and CK_SUFFIX set. Indices have been checked.

CK_CLONES static void CK(index_add)(
    const T *grad, const int64_t *indices, T *x, long outer, long length, long count, long inner) {
  for (long o = 0; o < outer; o++, x += length * inner) {
    for (long i = 0; i < count; i++, grad += inner) {
      T *row = x + indices[i] * inner;
      for (long j = 0; j < inner; j++) row[j] = (T)((W)row[j] + (W)grad[j]);
    }
  }
}

CK_CLONES static void CK(gather)(
    const T *x, const int64_t *indices, T *out, long outer, long length, long count, long inner) {
  for (long o = 0; o < outer; o++, x += length * inner) {
    for (long i = 0; i < count; i++, indices += inner, out += inner) {
      for (long j = 0; j < inner; j++) out[j] = x[indices[j] * inner + j];
    }
  }
}

CK_CLONES static void CK(scatter)(
    const T *from, const int64_t *indices, T *x, long outer, long length, long count, long inner) {
  for (long o = 0; o < outer; o++, x += length * inner) {
    for (long i = 0; i < count; i++, indices += inner, from += inner) {
      for (long j = 0; j < inner; j++) x[indices[j] * inner + j] = from[j];
    }
  }
}

CK_CLONES static void CK(scatter_add)(
    const T *grad, const int64_t *indices, T *x, long outer, long length, long count, long inner) {
  for (long o = 0; o < outer; o++, x += length * inner) {
    for (long i = 0; i < count; i++, indices += inner, grad += inner) {
      for (long j = 0; j < inner; j++) {
        T *sum = x + indices[j] * inner + j;
        *sum = (T)((W)*sum + (W)grad[j]);
      }
    }
  }
}
