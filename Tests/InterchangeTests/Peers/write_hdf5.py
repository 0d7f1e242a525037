"""Writes HDF5 files of every kind with h5py, and prints the tensors of two as JSON.

    python write_hdf5.py FOLDER

Writes all.h5, with datasets of every type and layout, ties, texts and attributes; and files that are
refused: bomb.h5, deep.h5, huge.h5; and partial.h5, with objects of which some are not read.
"""

import ctypes
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
        patchy = file.create_dataset("layouts/patchy", wide.shape, "f4", chunks=(16, 10),
                                     compression="gzip", fillvalue=2.5)
        patchy[20:23, 12:14] = 7
        arrays["layouts/patchy"] = patchy[...].astype("<f4")
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


def leave_partial_chunks(properties):
    """Leaves chunks beyond the edge unfiltered, for which h5py has no function: its libhdf5 is asked."""
    with open("/proc/self/maps") as maps:
        path = next(path for path in (line.split()[-1] for line in maps)
                    if Path(path).name.startswith("libhdf5") and "_hl" not in Path(path).name)
    set_chunk_opts = ctypes.CDLL(path).H5Pset_chunk_opts
    set_chunk_opts.argtypes = [ctypes.c_int64, ctypes.c_uint]
    # H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS
    if set_chunk_opts(properties.id, 2) != 0:
        raise RuntimeError("H5Pset_chunk_opts failed")


def write_partial(path):
    """Objects that are not read, beside others that are; the tensors of the latter."""
    rows = (np.arange(26 * 13, dtype="<f4").reshape(26, 13) / 7).round(2)
    counts = (np.arange(100, dtype="<i4") * 3 - 40)
    pairs = np.arange(12, dtype="<f4").reshape(3, 2, 2)
    waves = (np.arange(4) + 1j * np.arange(4)[::-1]).astype("<c8")
    arrays = {"w": rows}
    with h5py.File(path, "w", libver="latest") as file:
        file["w"] = rows
        file["external"] = h5py.ExternalLink("all.h5", "/tied")
        layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
        layout[:] = h5py.VirtualSource("all.h5", "bn.running_mean", shape=(3,))
        file.create_virtual_dataset("virtual", layout)
        # Much more than the file has, and none of it in the file.
        layout = h5py.VirtualLayout(shape=(1 << 30,), dtype="f4")
        layout[:3] = h5py.VirtualSource("all.h5", "bn.running_mean", shape=(3,))
        file.create_virtual_dataset("large", layout)
        file.create_dataset("outside", (3,), "f4", external=[("all.h5", 0, 12)])
        group = file.create_group("a/b")
        group["up"] = file["a"]
        for name, options in {
            "lzf": {"compression": "lzf"}, "lzf_shuffle": {"compression": "lzf", "shuffle": True},
            "lzf_check": {"compression": "lzf", "fletcher32": True},
        }.items():
            arrays[name] = rows
            file.create_dataset(name, data=rows, chunks=(10, 5), **options)
        for name, data, offset in (
                ("scaled", counts, 0), ("scaled_bits", counts, 9), ("scaled_whole", counts, 32),
                ("scaled_big", counts.astype(">i4"), 0),
                ("scaled_same", np.full(30, 7, "<i8"), 0), ("scaled_decimals", rows, 2),
                ("scaled_doubles", rows.astype("<f8"), 2), ("scaled_bytes", counts.astype("<u1"), 0)):
            file.create_dataset(
                name, data=data, chunks=tuple(7 for _ in data.shape), scaleoffset=offset)
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((10, 5))
        properties.set_shuffle()
        properties.set_deflate(4)
        leave_partial_chunks(properties)
        dataset = h5py.h5d.create(
            file.id, b"partial", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(rows.shape), properties)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, rows)
        arrays["partial"] = rows
        colours = h5py.enum_dtype({"RED": 1, "GREEN": 2}, basetype="<i2")
        file.create_dataset("colours", data=np.array([1, 2, 1], "<i2"), dtype=colours)
        arrays["colours"] = np.array([1, 2, 1], "<i2")
        pair_type = h5py.h5t.array_create(h5py.h5t.IEEE_F32BE, (2, 2))
        dataset = h5py.h5d.create(file.id, b"pairs", pair_type, h5py.h5s.create_simple((3,)))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, pairs, mtype=h5py.h5t.array_create(
            h5py.h5t.IEEE_F32LE, (2, 2)))
        arrays["pairs"] = pairs
        file["waves"] = waves.view([("real", "<f4"), ("imag", "<f4")])
        arrays["waves"] = waves
        file["mixed"] = np.ones(2, [("r", ">f4"), ("i", "<f4")])
        file["g/x.y"] = np.ones(2, "<f4")
        file["g.x/y"] = np.zeros(3, "<f4")
        file["g.x.y"] = np.full(4, 5, "<f4")
        arrays |= {"g/x.y": np.ones(2, "<f4"), "g.x/y": np.zeros(3, "<f4"),
                   "g.x.y": np.full(4, 5, "<f4")}
    # As libhdf5 gives them back from the file: of floats not what was written.
    with h5py.File(path) as file:
        for name in file:
            if name.startswith("scaled"):
                arrays[name] = file[name][...].astype(file[name].dtype.newbyteorder("<"))
    return arrays


def write_refused(folder):
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
        file: {
            name: {"shape": list(value.shape),
                   "hex": value.astype(value.dtype.newbyteorder("<")).tobytes().hex()}
            for name, value in tensors.items()}
        for file, tensors in (("all", arrays), ("partial", write_partial(folder / "partial.h5")))}))


main()
