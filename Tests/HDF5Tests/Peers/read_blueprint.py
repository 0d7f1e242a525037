"""Checks with h5py what BlueprintPeerTests.swift wrote: read_blueprint.py FILE TEXTS.

Prints the number of datasets under /types.
"""

import json
import sys

import h5py
import numpy as np

with open(sys.argv[2]) as stream:
    texts = json.load(stream)

TYPES = {
    **{f"{kind}{size}": f"<{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)},
    **{f"big_{kind}{size}": f">{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)},
    **{f"f{size}": f"<f{size}" for size in (2, 4, 8)},
    **{f"big_f{size}": f">f{size}" for size in (2, 4, 8)},
    "c8": "<c8",
    "c16": "<c16",
    "text": "S5",
    "spaces": "S4",
    "opaque": "V2",
    "colour": "u1",
    "record": np.dtype(
        {
            "names": ["a name of some length", "b", "c"],
            "formats": ["<u8", "u1", "<f4"],
            "offsets": [0, 8, 9],
            "itemsize": 13,
        }
    ),
}
# h5py gives them as other types, or not at all: their elements are looked at as HDF5 has them.
OPAQUE = {"bf": 2, "f1": 1, "bool": 1, "c4": 4, "tagged": 3}


def stored(size, count):
    return bytes(n % 50 for n in range(size * 6))[: size * count]


def raw(source, size, count):
    """The bytes of a dataset or attribute, which are not converted."""
    buffer = np.zeros(size * count, "u1")
    kind = source.get_type()
    if isinstance(source, h5py.h5a.AttrID):
        source.read(buffer, mtype=kind)
    else:
        source.read(h5py.h5s.ALL, h5py.h5s.ALL, buffer, mtype=kind)
    return buffer.tobytes()


with h5py.File(sys.argv[1]) as f:
    types = f["types"]
    names = sorted(name for name in types if " " not in name)
    assert names == sorted([*TYPES, *OPAQUE]), names
    for name in names:
        dataset = types[name]
        size = dataset.id.get_type().get_size()
        if name in TYPES:
            dtype = np.dtype(TYPES[name])
            assert size == dtype.itemsize, name
            expected = np.frombuffer(stored(size, 6), dtype)
            for found, shape in [
                (dataset[...], (2, 3)),
                (dataset.attrs["grid"], (3, 2)),
                (types[f"{name} inside"][...], (6,)),
            ]:
                assert found.dtype == dtype, (name, found.dtype)
                assert np.asarray(found).tobytes() == expected.tobytes(), name
                assert found.shape == shape, name
            # NumPy gives a scalar in the machine's order of bytes.
            scalar = np.asarray(types[f"{name} scalar"][()], dtype)
            assert scalar.tobytes() == expected[:1].tobytes(), name
        else:
            assert size == OPAQUE[name], name
            assert dataset.shape == (2, 3)
            for source in (dataset.id, h5py.h5a.open(dataset.id, b"grid"), types[f"{name} inside"].id):
                assert raw(source, size, 6) == stored(size, 6), name
            assert raw(types[f"{name} scalar"].id, size, 1) == stored(size, 1), name
        assert h5py.h5a.open(dataset.id, b"scalar").shape == ()
        assert h5py.h5a.open(dataset.id, b"empty").shape == (0,)
        assert dataset.attrs.get_id("null").get_space().get_simple_extent_type() == h5py.h5s.NULL
        assert types[f"{name} empty"].shape == (3, 0) and types[f"{name} empty"].id.get_offset() is None
        assert types[f"{name} null"].shape is None
    assert types["bool"][0].tolist() == [False, True, True]
    assert types["tagged"].id.get_type().get_tag() == b"NUMPY:tag"
    assert h5py.check_enum_dtype(types["colour"].dtype) == {"RED": 0, "BLUE": 2}
    assert h5py.check_string_dtype(types["text"].dtype).encoding == "utf-8"
    assert f["tie"] == types["i1"]

    for count in (0, 1, 2, 9, 300, 5000):
        group = f[f"groups/{count}"]
        assert sorted(group) == sorted(f"member {n}" for n in range(count)), count

    attributes = f["texts"].attrs
    for number, text in enumerate(texts[:20]):
        assert attributes[str(number)] == text, number
    assert attributes["none"].shape == (0,)
    found = []
    for start in range(0, len(texts), 3000):
        found += list(attributes[f"from {start}"])
    assert found == texts
    assert types["i1"].attrs["text grid"].tolist() == [["a", "b", "c"], ["d", "e", "f"]]
    for number in range(20):
        expected = np.full(1000, bytes([65 + number]) * 64)
        assert np.array_equal(f["large"].attrs[f"fixed{number}"], expected), number

    for name, options in {
        "plain": (None, False, False),
        "shuffle": (None, True, False),
        "deflate": ("gzip", False, False),
        "both": ("gzip", True, False),
        "checked": (None, False, True),
        "all": ("gzip", True, True),
    }.items():
        dataset = f["chunks"][name]
        assert (dataset.compression, dataset.shuffle, dataset.fletcher32) == options, name
        assert dataset.chunks == (2, 4)
        assert np.array_equal(dataset[...], np.arange(35).reshape(5, 7)), name
    assert f["chunks/empty"].shape == (0, 7)
    print(f"{len(types)} datasets")
