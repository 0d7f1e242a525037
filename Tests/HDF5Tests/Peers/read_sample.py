"""Checks with h5py what PeerTests.swift wrote: read_sample.py FILE. Silent if all is well."""

import sys

import h5py
import numpy as np


def same(found, expected, dtype=None):
    expected = np.asarray(expected, dtype=dtype)
    assert found.dtype == expected.dtype, (found.dtype, expected.dtype)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    assert found.tobytes() == expected.tobytes(), (found, expected)


with h5py.File(sys.argv[1]) as f:
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        info = np.iinfo(name)
        same(f[f"integers/{name}"][...], [info.min, 0, 1, info.max], name)
    same(f["floats/float16"][...], [0.5, -2, np.inf], "f2")
    same(f["floats/float32"][...], [0.5, -2, np.inf], "f4")
    same(f["floats/float64"][...], [0.5, -2, np.inf], "f8")
    same(f["floats/bfloat16"][...].astype("f4"), [0.5, -2, np.inf], "f4")
    same(f["floats/float8_e5m2"][...].astype("f4"), [0.5, -2, np.inf], "f4")
    bfloat16 = f["floats/bfloat16"].id.get_type()
    assert bfloat16.get_size() == 2 and bfloat16.get_precision() == 16
    assert bfloat16.get_fields() == (15, 7, 8, 0, 7) and bfloat16.get_ebias() == 127
    assert bfloat16.get_norm() == h5py.h5t.NORM_IMPLIED
    assert f["floats/float16"].id.get_type().equal(h5py.h5t.IEEE_F16LE)
    same(f["big"][...], [1, 258], ">u2")
    same(f["bool"][...], [True, False, True], bool)
    same(f["complex64"][...], [1 + 2j, 4 - 3j], "c8")
    same(f["scalar"][()], 7, "f4")
    assert f["null"].shape is None
    same(f["grid"][...], np.arange(6).reshape(2, 3), "i4")
    assert list(f["strings"].asstr()[...]) == ["", "weights", "ünïcödé", "重み 🧠"]
    same(f["fixed"][...], [b"", b"abc", b"abcdef"], "S6")
    assert h5py.check_string_dtype(f["fixed"].dtype).encoding == "utf-8"
    same(f["chunked"][...], np.arange(1000).reshape(10, 100), "f4")
    assert f["chunked"].chunks == (4, 30) and f["chunked"].maxshape == (None, 100)
    assert f["chunked"].compression == "gzip" and f["chunked"].shuffle and f["chunked"].fletcher32
    same(f["direct"][...], np.arange(8), "u1")
    same(f["filled"][...], [-1, -1], "i2")
    assert f["opaque"][...].tobytes() == b"\x01\x02\x03\x04"
    assert f["enum"][...].tolist() == [2, 0]
    assert h5py.check_enum_dtype(f["enum"].dtype) == {"RED": 0, "BLUE": 2}
    assert f["record"].dtype.names == ("id", "value") and f["record"][0]["value"] == 2.5
    assert list(f["tracked"]) == ["zeta", "alpha", "mid"]
    assert f["tie"] == f["scalar"]
    assert f.get("soft", getlink=True).path == "/integers/int32"
    assert f["ünïcödé/重み"][()] == 1
    assert f[f["references"][0]].name == "/scalar" and f[f["references"][1]].name == "/integers"
    region = f["region"][0]
    assert f[region] == f["chunked"]
    assert np.array_equal(f["chunked"][region], f["chunked"][2:4, 10:20])
    a = f["scalar"].attrs
    assert a["int"] == 5 and a["int"].dtype == "i8"
    assert a["float"] == 0.25 and a["float"].dtype == "f4"
    assert a["flag"].dtype == bool and a["flag"]
    assert a["text"] == "ünïcödé"
    assert a["fixed"] == b"fixed"
    assert a["list"].tolist() == [0, 1, 2] and a["list"].dtype == "u2"
    assert list(a["names"]) == ["a", "", "ccc"]
    assert a["schlüssel"] == "value"
