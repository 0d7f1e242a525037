#pragma once

#include <stddef.h>
#include <stdint.h>

/// Takes `count` blocks of 64 bytes into the state of a SHA-256 (FIPS 180-4, section 6.2.2).
///
/// Uses the processor's instructions for it where there are some.
void ballast_sha256_blocks(uint32_t state[8], const uint8_t *blocks, size_t count);
