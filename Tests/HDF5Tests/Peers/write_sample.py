"""Writes with h5py what PeerTests.swift reads: write_sample.py FILE [LIBVER]."""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "w", libver=sys.argv[2] if len(sys.argv) > 2 else None) as f:
    for name in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        info = np.iinfo(name)
        f[f"integers/{name}"] = np.array([info.min, 0, 1, info.max], dtype="<" + name)
        f[f"integers/big_{name}"] = np.array([info.min, 0, 1, info.max], dtype=">" + name)
    for name in ["f2", "f4", "f8"]:
        f[f"floats/{name}"] = np.array([0.5, -2, np.inf, np.finfo(name).tiny], dtype="<" + name)
        f[f"floats/big_{name}"] = np.array([0.5, -2, np.inf, np.finfo(name).tiny], dtype=">" + name)
    f["bool"] = np.array([True, False, True])
    f["complex64"] = np.array([1 + 2j, -3j], dtype="c8")
    f["scalar"] = np.float32(7)
    f["empty"] = h5py.Empty("f4")
    f["nothing"] = np.zeros((0, 3), dtype="i4")
    f["strings"] = ["", "weights", "ünïcödé", "重み 🧠"]
    f["fixed"] = np.array([b"", b"abc", b"abcdef"], dtype="S6")
    f["record"] = np.array([(1, 2.5, b"x")], dtype=[("id", "<i4"), ("value", ">f8"), ("tag", "S3")])
    f["opaque"] = np.array([b"\x01\x02", b"\x03\x04"], dtype="V2")
    ragged = f.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(np.dtype("<i4")))
    ragged[0] = [1, 2, 3]
    ragged[1] = []
    f["enum"] = np.array([2, 0], dtype=h5py.enum_dtype({"RED": 0, "BLUE": 2}, basetype="u1"))
    f.create_dataset(
        "chunked", data=np.arange(1000, dtype="f4").reshape(10, 100), chunks=(4, 30),
        compression="gzip", compression_opts=4, shuffle=True, fletcher32=True, maxshape=(None, 100))
    tracked = f.create_group("tracked", track_order=True)
    for name in ["zeta", "alpha", "mid"]:
        tracked[name] = 1
    f["tie"] = f["scalar"]
    f["soft"] = h5py.SoftLink("/integers/i4")
    f["external"] = h5py.ExternalLink("other.h5", "/secret")
    f["references"] = np.array([f["scalar"].ref, f["integers"].ref], dtype=h5py.ref_dtype)
    f.create_dataset("region", data=f["chunked"].regionref[2:4, 10:20], dtype=h5py.regionref_dtype)
    layout = h5py.VirtualLayout(shape=(4,), dtype="i4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", shape=(4,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("outside", (4,), dtype="i4", external=[("outside.raw", 0, 16)])
    f.create_dataset("lzf", data=np.arange(100), compression="lzf", chunks=(100,))
    # What this library lists, but does not read.
    h5py.h5d.create(f.id, b"time", h5py.h5t.UNIX_D32LE, h5py.h5s.create_simple((2,)))
    twelve = h5py.h5t.STD_U16LE.copy()
    twelve.set_precision(12)
    h5py.h5d.create(f.id, b"twelve bits", twelve, h5py.h5s.create_simple((2,)))
    a = f["scalar"].attrs
    a["int"] = 5
    a["float"] = np.float32(0.25)
    a["flag"] = True
    a["text"] = "ünïcödé"
    a["bytes"] = np.bytes_("fixed")
    a["list"] = np.arange(3, dtype="u2")
    a["names"] = ["a", "", "ccc"]
    a["fixed names"] = np.array([b"a", b"bb"])
    a["schlüssel"] = "value"
    a["empty"] = h5py.Empty("f4")
