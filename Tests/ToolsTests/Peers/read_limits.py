"""Reads every dataset of Ballast files with h5py, and compresses the files with h5repack.

    python read_limits.py FILE ...

needs h5py and h5repack. Prints the number of datasets in each file.
"""

import subprocess
import sys

import h5py

for path in sys.argv[1:]:
    for name in (path, path + ".repacked.h5"):
        if name != path:
            subprocess.run(["h5repack", "-f", "GZIP=4", path, name], check=True)
        with h5py.File(name) as file:
            found = []
            file.visititems(
                lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None
            )
            print(len(found))
