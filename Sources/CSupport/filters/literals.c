#include "filters.h"

#include <string.h>

// Blocks of deflate without matches, RFC 1951: stored ones (3.2.4), and ones with a Huffman code of
// their own (3.2.7). The bytes of weights repeat nothing: matches in them are chance, found at great
// cost, and take more bits than the literals that they replace. What is left is how often each byte
// occurs, and in the planes of low mantissa bytes that is no help either.

typedef uint8_t Vector __attribute__((vector_size(16)));
typedef uint64_t Halves __attribute__((vector_size(16)));

enum {
  LITERALS = 257,  // the bytes, and the end of a block
  LONGEST_CODE = 11,
  WINDOW = 1 << 15,  // how far back a match can be
  PROBES = 8,
  WORTHWHILE_BITS = 32,
  LONGEST_SEGMENT = 65535,  // what a stored block can hold
  SHORTEST_SEGMENT = 2048,
  LARGEST_HEADER = 256,
};

// MARK: Statistics

static void count_bytes(const uint8_t *in, size_t count, uint32_t frequencies[LITERALS]) {
  // Several tables, so that equal bytes do not wait for each other.
  uint32_t tables[4][256] = {{0}};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (size_t lane = 0; lane < 4; lane++) tables[lane][in[i + lane]]++;
  }
  for (; i < count; i++) tables[0][in[i]]++;
  for (size_t byte = 0; byte < 256; byte++) {
    frequencies[byte] += tables[0][byte] + tables[1][byte] + tables[2][byte] + tables[3][byte];
  }
}

/// What is looked at lies at no fixed distances, which rows of a matrix might have too.
static uint32_t next_random(uint32_t random) { return random * 1664525 + 1013904223; }

/// Whether a sample, a quarter of the bytes, has all of them about equally often.
static int looks_flat(const uint8_t *in, size_t count, uint32_t random) {
  enum { LINE = 64, STEP = 4 * LINE };
  uint32_t frequencies[LITERALS] = {0};
  uint64_t total = 0;
  uint8_t sample[LONGEST_SEGMENT / 4 + LINE];
  for (size_t start = 0; start + STEP <= count; start += STEP) {
    random = next_random(random);
    memcpy(sample + total, in + start + (random >> 30) * LINE, LINE);
    total += LINE;
  }
  count_bytes(sample, total, frequencies);
  uint64_t squares = 0;
  for (size_t byte = 0; byte < 256; byte++) {
    squares += (uint64_t)frequencies[byte] * frequencies[byte];
  }
  // Even noise has 255 * total above the square. Entropy is at least that of Rényi's order 2, which
  // is 8 - log2(256 * squares / total^2): less than a tenth of a bit is missing.
  return 256 * squares <= total * total + total * total / 16 + 255 * total;
}

// MARK: Matches

/// Whether the `length` bytes at `place` occur in the window before it.
static int occurs_before(const uint8_t *in, size_t place, size_t length) {
  const uint8_t *pattern = in + place;
  size_t offsets[4];
  Vector wanted[4];
  for (size_t i = 0; i < 4; i++) {
    offsets[i] = i * (length - 1) / 3;
    wanted[i] = (Vector){0} + pattern[offsets[i]];
  }
  size_t from = place > WINDOW ? place - WINDOW : 0;
  for (; from + 16 <= place; from += 16) {
    Vector equal = ~(Vector){0};
    for (size_t i = 0; i < 4; i++) {
      Vector found;
      memcpy(&found, in + from + offsets[i], 16);
      equal &= (Vector)(found == wanted[i]);
    }
    const Halves any = (Halves)equal;
    if ((any[0] | any[1]) == 0) continue;
    for (size_t i = from; i < from + 16; i++) {
      if (memcmp(in + i, pattern, length) == 0) return 1;
    }
  }
  for (; from < place; from++) {
    if (memcmp(in + from, pattern, length) == 0) return 1;
  }
  return 0;
}

/// Whether any of a few places begins with bytes that have occurred before, so many that a match
/// takes fewer bits than their codes. `end` is that of the segment; matches may begin before it.
static int has_matches(
    const uint8_t *in, size_t start, size_t end, const uint8_t lengths[LITERALS]) {
  uint32_t random = (uint32_t)start;
  const size_t step = (end - start) / PROBES;
  for (size_t probe = 0; probe < PROBES; probe++) {
    random = next_random(random);
    // Thirty-two codes have that many bits.
    const size_t place = start + probe * step + (random >> 16) % (step - WORTHWHILE_BITS);
    size_t length = 0;
    for (unsigned bits = 0; bits < WORTHWHILE_BITS; length++) bits += lengths[in[place + length]];
    if (occurs_before(in, place, length)) return 1;
  }
  return 0;
}

// MARK: Codes

/// How deep the leaves of Huffman's tree lie whose weights are given in rising order, and the
/// greatest depth. `weights`, of twice `count`, is room for those of the other nodes too.
static unsigned find_depths(uint32_t *weights, size_t count, uint16_t *depths) {
  uint16_t parents[2 * LITERALS];
  // Nodes come into being in order of weight, so that the lightest are first in one of two queues.
  size_t leaf = 0, inner = count, end = count;
  for (; end < 2 * count - 1; end++) {
    weights[end] = 0;
    for (int child = 0; child < 2; child++) {
      const int takes_leaf = leaf < count && (inner == end || weights[leaf] <= weights[inner]);
      const size_t node = takes_leaf ? leaf++ : inner++;
      weights[end] += weights[node];
      parents[node] = (uint16_t)end;
    }
  }
  unsigned greatest = 0;
  depths[end - 1] = 0;
  for (size_t node = end - 1; node-- > 0;) {
    depths[node] = depths[parents[node]] + 1;
    if (depths[node] > greatest) greatest = depths[node];
  }
  return greatest;
}

/// The lengths of the codes of a Huffman code, none longer than LONGEST_CODE; 0 for what does not
/// occur. At least two symbols do.
static void find_lengths(const uint32_t frequencies[LITERALS], uint8_t lengths[LITERALS]) {
  uint32_t order[LITERALS];  // By frequency; the low bits are the symbol.
  size_t count = 0;
  for (size_t symbol = 0; symbol < LITERALS; symbol++) {
    lengths[symbol] = 0;
    if (frequencies[symbol] == 0) continue;
    const uint32_t key = frequencies[symbol] << 9 | (uint32_t)symbol;
    size_t i = count++;
    for (; i > 0 && order[i - 1] > key; i--) order[i] = order[i - 1];
    order[i] = key;
  }
  uint32_t weights[2 * LITERALS];
  uint16_t depths[2 * LITERALS];
  // The more equal the weights are made, the flatter is the tree.
  unsigned shift = 9;
  do {
    for (size_t i = 0; i < count; i++) weights[i] = (order[i] >> shift) + 1;
    shift++;
  } while (find_depths(weights, count, depths) > LONGEST_CODE);
  for (size_t i = 0; i < count; i++) lengths[order[i] & 511] = (uint8_t)depths[i];
}

/// The canonical codes of some lengths, RFC 1951 3.2.2, with their first bit lowest.
static void find_codes(const uint8_t lengths[LITERALS], uint16_t codes[LITERALS]) {
  unsigned next = 0;
  for (unsigned length = 1; length <= LONGEST_CODE; length++) {
    next <<= 1;
    for (size_t symbol = 0; symbol < LITERALS; symbol++) {
      if (lengths[symbol] != length) continue;
      unsigned reversed = 0;
      for (unsigned bit = 0; bit < length; bit++) reversed |= (next >> bit & 1) << (length - 1 - bit);
      codes[symbol] = (uint16_t)reversed;
      next++;
    }
  }
}

// MARK: Writing

typedef struct {
  uint8_t *next;
  uint64_t bits;  // Fewer than 8 between calls.
  unsigned count;
} BitWriter;

static inline void flush(BitWriter *writer) {
  const uint64_t bits = writer->bits;
  for (size_t i = 0; i < 8; i++) writer->next[i] = (uint8_t)(bits >> 8 * i);
  writer->next += writer->count / 8;
  writer->bits >>= writer->count / 8 * 8;
  writer->count %= 8;
}

static inline void put(BitWriter *writer, uint64_t bits, unsigned count) {
  writer->bits |= bits << writer->count;
  writer->count += count;
}

/// A stored block of at most LONGEST_SEGMENT bytes. Where a byte begins, what follows may be put.
static void put_stored(BitWriter *writer, const uint8_t *in, size_t count, int is_last) {
  put(writer, (uint64_t)is_last, 3);
  put(writer, 0, (8 - writer->count % 8) % 8);
  put(writer, count | (count ^ 0xFFFF) << 16, 32);
  flush(writer);
  if (count > 0) memcpy(writer->next, in, count);
  writer->next += count;
}

/// The code of a code length, or of a run of zeros, which are 14 and 15 here. All of them have four
/// bits: 0 to 13, 17 and 18 of RFC 1951.
static void put_length(BitWriter *writer, unsigned code) {
  put(writer, (code & 1) << 3 | (code & 2) << 1 | (code & 4) >> 1 | code >> 3, 4);
}

static void put_header(BitWriter *writer, const uint8_t lengths[LITERALS], int is_last) {
  put(writer, (uint64_t)is_last | 2 << 1, 3);
  // No lengths of matches; two codes of distances, which some programs want even if none is used.
  put(writer, 0 | 1 << 5, 10);
  // Lengths of the codes of code lengths in their order: 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4,
  // 12, 3, 13, 2, 14, 1.
  static const uint8_t used[] = {0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 4};
  put(writer, sizeof used - 4, 4);
  for (size_t i = 0; i < sizeof used; i++) {
    put(writer, used[i], 3);
    flush(writer);
  }
  for (size_t symbol = 0; symbol < LITERALS;) {
    size_t zeros = 0;
    while (symbol + zeros < LITERALS && zeros < 138 && lengths[symbol + zeros] == 0) zeros++;
    if (zeros >= 11) {
      put_length(writer, 15);
      put(writer, zeros - 11, 7);
    } else if (zeros >= 3) {
      put_length(writer, 14);
      put(writer, zeros - 3, 3);
    } else {
      put_length(writer, lengths[symbol]);
      zeros = 1;
    }
    symbol += zeros;
    flush(writer);
  }
  put_length(writer, 1);
  put_length(writer, 1);
  flush(writer);
}

static void put_literals(
    BitWriter *writer, const uint8_t *in, size_t count, const uint8_t lengths[LITERALS],
    int is_last) {
  uint16_t codes[LITERALS];
  find_codes(lengths, codes);
  put_header(writer, lengths, is_last);
  uint32_t entries[256];
  for (size_t byte = 0; byte < 256; byte++) {
    entries[byte] = lengths[byte] ? (uint32_t)codes[byte] << 8 | lengths[byte] : 0;
  }
  BitWriter local = *writer;
  size_t i = 0;
  // Five of the longest codes fit beside seven bits.
  for (; i + 5 <= count; i += 5) {
    for (size_t j = 0; j < 5; j++) {
      const uint32_t entry = entries[in[i + j]];
      put(&local, entry >> 8, entry & 0xFF);
    }
    flush(&local);
  }
  for (; i < count; i++) {
    const uint32_t entry = entries[in[i]];
    put(&local, entry >> 8, entry & 0xFF);
    flush(&local);
  }
  put(&local, codes[256], lengths[256]);
  flush(&local);
  *writer = local;
}

// MARK: Segments

/// Writes a segment, unless it is one for matches, and returns whether it did.
static int put_segment(
    BitWriter *writer, const uint8_t *in, size_t start, size_t end, int is_last) {
  const uint8_t *segment = in + start;
  const size_t count = end - start;
  if (count < SHORTEST_SEGMENT) return 0;
  uint8_t lengths[LITERALS];
  memset(lengths, 8, sizeof lengths);
  int is_stored = looks_flat(segment, count, (uint32_t)start);
  if (!is_stored) {
    uint32_t frequencies[LITERALS] = {0};
    frequencies[256] = 1;
    count_bytes(segment, count, frequencies);
    find_lengths(frequencies, lengths);
    size_t bits = 0;
    for (size_t symbol = 0; symbol < LITERALS; symbol++) {
      bits += (size_t)frequencies[symbol] * lengths[symbol];
    }
    // With less than a bit and a half for a byte, whole bits are too coarse.
    if (bits < count * 3 / 2) return 0;
    is_stored = bits > 8 * (count - count / 64);
    if (is_stored) memset(lengths, 8, sizeof lengths);
  }
  if (has_matches(in, start, end, lengths)) return 0;
  if (is_stored) {
    put_stored(writer, segment, count, is_last);
  } else {
    put_literals(writer, segment, count, lengths, is_last);
  }
  return 1;
}

size_t cf_deflate_literals(
    const uint8_t *in, size_t count, size_t plane, uint8_t *out, size_t capacity, size_t *done) {
  BitWriter writer = {.next = out};
  const size_t parts = (plane + LONGEST_SEGMENT - 1) / LONGEST_SEGMENT;
  size_t start = 0;
  for (size_t number = 0; start < count; number++) {
    size_t end = number / parts * plane + plane * (number % parts + 1) / parts;
    if (end > count) end = count;
    if (capacity - (size_t)(writer.next - out) < end - start + LARGEST_HEADER) break;
    if (!put_segment(&writer, in, start, end, end == count)) break;
    start = end;
  }
  // Matches reach into what comes before, and here that may be other planes, which another stream
  // does not know.
  if (start < count && plane < WINDOW) {
    *done = 0;
    return 0;
  }
  *done = start;
  if (writer.count > 0) {
    if (start < count) {
      put_stored(&writer, in, 0, 0);
    } else {
      put(&writer, 0, 8 - writer.count);
      flush(&writer);
    }
  }
  return (size_t)(writer.next - out);
}
