#ifndef BALLAST_COPENBLAS_SHIM_H
#define BALLAST_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
