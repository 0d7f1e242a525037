"""Changes a MAT-file as another program would: a number that float16 has not, another size, and a new variable.

    python change_matlab.py FILE

Written with h5py 3.16.
"""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r+") as file:
    file["half"][0, 0] = np.float32(0.1)
    attributes = dict(file["vector"].attrs)
    del file["vector"]
    file["vector"] = np.arange(4, dtype=np.float32).reshape(2, 2)
    for name, value in attributes.items():
        file["vector"].attrs[name] = value
    file["added"] = np.float64([[1, 2]])
    file["added"].attrs["MATLAB_class"] = np.bytes_("double")
