// What Swift cannot import from <hdf5.h>, as static inline functions, grouped as the library's own
// headers are. Swift sees no function-like macro and refuses the mutable globals behind them, so
// every constant of libhdf5 that the HDF5 target needs is spelled here and nowhere else. What
// differs between 1.10, 1.12, 1.14 and 2.0 is evened out here too.
#ifndef BALLAST_CHDF5_SHIM_H
#define BALLAST_CHDF5_SHIM_H

#include <hdf5.h>

#include "shim_library.h"
#include "shim_errors.h"
#include "shim_files.h"
#include "shim_properties.h"
#include "shim_datatypes.h"
#include "shim_dataspaces.h"
#include "shim_datasets.h"
#include "shim_links.h"
#include "shim_objects.h"

#endif
