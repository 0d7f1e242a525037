"""Transposes every .npy file of a folder, and writes it back big-endian and in Fortran order.

    python transpose_npy.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np

for path in Path(sys.argv[1]).glob("*.npy"):
    array = np.load(path, allow_pickle=False).T
    np.save(path, np.array(array, dtype=array.dtype.newbyteorder(">"), order="F"))
