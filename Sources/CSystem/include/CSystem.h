#ifndef BALLAST_CSYSTEM_H
#define BALLAST_CSYSTEM_H

// What the C library offers only to C.

/// The number of processors that this process may run on.
long cs_processor_count(void);

#endif
