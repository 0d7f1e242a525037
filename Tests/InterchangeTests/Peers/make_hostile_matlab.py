"""Makes MAT-files, and files as Octave's and JLD2's, that lead in circles, claim more than they hold, or contradict
themselves.

    python make_hostile_matlab.py FOLDER

Prints JSON: for each file its name, its path, and the sort of error with which it must be refused; null for one that
may be read as well, with what is wrong told. Made with h5py 3.16; then bytes of some are changed, by a seed.
"""

import json
import random
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np

folder = Path(sys.argv[1])
cases = []
HEADS = {
    ".mat": b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: ".ljust(124) + b"\x00\x02IM",
    ".jld2": b"HDF5-based Julia Data Format, version 0.1.1\x00", ".h5": b"",
}


def case(name, data, error=None, ending=".mat"):
    path = folder / f"{len(cases):03}{ending}"
    path.write_bytes(data)
    cases.append({"name": name, "path": str(path), "error": error})


def made(fill, ending=".mat"):
    path = folder / "scratch"
    with h5py.File(path, "w", userblock_size=512 if HEADS[ending] else 0) as file:
        fill(file)
    data = bytearray(path.read_bytes())
    data[:len(HEADS[ending])] = HEADS[ending]
    path.unlink()
    return bytes(data)


def put(file, name, data, kind, **attributes):
    file[name] = data
    file[name].attrs["MATLAB_class"] = np.bytes_(kind)
    for key, value in attributes.items():
        file[name].attrs[f"MATLAB_{key}"] = value
    return file[name]


def cell(file, name, items, shape=None):
    dataset = file.create_dataset(name, shape or (len(items), 1), h5py.ref_dtype)
    dataset[...] = np.array([item.ref for item in items], h5py.ref_dtype).reshape(dataset.shape)
    dataset.attrs["MATLAB_class"] = np.bytes_("cell")
    return dataset


def good(file):
    put(file, "w", np.arange(24, dtype=np.float32).reshape(4, 3, 2), "single")
    put(file, "empty", np.uint64([0, 3]), "double", empty=np.uint8(1))
    put(file, "text", np.frombuffer("héllo".encode("utf-16-le"), np.uint16).reshape(-1, 1), "char")
    put(file, "truths", np.uint8([[1, 0]]), "logical", int_decode=np.int32(1))
    group = file.create_group("s")
    group.attrs["MATLAB_class"] = np.bytes_("struct")
    cell(file, "c", [put(file, "#refs#/a", np.float64([[1]]), "double")])
    file["s"]["x"] = np.float64([[1, 2]])


# Empty arrays whose size is none, or not empty at all.
for number, size in enumerate([[2, 3], [2**63, 0], [2**64 - 1, 1], [], [[0, 3]]]):
    data = np.array(size, np.uint64)
    case(f"size {size}", made(lambda file: put(file, "e", data, "double", empty=np.uint8(1))),
         None if size == [[0, 3]] else "damaged")
case("size of floats", made(lambda file: put(file, "e", np.float64([0, 3]), "double", empty=np.uint8(1))), "damaged")
case("size of 2^62", made(lambda file: put(file, "e", np.uint64([2**62, 0, 2**62]), "double", empty=np.uint8(1))))
case("letters of an empty text", made(lambda file: put(
    file, "t", np.uint16([[104], [105]]), "char", empty=np.uint8(1))), "damaged")
case("lengths of a text", made(lambda file: put(file, "t", np.uint64([2, 3]), "char", empty=np.uint8(1))), "damaged")
case("an empty cell of something", made(lambda file: cell(
    file, "c", [put(file, "#refs#/a", np.float64([[1]]), "double")]).attrs.create("MATLAB_empty", np.uint8(1))),
     "damaged")
case("many sizes", made(lambda file: put(file, "e", np.zeros(500, np.uint64), "double", empty=np.uint8(1))))
case("a million sizes", made(lambda file: put(file, "e", np.zeros(10**6, np.uint64), "double", empty=np.uint8(1))),
     "damaged")

# Classes that the data contradict.
case("truth of 2", made(lambda file: put(file, "t", np.uint8([[0, 2]]), "logical")), "damaged")
case("truth of floats", made(lambda file: put(file, "t", np.float32([[0, 2]]), "logical")), "refused")
case("cell of numbers", made(lambda file: put(file, "c", np.float64([[1]]), "cell")), "damaged")
case("text of floats", made(lambda file: put(file, "t", np.float64([[104]]), "char")))
case("text of three dimensions", made(lambda file: put(file, "t", np.zeros((2, 2, 2), np.uint16), "char")))
case("text of surrogates", made(lambda file: put(file, "t", np.uint16([[0xDC00], [0xD800]]), "char")))
case("single that is double", made(lambda file: put(file, "t", np.float64([[1]]), "single")))
case("class of 60 KB", made(lambda file: put(file, "t", np.float64([[1]]), "x" * 60000)), "refused")
case("class that is a number", made(lambda file: (put(file, "t", np.float64([[1]]), "double"),
                                                  file["t"].attrs.create("MATLAB_class", 5))))
case("fields that are numbers", made(lambda file: (good(file), file["s"].attrs.create("MATLAB_fields", [1, 2]))))
case("key of bytes", made(lambda file: (good(file), file["w"].attrs.create("ballast_key", np.bytes_(b"\xff\xfe")))))
case("shape of 2^63", made(lambda file: (good(file), file["w"].attrs.create("ballast_dtype", np.bytes_(b"float16")),
                                         file["w"].attrs.create("ballast_shape", np.int64([2**62, 2**62])))))
case("negative shape", made(lambda file: (good(file), file["w"].attrs.create("ballast_dtype", np.bytes_(b"float16")),
                                          file["w"].attrs.create("ballast_shape", np.int64([-2, 3, 4])))))
case("outline that is none", made(lambda file: (good(file), file.attrs.create("ballast_outline", "{"))), "damaged")
case("outline of a number", made(lambda file: (good(file), file.attrs.create("ballast_outline", 5))), "damaged")
case("checksums that are none", made(lambda file: (good(file), file.attrs.create("ballast_crc32", "[]"))), "damaged")
case("two of one key", made(lambda file: (good(file), put(file, "v", np.float32([[1]]), "single"),
                                          file["w"].attrs.create("ballast_key", np.bytes_(b"k")),
                                          file["v"].attrs.create("ballast_key", np.bytes_(b"k")))))


# Cells that lead on without end.
def circle(file):
    first = cell(file, "a", [file["/"]])
    second = cell(file, "b", [first])
    first[0, 0] = second.ref
    put(file, "w", np.float32([[1]]), "single")


def laughs(file):
    last = put(file, "#refs#/last", np.float64([[1]]), "double")
    for level in range(24):
        last = cell(file, f"#refs#/l{level}", [last] * 4)
    cell(file, "bomb", [last])


def chain(file):
    last = put(file, "#refs#/last", np.float64([[1]]), "double")
    for level in range(400):
        last = cell(file, f"#refs#/l{level}", [last])
    cell(file, "deep", [last])


def structs(file):
    group = file
    for _ in range(400):
        group = group.create_group("s")
        group.attrs["MATLAB_class"] = np.bytes_("struct")
    group["x"] = np.float64([[1]])


def itself(file):
    group = file.create_group("s")
    group.attrs["MATLAB_class"] = np.bytes_("struct")
    group["s"] = group
    put(file, "w", np.float32([[1]]), "single")


case("cells in a circle", made(circle))
case("cells of cells, 4^24", made(laughs), "refused")
case("400 cells within each other", made(chain), "refused")
case("400 structs within each other", made(structs), "refused")
case("a struct that contains itself", made(itself))
case("a cell of the root", made(lambda file: (cell(file, "c", [file["/"]]),
                                              put(file, "w", np.float32([[1]]), "single"))))
bytes_of_cell = made(lambda file: cell(file, "c", [put(file, "#refs#/a", np.float64([[1]]), "double")]))
path = folder / "scratch"
path.write_bytes(bytes_of_cell)
with h5py.File(path) as file:
    place = file["c"].id.get_offset()
path.unlink()
for address in [0, 1, 7, 512, 2**32, 2**62, 2**64 - 1]:
    data = bytearray(bytes_of_cell)
    data[place:place + 8] = address.to_bytes(8, "little")
    # A reference of zeros is one to nothing.
    case(f"a cell of {address}", bytes(data), "damaged" if address else "refused")

# One thing by many names: what is done for it is done once, or counted.


def by_names(file, item, count):
    for number in range(count):
        file[f"n{number}"] = item
    return item


def keyed(file):
    item = put(file, "#refs#/a", np.float64([[1]]), "double")
    for name, value in [("key", b"k"), ("path", b"c.0"), ("dtype", b"float64")]:
        item.attrs[f"ballast_{name}"] = np.bytes_(value)
    item.attrs["ballast_shape"] = np.int64([1, 1])
    cell(file, "c", [item] * 8000)


def compositions(file):
    """32,768 ways to one tensor, whose names joined by points are the same."""
    last = 16
    groups = [file, *(file.create_group(f"#refs#/g{number}") for number in range(1, last))]
    groups.append(put(file, "#refs#/w", np.float64([[1]]), "double"))
    for first in range(last):
        for second in range(first + 1, last + 1):
            groups[first][".".join("x" * (second - first))] = groups[second]


def soft(file):
    group = file.create_group("s")
    for number in range(3000):
        group[f"l{number}"] = h5py.SoftLink("/w")
    by_names(file, group, 3000)


def texts(file, **options):
    file.create_dataset("#refs#/t", data=np.full((1 << 20, 1), 97, np.uint16), **options)
    mark = file["#refs#/t"].attrs
    mark["MATLAB_class"] = np.bytes_("char")
    cell(file, "c", [file["#refs#/t"]] * 20000)


def long_names(file):
    group = file.create_group("s" * 60000)
    item = put(file, "#refs#/a", np.float64([[1]]), "double")
    by_names(group, item, 3000)


def attributes(file):
    item = put(file, "w", np.float64([[1]]), "double")
    for number in range(700):
        item.attrs[f"attribute{number}"] = number
    by_names(file, item, 10000)


case("8,000 times a tensor of Ballast's", made(keyed))
case("32,768 tensors of one name", made(compositions))
case("3,000 times 3,000 links", made(soft), "refused")
case("20,000 times a text", made(texts), "refused")
case("20,000 times a compressed text", made(lambda file: texts(file, compression="gzip")), "refused")
case("names of 60 KB", made(long_names), "refused")
case("10,000 times 700 attributes", made(attributes), "refused")
case("10,000 times truths", made(lambda file: by_names(
    file, put(file, "t", np.ones((2048, 1024), np.uint8), "logical"), 10000)))

# Numbers that are not there.


def bomb(file):
    """A gigabyte of zeros, in chunks of 4 MiB that take 4 KiB."""
    dataset = file.create_dataset("w", (2**8, 2**19), "f8", chunks=(1, 2**19), compression="gzip")
    dataset.attrs["MATLAB_class"] = np.bytes_("double")
    packed = zlib.compress(bytes(2**22))
    for row in range(2**8):
        dataset.id.write_direct_chunk((row, 0), packed)


case("2^50 bytes", made(lambda file: file.create_dataset("w", (2**20, 2**27), "f8").attrs.create(
    "MATLAB_class", np.bytes_("double"))), "refused")
case("chunks of nothing", made(lambda file: file.create_dataset(
    "w", (2**16, 2**14), "f8", chunks=(2**8, 2**8), compression="gzip").attrs.create(
        "MATLAB_class", np.bytes_("double"))))
case("a bomb", made(bomb), "refused")
case("external", made(lambda file: file.create_dataset("w", (2, 2), "f8", external=[("/etc/passwd", 0, 32)])),
     "refused")
case("external link", made(lambda file: file.__setitem__("w", h5py.ExternalLink("/etc/passwd", "/"))), "refused")
case("no content", HEADS[".mat"].ljust(512, b"\0"), "damaged")
case("the text alone", HEADS[".mat"][:20], "damaged")

# Octave's.


def variable(file, name, kind, value=None, **attributes):
    group = file.create_group(name)
    group.attrs["OCTAVE_NEW_FORMAT"] = np.uint8(1)
    for key, item in attributes.items():
        group.attrs[key] = item
    group.create_dataset("type", data=np.bytes_(kind))
    if value is not None:
        group["value"] = value
    return group


EMPTY = {"OCTAVE_EMPTY_MATRIX": np.uint8(1)}
for name, fill, error in [
    ("no value", lambda file: variable(file, "a", "matrix"), "refused"),
    ("unknown type", lambda file: variable(file, "a", "zebra matrix", np.float64([[1]])), "refused"),
    ("type of 60 KB", lambda file: variable(file, "a", "x" * 60000, np.float64([[1]])), "damaged"),
    ("matrix of a text", lambda file: variable(file, "a", "matrix", np.bytes_("abc")), "refused"),
    ("ints of halves", lambda file: variable(file, "a", "int8 matrix", np.float64([[1.5]])), "damaged"),
    ("truth of 3", lambda file: variable(file, "a", "bool matrix", np.uint8([[3]])), "damaged"),
    ("size that is not empty", lambda file: variable(file, "a", "matrix", np.int64([2, 2]), **EMPTY), "damaged"),
    ("negative size", lambda file: variable(file, "a", "matrix", np.int64([-1, 0]), **EMPTY), "damaged"),
    ("text that is no UTF-8", lambda file: variable(file, "a", "string", np.uint8([[255], [254]])), None),
    ("type that is a group", lambda file: (file.create_group("a/type"), file["a"].attrs.create(
        "OCTAVE_NEW_FORMAT", np.uint8(1))), "refused"),
    ("cell that is itself", lambda file: variable(file, "a", "cell").__setitem__("value", file["/"]), "refused"),
]:
    case(f"Octave: {name}", made(fill, ".h5"), error, ".h5")

def no_elements(file):
    members = variable(file, "a", "cell").create_group("value")
    for number in range(2000):
        members[f"x{number}"] = file["a/type"]
    by_names(file, file["a"], 2000)


def no_fields(file):
    members = variable(file, "a", "struct").create_group("value")
    for number in range(2000):
        members[f"x{number}"] = file["a/type"]
    by_names(file, file["a"], 2000)


case("Octave: 2,000 times what is no element", made(no_elements, ".h5"), "refused", ".h5")
case("Octave: 2,000 times what is no field", made(no_fields, ".h5"), "refused", ".h5")
case("Octave: 10,000 times truths", made(lambda file: by_names(
    file, variable(file, "a", "bool matrix", np.ones((1100, 1000))), 10000), ".h5"), None, ".h5")

# JLD2's.
case("JLD2: a circle", made(lambda file: file.__setitem__("g", file["/"]), ".jld2"), "refused", ".jld2")
case("JLD2: no content", HEADS[".jld2"].ljust(512, b"\0"), "damaged", ".jld2")

# Cut short, and with bytes that are others.
whole = made(good)
for end in range(512, len(whole), 512):
    case(f"cut at {end}", whole[:end], "damaged")
rng = random.Random(5)
for number in range(120):
    data = bytearray(whole)
    for _ in range(rng.choice([1, 1, 2, 4])):
        data[rng.randrange(512, len(data))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
    case(f"changed {number}", bytes(data))
print(json.dumps(cases))
