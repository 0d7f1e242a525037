"""Writes files of several formats, and what NumPy's slices of their arrays are.

    python make_slices.py FIXTURES FOLDER

FIXTURES is the folder of `make_distributed.py`'s files: what is in these was told by PyTorch, in `expected.json`
there. Writes `slices.json` into FOLDER, a list of the file, the key, the ranges, and of what NumPy takes so the
type, the shape and the bytes in hexadecimal digits. Written with numpy 2.4, h5py 3.16, safetensors 0.8 and torch
2.13.0.
"""

import json
import pathlib
import sys

import h5py
import numpy as np
import torch
from safetensors.numpy import save_file

FIXTURES, OUT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
GENERATOR = np.random.default_rng(20261130)
FOUND = []
RANGES = {
    0: [[]],
    1: [[], [[0, 1]], [[2, None]], [[1, 1]]],
    2: [[], [[1, 3]], [[0, 2], [1, None]], [[None, None], [2, 3]], [[2, None], [0, 0]]],
    3: [[], [[0, 1]], [[1, None], [0, 2], [1, 3]], [[0, 2], [1, 2], [None, None]]],
    4: [[], [[1, 3], [0, 2]], [[2, 4], [None, None], [1, 2], [0, 1]]],
}


def expect(path, key, array, dtype=None):
    for ranges in RANGES[array.ndim]:
        part = array[tuple(slice(start, end) for start, end in ranges)]
        FOUND.append({
            "path": str(path), "key": key, "dtype": dtype or part.dtype.newbyteorder("=").name,
            # What NumPy cuts off at the end of an axis is not asked for here.
            "ranges": [[first, max(first, last)] for (first, last, _) in (
                slice(start, end).indices(length) for (start, end), length in zip(ranges, array.shape))],
            "shape": part.shape, "hex": np.ascontiguousarray(part).astype(
                part.dtype.newbyteorder("<"), copy=False).tobytes().hex()})


def numbers(*shape, dtype="float32"):
    return GENERATOR.integers(-100, 100, shape).astype(dtype)


ARRAYS = {"line": numbers(7, dtype="int16"), "rows": numbers(23, 300), "cube": numbers(5, 6, 7, dtype="float64"),
          "one": numbers()}


def hdf5():
    options = {"contiguous": {}, "chunked": {"chunks": True},
               "packed": {"chunks": True, "compression": "gzip", "shuffle": True}}
    with h5py.File(OUT / "arrays.h5", "w") as file:
        for name, how in options.items():
            for key, array in ARRAYS.items():
                if array.ndim == 0 and how:
                    continue
                how = dict(how)
                if how:
                    how["chunks"] = tuple(max(length // 2, 1) for length in array.shape)
                file.create_dataset(f"{name}_{key}", data=array, **how)
                expect(OUT / "arrays.h5", f"{name}_{key}", array)
        file["turned"] = ARRAYS["rows"].astype(">f4")
        expect(OUT / "arrays.h5", "turned", ARRAYS["rows"])


def others():
    save_file(ARRAYS, OUT / "arrays.safetensors")
    np.savez(OUT / "arrays.npz", fortran=np.asfortranarray(ARRAYS["cube"]), **ARRAYS)
    tensors = {key: torch.from_numpy(np.array(array)) for key, array in ARRAYS.items()}
    whole = torch.from_numpy(numbers(40, 50))
    tensors |= {"whole": whole, "turned": whole.t(), "view": whole[3:20:2, 5:30], "repeated": whole[1].expand(6, 50)}
    torch.save(tensors, OUT / "arrays.pth")
    for key, array in ARRAYS.items():
        for name in ("arrays.safetensors", "arrays.npz"):
            expect(OUT / name, key, array)
    expect(OUT / "arrays.npz", "fortran", ARRAYS["cube"])
    for key, tensor in tensors.items():
        expect(OUT / "arrays.pth", key, tensor.numpy())


def large():
    """Tensors that are large enough to stay in their files; small ones are copied when a file is opened."""
    rows = numbers(400, 500)
    with h5py.File(OUT / "large.h5", "w") as file:
        file["rows"] = rows
        file.create_dataset("packed", data=rows, compression="gzip")
        file["turned"] = rows.astype(">f4")
    save_file({"rows": rows}, OUT / "large.safetensors")
    torch.save({"turned": torch.from_numpy(rows).t()}, OUT / "large.pth")


def distributed():
    """Tensors that several processes wrote, which PyTorch put together."""
    known = json.loads((FIXTURES / "expected.json").read_text())
    for folder, path in (("placed", "placed"), ("mesh", "mesh"), ("strided", "strided"),
                         ("pieces", "pieces/shard-00001-model-00001-of-00001.safetensors")):
        for key, tensor in known[folder].items():
            if "hex" in tensor:
                # NumPy has no bfloat16, of which only the places count.
                dtype = "int16" if tensor["dtype"] == "bfloat16" else tensor["dtype"]
                array = np.frombuffer(bytes.fromhex(tensor["hex"]), dtype).reshape(tensor["shape"])
                expect(FIXTURES / path, key, array, tensor["dtype"])


hdf5()
others()
large()
distributed()
(OUT / "slices.json").write_text(json.dumps(FOUND))
