#include "support.h"

// The Mersenne Twister of Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally
// equidistributed uniform pseudorandom number generator" (1998), seeded by one word.

enum { length = 624, middle = 397 };

void ck_twister_seed(CKTwister *t, uint32_t seed) {
  t->words[0] = seed;
  for (uint32_t i = 1; i < length; i++) {
    t->words[i] = 1812433253u * (t->words[i - 1] ^ t->words[i - 1] >> 30) + i;
  }
  t->left = 1;
  t->next = 0;
}

CK_INLINE uint32_t twist(uint32_t upper, uint32_t lower) {
  const uint32_t mixed = (upper & 0x80000000u) | (lower & 0x7FFFFFFFu);
  return mixed >> 1 ^ (-(lower & 1) & 0x9908B0DFu);
}

CK_INLINE uint32_t temper(uint32_t y) {
  y ^= y >> 11;
  y ^= y << 7 & 0x9D2C5680u;
  y ^= y << 15 & 0xEFC60000u;
  return y ^ y >> 18;
}

/// Makes the next words of the state. Where the words repeat, the loop is divided, so that no
/// part of it reads what it has just written and all become vector code.
CK_CLONES static void refill(uint32_t *w) {
  for (int i = 0; i < length - middle; i++) w[i] = w[i + middle] ^ twist(w[i], w[i + 1]);
  for (int i = length - middle; i < length - 1; i++) {
    w[i] = w[i + middle - length] ^ twist(w[i], w[i + 1]);
  }
  w[length - 1] = w[middle - 1] ^ twist(w[length - 1], w[0]);
}

CK_CLONES static void temper_words(const uint32_t *words, uint32_t *out, int n) {
  for (int i = 0; i < n; i++) out[i] = temper(words[i]);
}

/// The next `n` numbers.
static void draw(CKTwister *t, uint32_t *out, int n) {
  while (n > 0) {
    if (t->left == 1) {
      refill(t->words);
      t->left = length + 1;
      t->next = 0;
    }
    const int count = n < t->left - 1 ? n : t->left - 1;
    temper_words(t->words + t->next, out, count);
    t->left -= count;
    t->next += count;
    out += count;
    n -= count;
  }
}

uint32_t ck_twister_next(CKTwister *t) {
  uint32_t word;
  draw(t, &word, 1);
  return word;
}

/// How many elements are made at a time, from up to twice as many numbers.
enum { block = 512 };

/// The lower 53 bits of two numbers, the first of which is the upper half.
CK_INLINE uint64_t fraction(const uint32_t *pair) {
  return ((uint64_t)pair[0] << 32 | pair[1]) & ((1ull << 53) - 1);
}

// Scaled with one rounding, as PyTorch's build for this processor family does; a product and a sum
// apart would differ in the last bit.
// What is rounded up to the upper bound becomes the lower one.
CK_CLONES static void uniform_f32(
    const uint32_t *words, float *x, int n, float width, float low, float high) {
  for (int i = 0; i < n; i++) {
    const float value = fmaf((float)(words[i] & 0xFFFFFF) * 0x1p-24f, width, low);
    x[i] = value == high ? low : value;
  }
}

CK_CLONES static void uniform_f64(
    const uint32_t *words, double *x, int n, double width, double low, double high) {
  for (int i = 0; i < n; i++) {
    const double value = fma((double)fraction(words + 2 * i) * 0x1p-53, width, low);
    x[i] = value == high ? low : value;
  }
}

void ck_twister_uniform(
    CKTwister *t, CKType type, void *out, long n, double from, double to) {
  uint32_t words[2 * block];
  for (long i = 0; i < n; i += block) {
    const int count = n - i < block ? (int)(n - i) : block;
    if (type == CKTypeFloat32) {
      draw(t, words, count);
      uniform_f32(words, (float *)out + i, count, (float)to - (float)from, (float)from, (float)to);
    } else {
      draw(t, words, 2 * count);
      uniform_f64(words, (double *)out + i, count, to - from, from, to);
    }
  }
}

// The Box–Muller transform in single precision, with the logarithm, sine and cosine of Moshier's Cephes
// library, whose approximations PyTorch uses. Every product that is added to something is rounded with
// the sum, as PyTorch's compiler has it: which of two products keeps its own rounding was found by
// comparison, and the results are equal to the last bit.

CK_INLINE float bits_as_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

CK_INLINE uint32_t float_as_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// The logarithm of a number in (0, 1].
CK_INLINE float cephes_log(float x) {
#pragma clang fp contract(off)
  const uint32_t bits = float_as_bits(x);
  float e = (float)((int)(bits >> 23) - 127) + 1;
  float m = bits_as_float((bits & 0x807FFFFFu) | 0x3F000000u);
  const int is_small = m < 0.707106781186547524f;
  e = is_small ? e - 1 : e;
  const float again = is_small ? m : 0;
  m = m - 1;
  m = m + again;
  const float z = m * m;
  float y = 7.0376836292e-2f;
  y = fmaf(y, m, -1.1514610310e-1f);
  y = fmaf(y, m, 1.1676998740e-1f);
  y = fmaf(y, m, -1.2420140846e-1f);
  y = fmaf(y, m, 1.4249322787e-1f);
  y = fmaf(y, m, -1.6668057665e-1f);
  y = fmaf(y, m, 2.0000714765e-1f);
  y = fmaf(y, m, -2.4999993993e-1f);
  y = fmaf(y, m, 3.3333331174e-1f);
  y = y * m;
  y = fmaf(y, z, e * -2.12194440e-4f);
  y = fmaf(-z, 0.5f, y);
  return fmaf(e, 0.693359375f, m + y);
}

/// The sine and cosine of an angle in [0, 2π).
CK_INLINE void cephes_sincos(float x, float *sine, float *cosine) {
#pragma clang fp contract(off)
  const int octant = ((int)(x * 1.27323954473516f) + 1) & ~1;
  const float y = (float)octant;
  x = fmaf(y, -0.78515625f, x);
  x = fmaf(y, -2.4187564849853515625e-4f, x);
  x = fmaf(y, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = 2.443315711809948e-5f;
  c = fmaf(c, z, -1.388731625493765e-3f);
  c = fmaf(c, z, 4.166664568298827e-2f);
  c = c * z;
  c = fmaf(c, z, -(z * 0.5f));
  c = c + 1;
  float s = -1.9515295891e-4f;
  s = fmaf(s, z, 8.3321608736e-3f);
  s = fmaf(s, z, -1.6666654611e-1f);
  s = s * z;
  s = fmaf(s, x, x);
  const int is_plain = (octant & 2) == 0;
  const float of_sine = is_plain ? s : c, of_cosine = is_plain ? c : s;
  *sine = octant & 4 ? -of_sine : of_sine;
  *cosine = (octant - 2) & 4 ? of_cosine : -of_cosine;
}

CK_CLONES void ck_normal_blocks(float *x, long blocks, float mean, float std) {
#pragma clang fp contract(off)
  for (long start = 0; start < 16 * blocks; start += 16) {
    float *u = x + start;
    for (int i = 0; i < 8; i++) {
      const float radius = __builtin_elementwise_sqrt(-2 * cephes_log(1 - u[i]));
      float sine, cosine;
      cephes_sincos(6.283185307179586f * u[i + 8], &sine, &cosine);
      u[i] = fmaf(radius * cosine, std, mean);
      u[i + 8] = fmaf(radius * sine, std, mean);
    }
  }
}

// A fraction of 53 bits is below a probability if its bits are below the probability's, rounded up.
CK_CLONES static void bernoulli_f32(
    const uint32_t *words, float *x, int n, int64_t limit, float value) {
  for (int i = 0; i < n; i++) x[i] = (int64_t)fraction(words + 2 * i) < limit ? value : 0;
}

CK_CLONES static void bernoulli_f64(
    const uint32_t *words, double *x, int n, int64_t limit, double value) {
  for (int i = 0; i < n; i++) x[i] = (int64_t)fraction(words + 2 * i) < limit ? value : 0;
}

void ck_twister_bernoulli(
    CKTwister *t, CKType type, void *out, long n, double probability, double value) {
  const int64_t limit = (int64_t)ceil(probability * 0x1p53);
  uint32_t words[2 * block];
  for (long i = 0; i < n; i += block) {
    const int count = n - i < block ? (int)(n - i) : block;
    draw(t, words, 2 * count);
    if (type == CKTypeFloat32) {
      bernoulli_f32(words, (float *)out + i, count, limit, (float)value);
    } else {
      bernoulli_f64(words, (double *)out + i, count, limit, value);
    }
  }
}
