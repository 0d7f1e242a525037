#include "support.h"
#include "vector_math.h"

// Python's remainder has the sign of the divisor; C's has that of the dividend. Python's quotient is
// that of what is left without the remainder: 1 // 0.1 is 9, though 1 / 0.1 rounds to 10.
#define CK_SLOPES(T, S) \
  CK_INLINE T remainder_##S(T x, T y) { \
    T r = ck_fmod_##S(x, y); \
    return r != 0 && (r < 0) != (y < 0) ? r + y : r; \
  } \
  CK_INLINE T floor_divide_##S(T x, T y) { \
    if (y == 0) return x / y; \
    T r = ck_fmod_##S(x, y), q = (x - r) / y; \
    if (r != 0 && (r < 0) != (y < 0)) q -= 1; \
    if (q == 0) return __builtin_elementwise_copysign((T)0, x / y); \
    T f = __builtin_elementwise_floor(q); \
    return q - f > (T)0.5 ? f + 1 : f; \
  } \
  CK_INLINE T gelu_tanh_slope_##S(T x) { \
    const T scale = (T)0.79788456080286535588, cubic = (T)0.044715; \
    T t = ck_tanh_##S(scale * (x + cubic * x * x * x)); \
    return (T)0.5 * (1 + t) + (T)0.5 * x * (1 - t * t) * scale * (1 + 3 * cubic * x * x); \
  } \
  CK_INLINE T mish_slope_##S(T x) { \
    T s = ck_sigmoid_##S(x), t = ck_tanh_##S(ck_log1p_##S(ck_exp_##S(x))); \
    return t + x * s * (1 - t * t); \
  }
CK_SLOPES(float, f32)
CK_SLOPES(double, f64)

#define CK_FLOATING 1
#define CK_TEMPLATE "binary.inc.h"
#include "for_floats.h"
#undef CK_FLOATING

// The square-and-multiply method. A negative power of anything but 1 and -1 is a fraction, cut off to 0.
CK_INLINE int64_t whole_power(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
  uint64_t square = (uint64_t)x, result = 1;
  for (; y > 0; y >>= 1) {
    if (y & 1) result *= square;
    square *= square;
  }
  return (int64_t)result;
}

#define CK_FLOATING 0
#define T int64_t
#define CK_SUFFIX i64
#include "binary.inc.h"

enum { max_rank = 32, max_operands = 3 };

/// A walk over all rows: the positions, in elements, of up to three operands.
typedef struct {
  long outer, operands;
  const long *lengths;
  const long *strides[max_operands];
  long index[max_rank];
  long position[max_operands];
} rows;

static bool next_row(rows *r) {
  for (long axis = r->outer - 1; axis >= 0; axis--) {
    r->index[axis]++;
    for (long k = 0; k < r->operands; k++) r->position[k] += r->strides[k][axis];
    if (r->index[axis] < r->lengths[axis]) return true;
    for (long k = 0; k < r->operands; k++) {
      r->position[k] -= r->lengths[axis] * r->strides[k][axis];
    }
    r->index[axis] = 0;
  }
  return false;
}

static long item_size(CKType type) { return type == CKTypeFloat32 ? 4 : 8; }

void ck_binary(
    CKType type, CKBinary f, long rank, const long *lengths, const void *x,
    const long *x_strides, const void *y, const long *y_strides, void *out, double a, double b) {
  const long last = rank - 1, n = lengths[last], size = item_size(type);
  rows r = {.outer = last, .operands = 2, .lengths = lengths, .strides = {x_strides, y_strides}};
  const char *xs = x, *ys = y;
  char *os = out;
  do {
    CK_DISPATCH(
        type, binary_row, f, n, (const void *)(xs + r.position[0] * size), x_strides[last],
        (const void *)(ys + r.position[1] * size), y_strides[last], (void *)os, a, b);
    os += n * size;
  } while (next_row(&r));
}

void ck_compare(
    CKType type, CKCompare f, long rank, const long *lengths, const void *x,
    const long *x_strides, const void *y, const long *y_strides, uint8_t *out) {
  const long last = rank - 1, n = lengths[last], size = item_size(type);
  rows r = {.outer = last, .operands = 2, .lengths = lengths, .strides = {x_strides, y_strides}};
  const char *xs = x, *ys = y;
  do {
    CK_DISPATCH(
        type, compare_row, f, n, (const void *)(xs + r.position[0] * size), x_strides[last],
        (const void *)(ys + r.position[1] * size), y_strides[last], out);
    out += n;
  } while (next_row(&r));
}

void ck_where(
    CKType type, long rank, const long *lengths, const uint8_t *condition,
    const long *condition_strides, const void *x, const long *x_strides, const void *y,
    const long *y_strides, void *out) {
  const long last = rank - 1, n = lengths[last], size = item_size(type);
  rows r = {
      .outer = last,
      .operands = 3,
      .lengths = lengths,
      .strides = {condition_strides, x_strides, y_strides}};
  const char *xs = x, *ys = y;
  char *os = out;
  do {
    CK_DISPATCH(
        type, where_row, n, condition + r.position[0], condition_strides[last],
        (const void *)(xs + r.position[1] * size), x_strides[last],
        (const void *)(ys + r.position[2] * size), y_strides[last], (void *)os);
    os += n * size;
  } while (next_row(&r));
}
