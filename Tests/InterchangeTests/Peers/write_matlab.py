"""Writes MAT-files of version 7.3 and files as JLD2's, and prints as JSON what is in them.

    python write_matlab.py FOLDER

For each file the tensors by the keys that Ballast should give them, each with its type, its shape as MATLAB or
Julia shows it, and its bytes in row-major order in hexadecimal digits. Random numbers are of seed 11. Written
with hdf5storage 0.2.2, h5py 3.16 and NumPy 2.4: `whole.mat` by hdf5storage, and the others by h5py as MATLAB's
documentation has it, for what hdf5storage does not write. JLD2's files follow its source:
a block of 512 bytes, and a superblock of version 2.
"""

import json
import sys
from pathlib import Path

import h5py
import hdf5storage
import numpy as np

folder = Path(sys.argv[1])
rng = np.random.default_rng(11)
found = {}


def expect(file, key, array):
    array = np.asarray(array)
    name = {"complex64": "complex64", "complex128": "complex128"}.get(array.dtype.name, array.dtype.name)
    found.setdefault(file, {})[key] = {
        "dtype": name, "shape": list(array.shape), "hex": np.ascontiguousarray(array).tobytes().hex(),
    }


def whole():
    """What hdf5storage writes for MATLAB, every class of numbers."""
    name = "whole.mat"
    content = {}
    for dtype in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        key = np.dtype(dtype).name
        info = np.iinfo(dtype) if dtype[0] in "iu" else None
        array = (rng.integers(info.min, info.max, (2, 3, 4), dtype, endpoint=True)
                 if info else rng.standard_normal((2, 3, 4)).astype(dtype))
        content[key] = array
        expect(name, key, array)
    content["matrix"] = np.arange(15, dtype=np.float32).reshape(3, 5)
    content["four"] = rng.standard_normal((2, 3, 4, 5)).astype(np.float32)
    content["row"] = np.float64([[1, 2, 3]])
    content["column"] = np.float64([[1], [2], [3]])
    content["scalar"] = np.float64([[2.5]])
    content["truths"] = np.array([[True, False, True], [False, False, True]])
    content["complex64"] = (rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))).astype(np.complex64)
    content["complex128"] = rng.standard_normal((3, 2)) - 1j * rng.standard_normal((3, 2))
    content["empty"] = np.zeros((0, 3), np.float32)
    content["empty_three"] = np.zeros((3, 0, 2), np.int8)
    content["empty_truths"] = np.zeros((0, 2), bool)
    for key in list(content)[10:]:
        expect(name, key, content[key])
    layer = {"weight": rng.standard_normal((4, 3)), "bias": rng.standard_normal((1, 4))}
    inner = {"layer": layer, "rate": np.float64([[0.5]]), "name": "net é 𝄞"}
    content["net"] = inner
    expect(name, "net.layer.weight", layer["weight"])
    expect(name, "net.layer.bias", layer["bias"])
    expect(name, "net.rate", inner["rate"])
    cell = np.empty((1, 3), object)
    cell[0] = [np.float64([[1, 2, 3]]), np.int16([[4], [5]]), np.array([[True]])]
    content["cell"] = cell
    for number in range(3):
        expect(name, f"cell.{number}", cell[0, number])
    mixed = np.empty((2, 2), object)
    mixed[:] = [[np.float32([[1]]), "text"], [np.float32([[2]]), np.zeros((0, 0))]]
    content["mixed"] = mixed
    expect(name, "mixed.0", np.float32([[1]]))
    expect(name, "mixed.1", np.float32([[2]]))
    expect(name, "mixed.3", np.zeros((0, 0)))
    names = np.empty((1, 3), object)
    names[0] = ["cat", "dog", "ünïcode"]
    content["names"] = names
    content["title"] = "héllo"
    hdf5storage.savemat(
        str(folder / name), content, format="7.3", oned_as="row", store_python_metadata=False)


def python():
    """What hdf5storage writes for Python: with the shapes that arrays of NumPy's have."""
    for way in ["row", "column"]:
        name = f"python_{way}.mat"
        content = {
            "vector": rng.standard_normal(5).astype(np.float32), "number": np.float64(2.5),
            "matrix": rng.standard_normal((2, 3)), "truths": np.array([True, False, True]),
            "empty": np.zeros((0, 3), np.float32), "none": np.zeros(0), "one": np.ones(1),
        }
        for key, array in content.items():
            expect(name, key, array)
        content["inner"] = {"bias": np.int32([1, 2, 3]), "name": "é"}
        expect(name, "inner.bias", np.int32([1, 2, 3]))
        hdf5storage.savemat(str(folder / name), content, format="7.3", oned_as=way)


def of_python():
    """What MATLAB has not, which hdf5storage says in attributes of its own."""
    name = "python_types.mat"
    content = {
        "names": np.array(["ab", "cdefg"]), "grid": np.array([["ab", "c"], ["d", "efg"]]),
        "raw": np.array([b"ab", b"cdefg"]), "wide": np.array(["𝄞", "b"]), "no_names": np.zeros(0, "U3"),
        "nobody": np.zeros((0, 2), "U3"), "large": 2**70, "negative": -2**70, "none": None, "dots": Ellipsis,
        "bytes": b"xy", "no_bytes": b"", "text": "é", "no_text": "", "kind": np.dtype("f4"),
        "keys": {1: 2.5}, "byte_keys": {b"k": np.float64(1)}, "pair": (np.float32(1), np.float32(2)),
        "empty_complex": np.zeros((0, 2), np.complex64), "small": 5, "list": ["a", "b"],
    }
    expect(name, "keys.keys.0", np.int64(1))
    expect(name, "keys.values.0", np.float64(2.5))
    expect(name, "byte_keys.k", np.float64(1))
    expect(name, "pair.0", np.float32(1))
    expect(name, "pair.1", np.float32(2))
    expect(name, "empty_complex", content["empty_complex"])
    expect(name, "small", np.int64(5))
    hdf5storage.savemat(str(folder / name), content, format="7.3", oned_as="row")


class Mat:
    """A MAT-file by hand."""

    def __init__(self, name):
        self.name = name
        self.file = h5py.File(folder / name, "w", userblock_size=512)
        self.count = 0

    def numbers(self, place, array, key=None, matlab_class=None, where=None, **options):
        where = where or self.file
        array = np.asarray(array)
        stored = array.T
        if array.dtype == bool:
            stored = stored.astype(np.uint8)
        if array.dtype.kind == "c":
            part = np.dtype(f"f{array.dtype.itemsize // 2}")
            stored = np.ascontiguousarray(stored).view([("real", part), ("imag", part)])
        dataset = where.create_dataset(place, data=stored, **options)
        kinds = {"bool": "logical", "float32": "single", "float64": "double", "complex64": "single",
                 "complex128": "double"}
        self.mark(dataset, matlab_class or kinds.get(array.dtype.name, array.dtype.name))
        if array.dtype == bool:
            dataset.attrs["MATLAB_int_decode"] = np.int32(1)
        if key:
            expect(self.name, key, array)
        return dataset

    def mark(self, item, name):
        item.attrs.create("MATLAB_class", np.bytes_(name))

    def fields(self, group, names):
        letters = [np.array([c.encode() for c in name], "S1") for name in names]
        array = np.empty(len(letters), object)
        array[:] = letters
        group.attrs.create("MATLAB_fields", array, dtype=h5py.vlen_dtype(np.dtype("S1")))

    def references(self, name, items, shape, matlab_class=None, where=None):
        dataset = (where or self.file).create_dataset(name, shape, h5py.ref_dtype)
        dataset[...] = np.array([item.ref for item in items], dtype=h5py.ref_dtype).reshape(shape)
        if matlab_class:
            self.mark(dataset, matlab_class)
        return dataset

    def element(self):
        self.count += 1
        return f"#refs#/e{self.count}"

    def text(self, place, text, rows=1, where=None):
        units = np.frombuffer("".join(text if rows > 1 else [text]).encode("utf-16-le"), np.uint16)
        stored = units.reshape(rows, -1).T if rows > 1 else units.reshape(-1, 1)
        dataset = (where or self.file).create_dataset(place, data=stored)
        self.mark(dataset, "char")
        dataset.attrs["MATLAB_int_decode"] = np.int32(2)
        return dataset

    def close(self):
        self.file.close()
        head = "MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Sat Nov 28 21:00:00 2026 HDF5 schema 1.00 ."
        with open(folder / self.name, "r+b") as file:
            file.write(head.encode().ljust(116) + bytes(8) + b"\x00\x02IM")


def by_hand():
    """A network as MatConvNet has it, arrays of structs, compressed and big-endian numbers, and what is lost."""
    mat = Mat("hand.mat")
    net = mat.file.create_group("net")
    mat.mark(net, "struct")
    layers = []
    for number in range(2):
        layer = mat.file.create_group(mat.element())
        mat.mark(layer, "struct")
        weights = [
            mat.numbers(mat.element(), rng.standard_normal((3, 2, 4, 5)).astype(np.float32),
                        f"net.layers.{number}.weights.0"),
            mat.numbers(mat.element(), rng.standard_normal((5, 1)).astype(np.float32),
                        f"net.layers.{number}.weights.1"),
        ]
        mat.references("weights", weights, (2, 1), "cell", layer)
        mat.text("name", f"conv{number}", where=layer)
        layers.append(layer)
    mat.references("layers", layers, (2, 1), "cell", net)
    # MATLAB's order of fields, which is not that of their names.
    ordered = mat.file.create_group("ordered")
    mat.mark(ordered, "struct")
    for name in "zya":
        mat.numbers(name, np.float64([[ord(name)]]), f"ordered.{name}", where=ordered)
    mat.fields(ordered, "zya")
    # An array of structs: each field is a dataset of references without a class.
    several = mat.file.create_group("several")
    mat.mark(several, "struct")
    for field in "wb":
        mat.references(
            field,
            [mat.numbers(mat.element(), rng.standard_normal((2, 2)), f"several.{n}.{field}") for n in range(3)],
            (3, 1), None, several)
    mat.fields(several, "wb")
    mat.numbers("packed", rng.integers(0, 9, (64, 48)).astype(np.float64), "packed",
                chunks=(16, 16), compression="gzip", compression_opts=3)
    big = mat.file.create_dataset("big", data=np.arange(6, dtype=">f8").reshape(2, 3))
    mat.mark(big, "double")
    expect(mat.name, "big", np.arange(6, dtype=np.float64).reshape(2, 3).T)
    mat.text("rows", ["abc", "déf"], rows=2)
    mat.file["again"] = mat.file["packed"]
    expect(mat.name, "again", mat.file["packed"][()].T)
    # What is lost.
    sparse = mat.file.create_group("sparse")
    mat.mark(sparse, "double")
    sparse.attrs["MATLAB_sparse"] = np.uint64(3)
    for name, array in [("data", [1.0, 2.0]), ("ir", [0, 1]), ("jc", [0, 1, 2])]:
        sparse[name] = np.array(array)
    handle = mat.file.create_group("handle")
    mat.mark(handle, "function_handle")
    table = mat.file.create_dataset("table", data=np.array([[3707764736, 2, 1, 1, 1, 1]], np.uint32).T)
    mat.mark(table, "table")
    table.attrs["MATLAB_object_decode"] = np.int32(3)
    mat.file.create_group("#subsystem#")
    mat.file["soft"] = h5py.SoftLink("/packed")
    none = mat.file.create_group("none")
    mat.mark(none, "struct")
    own = mat.file.create_dataset("circle", (1, 1), h5py.ref_dtype)
    own[0, 0] = own.ref
    mat.mark(own, "cell")
    lone = mat.file.create_dataset("lone", data=np.array([[0xD800]], np.uint16))
    mat.mark(lone, "char")
    odd = mat.numbers("odd", np.float32([[1]]), "odd")
    odd.attrs["note"] = 1
    mat.close()


def sizes():
    """Cells and arrays of structs of several rows and columns, and what is empty."""
    mat = Mat("sizes.mat")
    mat.references("texts", [mat.text(mat.element(), f"t{n}") for n in range(6)], (3, 2), "cell")
    group = mat.file.create_group("structs")
    mat.mark(group, "struct")
    for field in "ab":
        mat.references(
            field, [mat.numbers(mat.element(), np.float64([[n]]), f"structs.{n}.{field}") for n in range(4)],
            (2, 2), None, group)
    for name, kind, size in [("no_text", "char", [0, 0]), ("no_texts", "char", [0, 3]), ("no_cell", "cell", [0, 0]),
                             ("no_cells", "cell", [0, 3])]:
        mat.file[name] = np.uint64(size)
        mat.mark(mat.file[name], kind)
        mat.file[name].attrs["MATLAB_empty"] = np.uint8(1)
    # A cell of which an element was never set, and one without a class.
    element = mat.numbers(mat.element(), np.float64([[1, 2]]), "partly.0")
    partly = mat.references("partly", [element, element], (2, 1), "cell")
    partly[1, 0] = h5py.Reference()
    mat.file["bare"] = np.arange(6, dtype=np.float32).reshape(3, 2)
    expect(mat.name, "bare", mat.file["bare"][()].T)
    mat.close()


def without_header():
    """What a tool leaves that copies HDF5 content and not the block before it."""
    with h5py.File(folder / "late.mat", "w") as file:
        for number in range(40):
            file[f"a{number}"] = np.float32([[number, 1]])
            expect("late.mat", f"a{number}", np.float32([[number], [1]]))
        file["z"] = np.arange(6, dtype=np.float32).reshape(3, 2)
        file["z"].attrs.create("MATLAB_class", np.bytes_("single"))
    expect("late.mat", "z", np.arange(6, dtype=np.float32).reshape(3, 2).T)
    with h5py.File(folder / "bare.mat", "w") as file:
        file["weight"] = np.arange(6, dtype=np.float32).reshape(3, 2)
        file["weight"].attrs.create("MATLAB_class", np.bytes_("single"))
    expect("bare.mat", "weight", np.arange(6, dtype=np.float32).reshape(3, 2).T)
    # What nothing but its name says to be of MATLAB is as it is stored.
    with h5py.File(folder / "plain.mat", "w") as file:
        file["weight"] = np.arange(6, dtype=np.float32).reshape(3, 2)
    expect("plain.mat", "weight", np.arange(6, dtype=np.float32).reshape(3, 2))


def jld2():
    name = "julia.jld2"
    with h5py.File(folder / name, "w", libver=("v108", "v108"), userblock_size=512) as file:
        for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
            array = rng.integers(0, 99, (2, 3, 4)).astype(dtype)
            file[array.dtype.name] = array.T
            expect(name, array.dtype.name, array)
        file["layers/1/weight"] = np.arange(6, dtype=np.float32).reshape(3, 2)
        expect(name, "layers.1.weight", np.arange(6, dtype=np.float32).reshape(3, 2).T)
        file["vector"] = np.float64([1, 2, 3])
        expect(name, "vector", np.float64([1, 2, 3]))
        file["number"] = np.int64(7)
        expect(name, "number", np.int64(7))
        # Bool is a bitfield of a byte.
        truths = np.array([[True, False], [False, True], [True, True]])
        space = h5py.h5s.create_simple((2, 3))
        dataset = h5py.h5d.create(file.id, b"truths", h5py.h5t.STD_B8LE, space)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(truths.T.view(np.uint8)),
                      h5py.h5t.STD_B8LE)
        expect(name, "truths", truths)
        # Records are of types that lie in a group of their own.
        types = file.create_group("_types")
        pair = np.dtype([("re", "f4"), ("im", "f4")])
        types["00000001"] = pair
        numbers = np.array([[1 + 2j, 3 - 4j, 5j]], np.complex64)
        file.create_dataset("complex", data=np.ascontiguousarray(numbers.T).view(pair), dtype=types["00000001"])
        expect(name, "complex", numbers)
        record = np.dtype([("a", "f4"), ("b", "i8")])
        types["00000002"] = record
        file.create_dataset("record", data=np.zeros((), record), dtype=types["00000002"])
        empty = h5py.h5d.create(file.id, b"empty", h5py.h5t.IEEE_F32LE, h5py.h5s.create(h5py.h5s.NULL))
        h5py.Dataset(empty).attrs["dimensions"] = np.int64([3, 0])
        expect(name, "empty", np.zeros((0, 3), np.float32))
        file["text"] = "jülia"
    with open(folder / name, "r+b") as file:
        file.write(b"HDF5-based Julia Data Format, version 0.1.1\x00 (Julia 1.10.5 64-bit LE)\x00")


whole()
python()
of_python()
by_hand()
sizes()
without_header()
jld2()
print(json.dumps(found))
