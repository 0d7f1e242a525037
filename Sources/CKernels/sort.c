#include "support.h"

// Elements become unsigned keys in the same order, so that one sort serves all types. NaN counts as
// greater than all numbers and both zeros as one, as in PyTorch.

static uint64_t key_f64(double x) {
  if (x != x) return UINT64_MAX;
  x += 0.0;  // makes a negative zero positive
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

static uint64_t key_f32(float x) {
  if (x != x) return UINT32_MAX;
  x += 0.0f;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 31 ? ~bits : bits | 1u << 31;
}

static uint64_t key_at(CKType type, const void *x, long i) {
  switch (type) {
  case CKTypeFloat32: return key_f32(((const float *)x)[i]);
  case CKTypeFloat64: return key_f64(((const double *)x)[i]);
  case CKTypeInt64: return (uint64_t)((const int64_t *)x)[i] ^ 1ull << 63;
  }
}

/// Moves an element back to its place among those before it, which are in order.
static void settle(CKKeyed *items, long place) {
  const CKKeyed item = items[place];
  for (; place > 0 && items[place - 1].key > item.key; place--) items[place] = items[place - 1];
  items[place] = item;
}

static void insertion_sort(CKKeyed *items, long n) {
  for (long i = 1; i < n; i++) settle(items, i);
}

/// Sorts by one byte of the keys after the other, from the least significant, and leaves out bytes
/// that all keys share.
///
/// Returns whichever of the two arrays the result is in.
static CKKeyed *radix_sort(CKKeyed *items, CKKeyed *spare, long n) {
  for (int shift = 0; shift < 64; shift += 8) {
    long starts[257] = {0};
    for (long i = 0; i < n; i++) starts[(items[i].key >> shift & 255) + 1]++;
    if (starts[(items[0].key >> shift & 255) + 1] == n) continue;
    for (int digit = 0; digit < 256; digit++) starts[digit + 1] += starts[digit];
    for (long i = 0; i < n; i++) spare[starts[items[i].key >> shift & 255]++] = items[i];
    CKKeyed *const sorted = spare;
    spare = items;
    items = sorted;
  }
  return items;
}

/// Puts the least `count` of `n` elements first, in order. Few are worth moving for: most elements
/// are compared once.
static void select_least(CKKeyed *items, long n, long count) {
  insertion_sort(items, count);
  for (long i = count; i < n; i++) {
    if (items[i].key >= items[count - 1].key) continue;
    items[count - 1] = items[i];
    settle(items, count - 1);
  }
}

void ck_argsort(
    CKType type, bool descending, const void *x, int64_t *out, long n, long count,
    CKKeyed *scratch) {
  enum { few = 64 };
  const uint64_t flip = descending ? UINT64_MAX : 0;
  for (long i = 0; i < n; i++) scratch[i] = (CKKeyed){key_at(type, x, i) ^ flip, i};
  CKKeyed *sorted = scratch;
  if (count == 0) return;
  if (count <= few) select_least(scratch, n, count);
  else sorted = radix_sort(scratch, scratch + n, n);
  for (long i = 0; i < count; i++) out[i] = sorted[i].index;
}
