#ifndef BALLAST_SYSTEM_H
#define BALLAST_SYSTEM_H

// What the C library offers only to C.

/// The number of processors that this process may run on.
long cs_processor_count(void);

// Lets the system begin to write a range of a file to the disk, and does not wait for it. What was
// written so is no more durable than before; there is only less left to wait for.
void cs_begin_writeback(int descriptor, long long offset, long long byte_count);

#endif
