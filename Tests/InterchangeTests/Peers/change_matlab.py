"""Changes a MAT-file as another program would.

    python change_matlab.py FILE [WAY]

Without a way: a number that float16 has not, another size, and a new variable. `swap` lets the fields `a` and `b` of a
struct `s` change places, `rename` gives a variable another name, `copy` adds a changed copy of the variable `v`, and
`alias` a second name of it, both of which come before it, and `take` puts another variable under a key that a tensor
of Ballast's has. Written with h5py 3.16.
"""

import sys

import h5py
import numpy as np


def change(file):
    file["half"][0, 0] = np.float32(0.1)
    attributes = dict(file["vector"].attrs)
    del file["vector"]
    file["vector"] = np.arange(4, dtype=np.float32).reshape(2, 2)
    for name, value in attributes.items():
        file["vector"].attrs[name] = value
    file["added"] = np.float64([[1, 2]])
    file["added"].attrs["MATLAB_class"] = np.bytes_("double")


def swap(file):
    file.move("s/a", "s/c")
    file.move("s/b", "s/a")
    file.move("s/c", "s/b")


def rename(file):
    file.move("v", "other")


def copy(file):
    file.copy("v", "a0")
    file["a0"][...] = 9


def alias(file):
    file["a0"] = file["v"]


def take(file):
    file["0"] = np.float64([[7]])
    file["0"].attrs["MATLAB_class"] = np.bytes_("double")


ways = {way.__name__: way for way in [change, swap, rename, copy, alias, take]}
with h5py.File(sys.argv[1], "r+") as file:
    ways[sys.argv[2] if len(sys.argv) > 2 else "change"](file)
