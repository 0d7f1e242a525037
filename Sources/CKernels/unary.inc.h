// Included once for each element type, with T, CK_SUFFIX and CK_FLOATING set.

#define CK_MAP(expression) \
  for (long i = 0; i < n; i++) { \
    const T x = in[i]; \
    out[i] = (expression); \
  } \
  break

CK_CLONES static void CK(unary)(
    CKUnary f, const T *in, T *out, long n, double a_argument, double b_argument) {
  const T a = CK(ck_element)(a_argument), b = CK(ck_element)(b_argument);
  switch (f) {
  case CKUnaryNegate: CK_MAP((T)-(W)x);
  case CKUnaryAbs: CK_MAP(x < 0 ? (T)-(W)x : x == 0 ? 0 : x);
  case CKUnarySign: CK_MAP((T)((x > 0) - (x < 0)));
  case CKUnarySquare: CK_MAP((T)((W)x * (W)x));
  case CKUnaryAffine: CK_MAP((T)((W)a * (W)x + (W)b));
  case CKUnaryClamp: CK_MAP((x < a ? a : x) > b ? b : x < a ? a : x);
#if CK_FLOATING
  case CKUnaryDivide: CK_MAP(x / a);
  case CKUnaryReciprocal: CK_MAP(a / x);
  case CKUnaryPower:
    if (a == 2) { CK_MAP(x * x); }
    if (a == 3) { CK_MAP(x * x * x); }
    if (a == -1) { CK_MAP(1 / x); }
    if (a == -2) { CK_MAP(1 / (x * x)); }
    // Roots, which differ from powers at −0 and −∞.
    if (a == (T)0.5) { CK_MAP(__builtin_elementwise_sqrt(x)); }
    if (a == (T)-0.5) { CK_MAP(1 / __builtin_elementwise_sqrt(x)); }
    if (a == 1) { CK_MAP(x); }
    CK_MAP(CK(ck_pow)(x, a));
  case CKUnaryExponent: CK_MAP(CK(ck_pow)(a, x));
  case CKUnaryExp: CK_MAP(CK(ck_exp)(x));
  case CKUnaryExpm1: CK_MAP(CK(ck_expm1)(x));
  case CKUnaryLog: CK_MAP(CK(ck_log)(x));
  case CKUnaryLog2: CK_MAP(CK(ck_log2)(x));
  case CKUnaryLog10: CK_MAP(CK(ck_log10)(x));
  case CKUnaryLog1p: CK_MAP(CK(ck_log1p)(x));
  case CKUnarySqrt: CK_MAP(__builtin_elementwise_sqrt(x));
  case CKUnaryRsqrt: CK_MAP(1 / __builtin_elementwise_sqrt(x));
  case CKUnarySin: CK_MAP(CK(ck_sin)(x));
  case CKUnaryCos: CK_MAP(CK(ck_cos)(x));
  case CKUnaryTan: CK_MAP(CK(ck_tan)(x));
  case CKUnaryAsin: CK_MAP(CK(ck_asin)(x));
  case CKUnaryAcos: CK_MAP(CK(ck_acos)(x));
  case CKUnaryAtan: CK_MAP(CK(ck_atan)(x));
  case CKUnarySinh: CK_MAP(CK(ck_sinh)(x));
  case CKUnaryCosh: CK_MAP(CK(ck_cosh)(x));
  case CKUnaryTanh: CK_MAP(CK(ck_tanh)(x));
  case CKUnaryErf: CK_MAP(CK(ck_erf)(x));
  case CKUnaryFloor: CK_MAP(__builtin_elementwise_floor(x));
  case CKUnaryCeil: CK_MAP(__builtin_elementwise_ceil(x));
  case CKUnaryRound: CK_MAP(__builtin_elementwise_roundeven(x));
  case CKUnaryTrunc: CK_MAP(__builtin_elementwise_trunc(x));
  case CKUnarySigmoid: CK_MAP(CK(ck_sigmoid)(x));
  case CKUnaryRelu: CK_MAP(x < 0 ? 0 : x);
  case CKUnaryLeakyRelu: CK_MAP(x < 0 ? a * x : x);
  case CKUnaryElu: CK_MAP(x < 0 ? a * CK(ck_expm1)(x) : x);
  case CKUnaryGelu: CK_MAP(x * (T)0.5 * (1 + CK(ck_erf)(x * (T)0.70710678118654752440)));
  case CKUnaryGeluTanh:
    CK_MAP(
        x * (T)0.5
        * (1 + CK(ck_tanh)((T)0.79788456080286535588 * (x + (T)0.044715 * x * x * x))));
  case CKUnarySilu: CK_MAP(x * CK(ck_sigmoid)(x));
  case CKUnaryMish: CK_MAP(x * CK(ck_tanh)(CK(ck_log1p)(CK(ck_exp)(x))));
  case CKUnarySoftplus: CK_MAP(x * a > b ? x : CK(ck_log1p)(CK(ck_exp)(x * a)) / a);
  case CKUnaryHardswish: CK_MAP(x * (x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6);
  case CKUnaryHardsigmoid: CK_MAP((x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6);
#else
  default: break;
#endif
  }
}

#undef CK_MAP

CK_CLONES static void CK(axpy)(double factor, const T *x, T *y, long n) {
  const T alpha = CK(ck_element)(factor);
  if (alpha == 1) {
    for (long i = 0; i < n; i++) y[i] = (T)((W)y[i] + (W)x[i]);
  } else {
    for (long i = 0; i < n; i++) y[i] = (T)((W)y[i] + (W)alpha * (W)x[i]);
  }
}

CK_CLONES static void CK(fill)(double number, T *out, long n) {
  const T value = CK(ck_element)(number);
  for (long i = 0; i < n; i++) out[i] = value;
}
