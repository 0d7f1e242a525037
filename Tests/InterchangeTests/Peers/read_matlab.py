"""Reads a MAT-file of version 7.3 with the libraries that people read such files with, and prints as JSON what
each of them finds.

    python read_matlab.py FILE

For hdf5storage, mat73 and pymatreader the arrays by the fields that lead to them, joined by points, each with its
type, its shape and its bytes in row-major order in hexadecimal digits; `null` for what a library has as None. Under
`file`, by h5py: of each dataset the class and the layout, of each group the fields, and under `header` the block
before the content. Written with hdf5storage 0.2.2, mat73 0.65, pymatreader 1.3.2, h5py 3.16.
"""

import json
import logging
import sys

import h5py
import hdf5storage
import mat73
import numpy as np
import pymatreader

path = sys.argv[1]
logging.disable(logging.CRITICAL)


def describe(value):
    if value is None:
        return None
    array = np.asarray(value)
    return {
        "dtype": array.dtype.name, "shape": list(array.shape),
        "hex": np.ascontiguousarray(array).tobytes().hex(),
    }


def flatten(value, place, found):
    if isinstance(value, dict):
        for name, member in value.items():
            flatten(member, f"{place}.{name}" if place else name, found)
    elif isinstance(value, np.ndarray) and value.dtype.names:
        for name in value.dtype.names:
            flatten(value[name].item(0) if value[name].dtype == object else value[name][0], f"{place}.{name}", found)
    else:
        found[place] = describe(value)
    return found


def of_file():
    datasets, groups = {}, {}

    def visit(name, item):
        name = name.replace("/", ".")
        kind = item.attrs["MATLAB_class"].decode()
        if isinstance(item, h5py.Dataset):
            code = item.attrs.get("MATLAB_int_decode")
            datasets[name] = [
                kind, "chunked" if item.chunks else "contiguous", item.dtype.str, *([str(code)] if code else []),
            ]
        else:
            fields = item.attrs.get("MATLAB_fields")
            groups[name] = [kind, *([b"".join(field).decode() for field in fields] if fields is not None else [])]

    with h5py.File(path) as file:
        file.visititems(visit)
        block = file.userblock_size
    with open(path, "rb") as file:
        return {"datasets": datasets, "groups": groups, "header": file.read(block).hex()}


print(json.dumps({
    "hdf5storage": flatten(hdf5storage.loadmat(path), "", {}),
    "mat73": flatten(mat73.loadmat(path), "", {}),
    "pymatreader": flatten(pymatreader.read_mat(path), "", {}),
    "file": of_file(),
}))
