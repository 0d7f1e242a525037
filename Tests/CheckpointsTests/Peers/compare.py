"""Compares the tensors of two checkpoints, as h5py reads them, and prints how many are equal."""

import sys

import h5py

first, second = (h5py.File(path) for path in sys.argv[1:])
equal = 0


def compare(name, item):
    global equal
    if isinstance(item, h5py.Dataset):
        other = second["parameters"][name]
        assert item.dtype == other.dtype and item.shape == other.shape, name
        assert (item[...] == other[...]).all(), name
        equal += 1


first["parameters"].visititems(compare)
print(f"{equal} equal")
