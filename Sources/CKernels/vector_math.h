#ifndef BALLAST_CKERNELS_VECTOR_MATH_H
#define BALLAST_CKERNELS_VECTOR_MATH_H

#include "support.h"

// Elementary functions without branches, so that loops over them become vector code. Those of
// float are polynomials good to about two units in the last place; those of double call libm,
// because gradients are checked in it.

CK_INLINE float ck_bits_to_float(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

CK_INLINE int32_t ck_float_to_bits(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// 2^k as a product of two factors, so that results near both ends of the range come out right.
CK_INLINE float ck_scale_f32(float x, int32_t k) {
  int32_t half = k >> 1;
  return x * ck_bits_to_float((half + 127) << 23) * ck_bits_to_float((k - half + 127) << 23);
}

CK_INLINE float ck_exp_f32(float x) {
  // e^x = 2^k e^r with |r| <= ln(2)/2. ln 2 is split in two so that r is exact.
  float clamped = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
  float k = __builtin_elementwise_roundeven(clamped * 1.44269504088896341f);
  float r = clamped - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // A NaN has no integer value, so it is taken out before the conversion and put back after.
  float result = ck_scale_f32(p, (int32_t)(x == x ? k : 0.0f));
  return x == x ? result : x;
}

CK_INLINE double ck_exp_f64(double x) { return exp(x); }

CK_INLINE float ck_log_f32(float x) {
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)); subnormal numbers are scaled up first.
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
  float bias = x < 1.17549435e-38f ? 23.0f : 0.0f;
  int32_t bits = ck_float_to_bits(scaled);
  // Of a negative number, whose result is replaced, the difference may be out of range.
  int32_t shifted = (int32_t)((uint32_t)bits - 0x3F3504F3u);
  float e = (float)(shifted >> 23) - bias;
  float m = ck_bits_to_float((shifted & 0x007FFFFF) + 0x3F3504F3) - 1.0f;
  float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z;
  p = p - e * 2.12194440e-4f - 0.5f * z;
  float result = m + p + e * 0.693359375f;
  result = x == 0.0f ? -INFINITY : result;
  result = x < 0.0f ? NAN : result;
  return x == INFINITY || x != x ? x : result;
}

CK_INLINE double ck_log_f64(double x) { return log(x); }

CK_INLINE float ck_tanh_f32(float x) {
  // Below 0.625 the quotient would cancel, so a polynomial in x² takes over.
  float magnitude = __builtin_elementwise_abs(x);
  float e = ck_exp_f32(2.0f * magnitude);
  float large = 1.0f - 2.0f / (e + 1.0f);
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float small = p * z * x + x;
  return magnitude < 0.625f ? small : __builtin_elementwise_copysign(large, x);
}

CK_INLINE double ck_tanh_f64(double x) { return tanh(x); }

CK_INLINE float ck_sigmoid_f32(float x) { return 1.0f / (1.0f + ck_exp_f32(-x)); }

CK_INLINE double ck_sigmoid_f64(double x) { return 1.0 / (1.0 + exp(-x)); }

CK_INLINE float ck_erf_f32(float x) {
  // Both polynomials were fitted for the least greatest error: erf(x) / x - 1 in x² below 0.9, and
  // -log(1 - erf(x)) up to 4, from where on the result rounds to 1.
  float magnitude = __builtin_elementwise_abs(x);
  float z = x * x;
  float p = 8.538839169e-5f;
  p = p * z - 8.181927286e-4f;
  p = p * z + 5.204436026e-3f;
  p = p * z - 2.686075281e-2f;
  p = p * z + 1.128371972e-1f;
  p = p * z - 3.761263531e-1f;
  p = p * z + 1.283791668e-1f;
  float small = p * x + x;
  float t = magnitude > 4.0f ? 4.0f : magnitude;
  float q = 8.819523032e-7f;
  q = q * t + 9.295925503e-6f;
  q = q * t - 3.668259425e-4f;
  q = q * t + 3.954021298e-3f;
  q = q * t - 2.469284550e-2f;
  q = q * t + 1.077540184e-1f;
  q = q * t + 6.337446328e-1f;
  q = q * t + 1.129346296f;
  q = q * t - 1.439650149e-4f;
  float large = 1.0f - ck_exp_f32(-q);
  return magnitude < 0.9f ? small : __builtin_elementwise_copysign(large, x);
}

CK_INLINE double ck_erf_f64(double x) { return erf(x); }

// The rest goes to libm for both types.
#define CK_LIBM(name) \
  CK_INLINE float ck_##name##_f32(float x) { return name##f(x); } \
  CK_INLINE double ck_##name##_f64(double x) { return name(x); }
CK_LIBM(expm1)
CK_LIBM(log1p)
CK_LIBM(log2)
CK_LIBM(log10)
CK_LIBM(sin)
CK_LIBM(cos)
CK_LIBM(tan)
CK_LIBM(asin)
CK_LIBM(acos)
CK_LIBM(atan)
CK_LIBM(sinh)
CK_LIBM(cosh)
#undef CK_LIBM

CK_INLINE float ck_pow_f32(float x, float y) { return powf(x, y); }
CK_INLINE double ck_pow_f64(double x, double y) { return pow(x, y); }
CK_INLINE float ck_atan2_f32(float y, float x) { return atan2f(y, x); }
CK_INLINE double ck_atan2_f64(double y, double x) { return atan2(y, x); }
CK_INLINE float ck_fmod_f32(float x, float y) { return fmodf(x, y); }
CK_INLINE double ck_fmod_f64(double x, double y) { return fmod(x, y); }

#endif
