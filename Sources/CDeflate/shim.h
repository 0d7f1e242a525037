#ifndef BALLAST_CDEFLATE_SHIM_H
#define BALLAST_CDEFLATE_SHIM_H

#include <libdeflate.h>
#include <zlib.h>

#endif
