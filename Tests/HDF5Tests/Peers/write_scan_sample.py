"""Writes with h5py what ScanPeerTests.swift scans: write_scan_sample.py FILE LIBVER."""

import sys

import h5py
import numpy as np

path, libver = sys.argv[1:]
options = {"userblock_size": 1024} if libver == "v108" else {}
with h5py.File(path, "w", libver=libver, **options) as f:
    # Types.
    for name in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
        f[f"numbers/little/{name}"] = np.arange(5, dtype="<" + name)
        f[f"numbers/big/{name}"] = np.arange(5, dtype=">" + name)
    f["bool"] = np.array([True, False, True])
    f["complex"] = np.array([1 + 2j, -3j], dtype="c8")
    f["scalar"] = np.float64(7)
    f["empty"] = h5py.Empty("f4")
    f["nothing"] = np.zeros((0, 3), dtype="i4")
    f["strings"] = ["", "weights", "ünïcödé", "重み 🧠"]
    f["fixed"] = np.array([b"", b"abc", b"abcdef"], dtype="S6")
    f["opaque"] = np.array([b"\x01\x02", b"\x03\x04"], dtype="V2")
    f["enum"] = np.array([2, -1], dtype=h5py.enum_dtype({"RED": -1, "BLUE": 2}, basetype=">i2"))
    nested = np.dtype([("a", "<i4", (2, 3)), ("b", [("c", ">f8"), ("d", "S5")]), ("e", "u1")])
    f["nested"] = np.zeros(3, dtype=nested)
    aligned = np.dtype({"names": ["x", "y"], "formats": ["u1", "f8"], "offsets": [3, 16], "itemsize": 300})
    f["aligned"] = np.ones(2, dtype=aligned)
    ragged = f.create_dataset("ragged", (3,), dtype=h5py.vlen_dtype(np.dtype("<i4")))
    ragged[0] = [1, 2, 3]
    ragged[2] = np.arange(3000)
    mixed = np.dtype([("name", h5py.string_dtype()), ("number", "<i2"), ("other", h5py.string_dtype("ascii"))])
    f["mixed"] = np.array([("one", 1, "a"), ("two", 2, "")], dtype=mixed)
    f["references"] = np.array([f["scalar"].ref, f["numbers"].ref], dtype=h5py.ref_dtype)
    f.create_dataset("region", data=f["fixed"].regionref[0:2], dtype=h5py.regionref_dtype)
    f["named type"] = nested
    f["named type"].attrs["about"] = "a type"
    f.create_dataset("of named type", (2,), dtype=f["named type"])

    if hasattr(h5py.h5t, "COMPLEX_IEEE_F32LE") and libver == "latest":
        native = h5py.h5t.COMPLEX_IEEE_F32LE
        h5py.h5d.create(f.id, b"native complex", native, h5py.h5s.create_simple((2,)))

    # Layouts.
    f.create_dataset("filled", (4,), dtype="<f4", fillvalue=2.5)
    f.create_dataset("filled chunks", (4,), dtype="<u2", chunks=(2,), fillvalue=9)
    f.create_dataset("growing fill", (4, 4), maxshape=(None, 8), chunks=(2, 2), dtype="i1", fillvalue=-1)
    space = h5py.h5s.create_simple((10,))
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f.id, b"compact", h5py.h5t.STD_I32LE, space, compact)
    f["compact"][:] = np.arange(10)
    layout = h5py.VirtualLayout(shape=(4,), dtype="i4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", shape=(4,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("outside", (4,), dtype="i4", external=[("outside.raw", 0, 16)])

    # Chunks, with the indexes that newer formats choose.
    rng = np.random.default_rng(1)
    c = f.create_group("chunks")
    noise = rng.integers(0, 9, (40, 50), dtype="u1")
    c.create_dataset("single", data=noise, chunks=(40, 50))
    c.create_dataset("single filtered", data=noise, chunks=(40, 50), compression="gzip")
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_chunk((4, 30))
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    h5py.h5d.create(c.id, b"implicit", h5py.h5t.STD_U8LE, h5py.h5s.create_simple((40, 50)), early)
    room = h5py.h5s.create_simple((40, 50), (60, 80))
    h5py.h5d.create(c.id, b"implicit to grow", h5py.h5t.STD_U8LE, room, early)
    c.create_dataset("fixed", data=noise, chunks=(7, 9))
    c.create_dataset("fixed filtered", data=noise, chunks=(7, 9), compression="gzip", shuffle=True)
    c.create_dataset("fixed to grow", data=noise, chunks=(7, 9), maxshape=(60, 80))
    paged = c.create_dataset("fixed paged", (100, 50), chunks=(1, 1), dtype="u1")
    paged[0, 3] = paged[70, 7] = paged[99, 49] = 1
    c.create_dataset("extensible", data=noise, chunks=(7, 9), maxshape=(None, 50))
    c.create_dataset("extensible across", data=noise + 100, chunks=(7, 9), maxshape=(44, None))
    c.create_dataset("extensible filtered", data=noise, chunks=(3, 9), maxshape=(None, 50),
                     compression="gzip", fletcher32=True)
    c.create_dataset("extensible many", data=noise.reshape(-1), chunks=(1,), maxshape=(None,))
    sparse = c.create_dataset("extensible sparse", (200000,), chunks=(2,), maxshape=(None,), dtype="u1")
    for place in [0, 5, 17, 4000, 70001, 131000, 199999]:
        sparse[place] = 7
    # Some pages of each block, not those of the first.
    paged = c.create_dataset("extensible paged", (400000,), chunks=(2,), maxshape=(None,), dtype="u1")
    for place in rng.integers(0, 400000, 40):
        paged[place] = 7
    c.create_dataset("tree", data=noise, chunks=(7, 9), maxshape=(None, None))
    c.create_dataset("tree deep", data=noise, chunks=(1, 1), maxshape=(None, None))
    c.create_dataset("tree filtered", data=noise, chunks=(3, 4), maxshape=(None, None), compression="gzip")
    c.create_dataset("never written", (100,), chunks=(10,), dtype="f4")
    shrunk = c.create_dataset("shrunk", data=noise, chunks=(7, 9), maxshape=(None, None))
    shrunk.resize((20, 13))

    # Groups.
    for count in [0, 1, 8, 9, 300]:
        g = f.create_group(f"groups/{count}")
        t = f.create_group(f"groups/tracked {count}", track_order=True)
        for number in range(count):
            g.create_group(f"child {number * 7 % count}")
            t.create_group(f"child {number * 7 % count}")
    links = f.create_group("links")
    links["tie"] = f["scalar"]
    links["soft"] = h5py.SoftLink("/numbers/little/i4")
    links["external"] = h5py.ExternalLink("other.h5", "/secret")
    links["loop"] = f["links"]
    links["ü" * 300] = f["scalar"]
    tracked = f.create_group("tracked links", track_order=True)
    for number in range(20):
        tracked[f"soft {number}"] = h5py.SoftLink("x" * number * 20 or "y")
        tracked[f"external {number}"] = h5py.ExternalLink("other.h5", "/secret")
        tracked["long " + "n" * number * 60] = f["scalar"]

    # Attributes.
    def attributes(a, count):
        a["int"] = 5
        a["float"] = np.float32(0.25)
        a["greatest"] = np.array([2**64 - 1, 2**63, 1], dtype="u8")
        a["least"] = np.array([-(2**63), -1], dtype="i8")
        a["flag"] = True
        a["text"] = "ünïcödé"
        a["bytes"] = np.bytes_("fixed")
        a["list"] = np.arange(3, dtype="u2")
        a["names"] = ["a", "", "ccc"]
        a["fixed names"] = np.array([b"a", b"bb"])
        a["schlüssel"] = np.array([1 + 2j])
        a["empty"] = h5py.Empty("f4")
        a["reference"] = f["scalar"].ref
        a.create("typed", np.zeros((), dtype=nested), dtype=f["named type"])
        for number in range(count):
            a[f"number {number}"] = np.arange(number)

    attributes(f["scalar"].attrs, 0)
    attributes(f["numbers"].attrs, 200)
    many = f.create_group("many attributes", track_order=True)
    attributes(many.attrs, 100)
    if libver != "earliest":
        many.attrs["large"] = np.arange(100000)
        many.attrs["larger"] = np.arange(5000)
