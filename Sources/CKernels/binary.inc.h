// Included once for each element type, with T, CK_SUFFIX and CK_FLOATING set.

/// The loop over one row, apart for the strides that vector code is good for.
#define CK_ZIP(expression) \
  if (x_stride == 1 && y_stride == 1) { \
    for (long i = 0; i < n; i++) { \
      const T x = xs[i], y = ys[i]; \
      out[i] = (expression); \
    } \
  } else if (x_stride == 1 && y_stride == 0) { \
    const T y = ys[0]; \
    for (long i = 0; i < n; i++) { \
      const T x = xs[i]; \
      out[i] = (expression); \
    } \
  } else { \
    for (long i = 0; i < n; i++) { \
      const T x = xs[i * x_stride], y = ys[i * y_stride]; \
      out[i] = (expression); \
    } \
  } \
  break

CK_CLONES static void CK(binary_row)(
    CKBinary f, long n, const T *xs, long x_stride, const T *ys, long y_stride, T *out,
    double a_argument, double b_argument) {
#if CK_FLOATING
  const T a = (T)a_argument, b = (T)b_argument;
#else
  (void)a_argument, (void)b_argument;
#endif
  switch (f) {
  case CKBinaryAdd: CK_ZIP((T)((W)x + (W)y));
  case CKBinarySubtract: CK_ZIP((T)((W)x - (W)y));
  case CKBinaryMultiply: CK_ZIP((T)((W)x * (W)y));
  case CKBinaryMaximum: CK_ZIP(x > y || x != x ? x : y);
  case CKBinaryMinimum: CK_ZIP(x < y || x != x ? x : y);
#if CK_FLOATING
  case CKBinaryFloorDivide: CK_ZIP(CK(floor_divide)(x, y));
  case CKBinaryRemainder: CK_ZIP(CK(remainder)(x, y));
  case CKBinaryDivide: CK_ZIP(x / y);
  case CKBinaryPower: CK_ZIP(CK(ck_pow)(x, y));
  case CKBinaryAtan2: CK_ZIP(CK(ck_atan2)(x, y));
  case CKBinaryReluGrad: CK_ZIP(y <= 0 ? 0 : x);
  case CKBinaryLeakyReluGrad: CK_ZIP(y > 0 ? x : a * x);
  case CKBinaryEluGrad: CK_ZIP(y <= 0 ? x * a * CK(ck_exp)(y) : x);
  case CKBinaryClampGrad: CK_ZIP(y >= a && y <= b ? x : 0);
  case CKBinarySigmoidGrad: CK_ZIP(x * (1 - y) * y);
  case CKBinaryTanhGrad: CK_ZIP(x * (1 - y * y));
  case CKBinaryGeluGrad:
    CK_ZIP(
        x
        * ((T)0.5 * (1 + CK(ck_erf)(y * (T)0.70710678118654752440))
           + y * CK(ck_exp)((T)-0.5 * y * y) * (T)0.39894228040143267794));
  case CKBinaryGeluTanhGrad: CK_ZIP(x * CK(gelu_tanh_slope)(y));
  case CKBinarySiluGrad:
    CK_ZIP(x * CK(ck_sigmoid)(y) * (1 + y * (1 - CK(ck_sigmoid)(y))));
  case CKBinaryMishGrad: CK_ZIP(x * CK(mish_slope)(y));
  case CKBinarySoftplusGrad: CK_ZIP(y * a > b ? x : x * CK(ck_sigmoid)(y * a));
  case CKBinaryHardswishGrad: CK_ZIP(y <= -3 ? 0 : y < 3 ? x * (y / 3 + (T)0.5) : x);
  case CKBinaryHardsigmoidGrad: CK_ZIP(y > -3 && y < 3 ? x / 6 : 0);
#else
  case CKBinaryFloorDivide:
    CK_ZIP(y == 0 ? 0 : y == -1 ? (T)(0 - (W)x) : x / y - (x % y != 0 && (x < 0) != (y < 0)));
  case CKBinaryPower: CK_ZIP(whole_power(x, y));
  case CKBinaryRemainder:
    CK_ZIP(y == 0 || y == -1 ? 0 : x % y + (x % y != 0 && (x < 0) != (y < 0) ? y : 0));
  default: break;
#endif
  }
}

CK_CLONES static void CK(compare_row)(
    CKCompare f, long n, const T *xs, long x_stride, const T *ys, long y_stride, uint8_t *out) {
  switch (f) {
  case CKCompareEqual: CK_ZIP(x == y);
  case CKCompareNotEqual: CK_ZIP(x != y);
  case CKCompareLess: CK_ZIP(x < y);
  case CKCompareLessOrEqual: CK_ZIP(x <= y);
  case CKCompareGreater: CK_ZIP(x > y);
  case CKCompareGreaterOrEqual: CK_ZIP(x >= y);
  }
}

#undef CK_ZIP

CK_CLONES static void CK(where_row)(
    long n, const uint8_t *conditions, long condition_stride, const T *xs, long x_stride,
    const T *ys, long y_stride, T *out) {
  for (long i = 0; i < n; i++) {
    const T x = xs[i * x_stride], y = ys[i * y_stride];
    out[i] = conditions[i * condition_stride] ? x : y;
  }
}
