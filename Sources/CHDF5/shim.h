#ifndef BALLAST_CHDF5_SHIM_H
#define BALLAST_CHDF5_SHIM_H

#include <hdf5.h>

#endif
