"""The arrays of a MAT-file of version 7.3 that Ballast wrote, as hdf5storage finds them, by the keys of the model.

Written with hdf5storage 0.2.2.
"""

import re

import hdf5storage


def arrays(path):
    found = {}

    def visit(value, parts):
        if value.dtype.names:
            for name in value.dtype.names:
                member = value[name]
                visit(member.item(0) if member.dtype == object else member[0], [*parts, name])
            return
        # A part that begins with a digit has an x before it.
        key = ".".join(re.sub("^x(?=[0-9])", "", part) for part in parts)
        # Single numbers and vectors have two dimensions there.
        if value.ndim == 2 and value.shape[0] == 1:
            value = value.reshape([] if value.shape == (1, 1) else [-1])
        found[key] = value

    for name, value in hdf5storage.loadmat(path).items():
        visit(value, [name])
    return found
