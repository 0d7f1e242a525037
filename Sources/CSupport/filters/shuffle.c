#include "filters.h"

#include <string.h>

// A block of n vectors of 16 bytes holds 16 elements of n bytes, n being a power of two. In the
// number of a byte within the block, the low bits are its place in the element. Shuffling makes
// them the high ones: it rotates the bits of the number, and each step below rotates by one.

typedef uint8_t Vector __attribute__((vector_size(16)));

#define CF_INLINE static inline __attribute__((always_inline))

CF_INLINE void rotate_right(const Vector *in, Vector *out, size_t n) {
  for (size_t i = 0; i < n / 2; i++) {
    const Vector a = in[2 * i], b = in[2 * i + 1];
    out[i] = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    out[n / 2 + i] =
        __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  }
}

CF_INLINE void rotate_left(const Vector *in, Vector *out, size_t n) {
  for (size_t i = 0; i < n / 2; i++) {
    const Vector a = in[i], b = in[n / 2 + i];
    out[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    out[2 * i + 1] =
        __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
}

/// Shuffles whole blocks and returns how many elements they had.
CF_INLINE size_t shuffle_blocks(const uint8_t *in, uint8_t *out, size_t count, size_t n) {
  const size_t whole = count / 16 * 16;
  for (size_t start = 0; start < whole; start += 16) {
    Vector a[16], b[16];
    memcpy(a, in + start * n, 16 * n);
    for (size_t step = 1; step < n; step *= 2) {
      rotate_right(a, b, n);
      memcpy(a, b, 16 * n);
    }
    for (size_t byte = 0; byte < n; byte++) memcpy(out + byte * count + start, &a[byte], 16);
  }
  return whole;
}

CF_INLINE size_t unshuffle_blocks(const uint8_t *in, uint8_t *out, size_t count, size_t n) {
  const size_t whole = count / 16 * 16;
  for (size_t start = 0; start < whole; start += 16) {
    Vector a[16], b[16];
    for (size_t byte = 0; byte < n; byte++) memcpy(&a[byte], in + byte * count + start, 16);
    for (size_t step = 1; step < n; step *= 2) {
      rotate_left(a, b, n);
      memcpy(a, b, 16 * n);
    }
    memcpy(out + start * n, a, 16 * n);
  }
  return whole;
}

void cf_shuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size) {
  size_t done = 0;
  switch (size) {
  case 2: done = shuffle_blocks(in, out, count, 2); break;
  case 4: done = shuffle_blocks(in, out, count, 4); break;
  case 8: done = shuffle_blocks(in, out, count, 8); break;
  case 16: done = shuffle_blocks(in, out, count, 16); break;
  default: break;
  }
  for (size_t i = done; i < count; i++) {
    for (size_t byte = 0; byte < size; byte++) out[byte * count + i] = in[i * size + byte];
  }
}

void cf_unshuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size) {
  size_t done = 0;
  switch (size) {
  case 2: done = unshuffle_blocks(in, out, count, 2); break;
  case 4: done = unshuffle_blocks(in, out, count, 4); break;
  case 8: done = unshuffle_blocks(in, out, count, 8); break;
  case 16: done = unshuffle_blocks(in, out, count, 16); break;
  default: break;
  }
  for (size_t i = done; i < count; i++) {
    for (size_t byte = 0; byte < size; byte++) out[i * size + byte] = in[byte * count + i];
  }
}
