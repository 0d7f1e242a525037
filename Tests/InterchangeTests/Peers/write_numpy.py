"""Writes NumPy files of every kind, and prints what is in them as JSON.

    python write_numpy.py FOLDER

Writes stored.npz and deflated.npz with every type, big-endian and Fortran-ordered arrays; objects.npz,
texts.npz and records.npz, which hold no tensors; mixed.npz, with such beside tensors; bfloat16.npz; and
tree/, nested folders of arrays.
"""

import json
import sys
from pathlib import Path

import ml_dtypes
import numpy as np

TYPES = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16",
         ">f4", ">i8", ">c16"]


def array(code, shape, seed):
    dtype = np.dtype(code)
    count = int(np.prod(shape))
    if code == "?":
        return (np.arange(count) % 2 == 0).reshape(shape)
    raw = (np.arange(count * dtype.itemsize) * 37 + seed).astype(np.uint8)
    return raw.view(dtype).reshape(shape)


def main():
    folder = Path(sys.argv[1])
    arrays = {}
    for number, code in enumerate(TYPES):
        name = code.replace(">", "big")
        for label, shape in (("scalar", ()), ("odd", (7,)), ("grid", (2, 3)), ("empty", (0, 4))):
            arrays[f"{name}/{label}"] = array(code, shape, number)
        arrays[f"{name}.fortran"] = np.asfortranarray(array(code, (2, 3, 4), number))
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "deflated.npz", **arrays)
    np.savez(folder / "objects.npz", a=np.array([{}, 1], dtype=object))
    np.savez(folder / "texts.npz", a=np.array(["x", "yz"]))
    np.savez(folder / "records.npz", a=np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]))
    np.savez(folder / "mixed.npz", w=np.arange(3, dtype="<f4"), text=np.array("resnet"),
             objects=np.array([{}, 1], dtype=object), days=np.array(["2020-01-01"], "M8[D]"),
             records=np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]), last=np.ones((2, 2)))
    np.savez(folder / "bfloat16.npz", a=np.array([1, 2], dtype=ml_dtypes.bfloat16))
    np.savez(folder / "empty.npz")
    for name in ("conv1/weight", "conv1/bias", "bn.running_mean"):
        path = folder / "tree" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.full(3, len(name), dtype=np.float32))
    print(json.dumps({
        name: {"dtype": value.dtype.newbyteorder("<").str, "shape": list(value.shape),
               "hex": value.astype(value.dtype.newbyteorder("<"), order="C").tobytes().hex()}
        for name, value in arrays.items()}))


main()
