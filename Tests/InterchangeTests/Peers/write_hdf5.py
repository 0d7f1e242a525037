"""Writes HDF5 files of every kind with h5py, and prints the tensors of the first as JSON.

    python write_hdf5.py FOLDER

Writes all.h5, with datasets of every type and layout, ties, texts and attributes; and files that are
refused: external.h5, virtual.h5, outside.h5, plugin.h5, loop.h5, bomb.h5.
"""

import json
import sys
from pathlib import Path

import h5py
import numpy as np

TYPES = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16",
         ">f4", ">i8", ">f2", ">c16"]


def array(code, shape, seed):
    dtype = np.dtype(code)
    count = int(np.prod(shape))
    if code == "?":
        return (np.arange(count) % 2 == 0).reshape(shape)
    raw = (np.arange(count * dtype.itemsize) * 37 + seed).astype(np.uint8)
    return raw.view(dtype).reshape(shape)


def write_all(path):
    arrays = {}
    with h5py.File(path, "w", track_order=True) as file:
        for number, code in enumerate(TYPES):
            name = code.replace(">", "big")
            for label, shape in (("scalar", ()), ("odd", (7,)), ("grid", (2, 3)),
                                 ("empty", (0, 4))):
                arrays[f"types/{name}/{label}"] = array(code, shape, number)
        wide = array("f4", (50, 33), 3)
        for name, value in arrays.items():
            file.create_dataset(name, data=value)
        for name, options in {
            "chunked": {"chunks": (16, 10)},
            "deflated": {"chunks": (16, 10), "compression": "gzip"},
            "shuffled": {"chunks": (16, 10), "compression": "gzip", "shuffle": True,
                         "fletcher32": True},
            "growing": {"chunks": (16, 10), "maxshape": (None, None)},
        }.items():
            arrays[f"layouts/{name}"] = wide
            file.create_dataset(f"layouts/{name}", data=wide, **options)
        file.create_dataset("layouts/big_deflated", data=wide.astype(">f4"), compression="gzip")
        arrays["layouts/big_deflated"] = wide
        file.create_dataset("layouts/unwritten", shape=(3,), dtype="f4", fillvalue=2.5)
        arrays["layouts/unwritten"] = np.full(3, 2.5, dtype="<f4")
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3,))
        dataset = h5py.h5d.create(
            file["layouts"].id, b"compact", h5py.h5t.IEEE_F32LE, space, compact)
        arrays["layouts/compact"] = np.array([1, 2, 3], dtype="<f4")
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, arrays["layouts/compact"])
        arrays["bn.running_mean"] = np.ones(3, dtype="<f4")
        file["bn.running_mean"] = arrays["bn.running_mean"]
        arrays["a/b.c"] = np.ones(1, dtype="<f4")
        file["a/b.c"] = arrays["a/b.c"]
        arrays["a.b/c"] = np.zeros(1, dtype="<f4")
        file["a.b/c"] = arrays["a.b/c"]
        file["tied"] = file["layouts/chunked"]
        arrays["tied"] = wide
        file["description"] = "a text é"
        file["texts"] = ["x", "yz"]
        file["record"] = np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")])
        file["nothing"] = h5py.Empty("f4")
        file["type"] = np.dtype("<f4")
        file["opaque"] = np.array([b"ab", b"cd"], dtype="V2")
        bits = file.create_dataset("bits", data=np.array([0x3F80, 0x4000], dtype="<u2").view("V2"))
        bits.attrs["dtype"] = "bfloat16"
        file["soft"] = h5py.SoftLink("/tied")
        file["circle"] = h5py.SoftLink("/circle")
        file["again"] = file["layouts"]
        file["types"].attrs["note"] = "of a group"
        file.attrs["epoch"] = 3
        file.attrs["loss"] = 0.25
        file.attrs["done"] = True
        file.attrs["name"] = "é"
        file.attrs["fixed"] = np.bytes_("abc")
        file.attrs["big"] = np.uint64(2**64 - 1)
        file.attrs["list"] = [1.5, 2.5]
        file.attrs["names"] = ["a", "bc"]
        file.attrs["none"] = h5py.Empty("f4")
        file.attrs["grid"] = np.zeros((2, 2))
        file.attrs["link"] = file["tied"].ref
    return arrays


def write_refused(folder):
    with h5py.File(folder / "external.h5", "w") as file:
        file["a"] = h5py.ExternalLink("all.h5", "/tied")
    with h5py.File(folder / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
        layout[:] = h5py.VirtualSource("all.h5", "bn.running_mean", shape=(3,))
        file.create_virtual_dataset("a", layout)
    with h5py.File(folder / "outside.h5", "w") as file:
        file.create_dataset("a", (3,), "f4", external=[("all.h5", 0, 12)])
    with h5py.File(folder / "plugin.h5", "w") as file:
        file.create_dataset("a", data=np.ones((8, 8)), chunks=(4, 4), compression="lzf")
    with h5py.File(folder / "loop.h5", "w") as file:
        group = file.create_group("a/b")
        group["up"] = file["a"]
    with h5py.File(folder / "bomb.h5", "w") as file:
        for number in range(50):
            file.create_dataset(f"d{number}", (60 << 20,), "u1", chunks=(1 << 20,))
    with h5py.File(folder / "deep.h5", "w") as file:
        group = file
        for _ in range(300):
            group = group.create_group("g")
    with h5py.File(folder / "huge.h5", "w") as file:
        file.create_dataset("a", (1 << 50,), "u1", chunks=(1 << 20,))


def main():
    folder = Path(sys.argv[1])
    arrays = write_all(folder / "all.h5")
    write_refused(folder)
    print(json.dumps({
        name: {"shape": list(value.shape),
               "hex": value.astype(value.dtype.newbyteorder("<")).tobytes().hex()}
        for name, value in arrays.items()}))


main()
