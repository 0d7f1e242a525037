"""Prints as JSON how h5py sees what ScanPeerTests.swift scans: dump_scan_sample.py FILE."""

import itertools
import json
import sys

import h5py
import numpy as np


def attributes(obj):
    found = {}
    for name in obj.attrs:
        a = obj.attrs.get_id(name)
        value = None
        if a.dtype.kind in "iuf" and a.shape is not None:
            value = [float(x) for x in np.ravel(obj.attrs[name])]
        found[name] = {"shape": a.shape, "numbers": value}
    return found


def chunks(obj):
    found = []
    if None in obj.maxshape[1:] and None not in obj.maxshape[:1]:
        # HDF5 2.0 tells wrong coordinates where another dimension than the first one grows. It reads
        # them right; the sample's chunks are random, so that their bytes are in one place only.
        with open(obj.file.filename, "rb") as file:
            whole = file.read()
        for place in itertools.product(*(range(0, n, c) for n, c in zip(obj.shape, obj.chunks))):
            mask, content = obj.id.read_direct_chunk(place)
            found.append([list(place), whole.index(content), len(content), mask])
    else:
        obj.id.chunk_iter(
            lambda c: found.append([list(c.chunk_offset), c.byte_offset, c.size, c.filter_mask])
        )
    return sorted(found)


def describe(obj):
    entry = {"attributes": attributes(obj)}
    if isinstance(obj, h5py.Group):
        entry["kind"] = "group"
        entry["links"] = sorted(obj.keys(), key=lambda name: name.encode())
    elif isinstance(obj, h5py.Dataset):
        entry["kind"] = "dataset"
        entry["shape"] = obj.shape
        entry["bytes"] = obj.id.get_type().get_size()
        # Where nothing is stored and there is a user block, libhdf5 adds that to the undefined address.
        entry["offset"] = obj.id.get_offset() if obj.id.get_storage_size() else None
        if obj.chunks:
            entry["chunks"] = chunks(obj)
    else:
        entry["kind"] = "datatype"
    return entry


result = {}


def visit(group, path):
    result[path or "/"] = describe(group)
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        child = f"{path}/{name}"
        obj = group[name]
        if isinstance(obj, h5py.Group):
            if obj != group:
                visit(obj, child)
        else:
            result[child] = describe(obj)


with h5py.File(sys.argv[1], "r") as f:
    visit(f, "")
    json.dump(result, sys.stdout)
