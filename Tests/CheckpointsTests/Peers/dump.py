"""Prints what h5py finds in a file, as JSON: for every dataset its type, shape and bytes.

    python dump.py FILE

Floats that NumPy lacks are shown as h5py converts them. Nothing of Ballast is used.
"""

import json
import sys

import h5py
import numpy as np


def describe(dataset):
    if dataset.shape is None:
        return {"dtype": str(dataset.dtype), "shape": None, "attrs": attributes(dataset)}
    value = dataset[()]
    if h5py.check_string_dtype(dataset.dtype):
        texts = np.asarray(dataset.asstr()[()]).ravel().tolist()
        return {"dtype": "string", "shape": list(dataset.shape), "texts": texts,
                "attrs": attributes(dataset)}
    return {
        "dtype": str(np.asarray(value).dtype),
        "shape": list(dataset.shape),
        "hex": np.ascontiguousarray(value).tobytes().hex(),
        "attrs": attributes(dataset),
    }


def attributes(thing):
    result = {}
    for name, value in thing.attrs.items():
        result[name] = value.decode() if isinstance(value, bytes) else (
            value.item() if isinstance(value, np.generic) else value)
        if isinstance(result[name], bytes):
            result[name] = result[name].decode()
    return result


def main():
    found = {}
    with h5py.File(sys.argv[1], "r") as file:
        found["/"] = {"attrs": attributes(file)}

        def visit(group, path):
            for name in group:
                item = group[name]
                if isinstance(item, h5py.Group):
                    found[path + name] = {"attrs": attributes(item)}
                    visit(item, path + name + "/")
                else:
                    found[path + name] = describe(item)

        visit(file, "")
    json.dump(found, sys.stdout)


main()
