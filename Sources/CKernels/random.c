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
CK_CLONES static void uniform_f32(const uint32_t *words, float *x, int n, float width, float low) {
  for (int i = 0; i < n; i++) x[i] = fmaf((float)(words[i] & 0xFFFFFF) * 0x1p-24f, width, low);
}

CK_CLONES static void uniform_f64(
    const uint32_t *words, double *x, int n, double width, double low) {
  for (int i = 0; i < n; i++) {
    x[i] = fma((double)fraction(words + 2 * i) * 0x1p-53, width, low);
  }
}

void ck_twister_uniform(
    CKTwister *t, CKType type, void *out, long n, double from, double to) {
  uint32_t words[2 * block];
  for (long i = 0; i < n; i += block) {
    const int count = n - i < block ? (int)(n - i) : block;
    if (type == CKTypeFloat32) {
      draw(t, words, count);
      uniform_f32(words, (float *)out + i, count, (float)to - (float)from, (float)from);
    } else {
      draw(t, words, 2 * count);
      uniform_f64(words, (double *)out + i, count, to - from, from);
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
