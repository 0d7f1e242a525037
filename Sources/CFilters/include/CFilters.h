#ifndef BALLAST_CFILTERS_H
#define BALLAST_CFILTERS_H

#include <stddef.h>
#include <stdint.h>

/// Writes the first bytes of all elements, then the second ones, and so on: HDF5's shuffle filter.
///
/// `size` is that of an element. `in` and `out` have `count` elements and do not overlap.
void cf_shuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size);

/// Undoes `cf_shuffle`.
void cf_unshuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size);

#endif
