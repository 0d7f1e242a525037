#include "filters.h"

// Folding, after V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction", Intel 2009. A message is a polynomial over the field of two elements, and adding a
// multiple of CRC-32's polynomial P to it changes no checksum. A vector is moved n bits towards the
// end by multiplying its halves with x^(n+32) mod P and x^(n-32) mod P, and added to what is there.
// With the bits of each byte reversed, as CRC-32 has them, so are the constants.

#if defined(__x86_64__)

#include <immintrin.h>

#define CF_TARGET __attribute__((target("avx2,pclmul,vpclmulqdq")))

// x^(n+32) mod P and x^(n-32) mod P.
#define CF_MOVE_128 0x1751997d0, 0x0ccaa009e
#define CF_MOVE_256 0x0f1da05aa, 0x15a546366
#define CF_MOVE_1024 0x1e88ef372, 0x14a7fe880

CF_TARGET static inline __m128i pair(int64_t low, int64_t high) {
  return _mm_set_epi64x(high, low);
}

CF_TARGET static inline __m128i fold128(__m128i a, __m128i by, __m128i onto) {
  const __m128i low = _mm_clmulepi64_si128(a, by, 0x00);
  const __m128i high = _mm_clmulepi64_si128(a, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

CF_TARGET static inline __m256i fold256(__m256i a, __m256i by, __m256i onto) {
  const __m256i low = _mm256_clmulepi64_epi128(a, by, 0x00);
  const __m256i high = _mm256_clmulepi64_epi128(a, by, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), onto);
}

CF_TARGET static inline __m256i load(const uint8_t *bytes) {
  return _mm256_loadu_si256((const __m256i *)bytes);
}

CF_TARGET static void fold_blocks(uint32_t crc, const uint8_t *in, size_t count, void *residue) {
  const __m256i by = _mm256_broadcastsi128_si256(pair(CF_MOVE_1024));
  // The checksum so far stands, complemented, before the first bytes.
  const __m256i start = _mm256_set_epi32(0, 0, 0, 0, 0, 0, 0, (int)~crc);
  __m256i a = _mm256_xor_si256(load(in), start);
  __m256i b = load(in + 32), c = load(in + 64), d = load(in + 96);
  for (size_t i = 128; i < count; i += 128) {
    a = fold256(a, by, load(in + i));
    b = fold256(b, by, load(in + i + 32));
    c = fold256(c, by, load(in + i + 64));
    d = fold256(d, by, load(in + i + 96));
  }
  const __m256i next = _mm256_broadcastsi128_si256(pair(CF_MOVE_256));
  d = fold256(fold256(fold256(a, next, b), next, c), next, d);
  const __m128i last = fold128(
      _mm256_castsi256_si128(d), pair(CF_MOVE_128), _mm256_extracti128_si256(d, 1));
  _mm_storeu_si128(residue, last);
}

size_t cf_fold_crc32(uint32_t crc, const void *in, size_t count, void *residue) {
  const size_t whole = count / 128 * 128;
  if (whole == 0 || !__builtin_cpu_supports("vpclmulqdq") || !__builtin_cpu_supports("avx2")) {
    return 0;
  }
  fold_blocks(crc, in, whole, residue);
  return whole;
}

#else

size_t cf_fold_crc32(uint32_t crc, const void *in, size_t count, void *residue) {
  (void)crc, (void)in, (void)count, (void)residue;
  return 0;
}

#endif
