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

static uint32_t twist(uint32_t upper, uint32_t lower) {
  const uint32_t mixed = (upper & 0x80000000u) | (lower & 0x7FFFFFFFu);
  return mixed >> 1 ^ (lower & 1 ? 0x9908B0DFu : 0);
}

static void refill(CKTwister *t) {
  uint32_t *w = t->words;
  for (int i = 0; i < length; i++) {
    w[i] = w[(i + middle) % length] ^ twist(w[i], w[(i + 1) % length]);
  }
  t->left = length;
  t->next = 0;
}

uint32_t ck_twister_next(CKTwister *t) {
  if (--t->left == 0) refill(t);
  uint32_t y = t->words[t->next++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9D2C5680u;
  y ^= y << 15 & 0xEFC60000u;
  return y ^ y >> 18;
}

static double uniform_double(CKTwister *t) {
  const uint64_t high = ck_twister_next(t), low = ck_twister_next(t);
  return (double)((high << 32 | low) & ((1ull << 53) - 1)) * 0x1p-53;
}

// Scaled with one rounding, as PyTorch's build for this processor family does; a product and a sum
// apart would differ in the last bit.
CK_CLONES void ck_twister_uniform(
    CKTwister *t, CKType type, void *out, long n, double from, double to) {
  if (type == CKTypeFloat32) {
    float *x = out;
    const float low = (float)from, width = (float)to - (float)from;
    for (long i = 0; i < n; i++) {
      const float u = (float)(ck_twister_next(t) & 0xFFFFFF) * 0x1p-24f;
      x[i] = fmaf(u, width, low);
    }
  } else {
    double *x = out;
    for (long i = 0; i < n; i++) x[i] = fma(uniform_double(t), to - from, from);
  }
}

void ck_twister_bernoulli(
    CKTwister *t, CKType type, void *out, long n, double probability, double value) {
  if (type == CKTypeFloat32) {
    float *x = out;
    for (long i = 0; i < n; i++) x[i] = uniform_double(t) < probability ? (float)value : 0;
  } else {
    double *x = out;
    for (long i = 0; i < n; i++) x[i] = uniform_double(t) < probability ? value : 0;
  }
}
