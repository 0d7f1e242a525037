"""Makes files that do harm to a reader that believes them.

    python make_hostile.py FOLDER CANARY

Whatever is executed makes the file CANARY. Where a file leads to another one, that is a named pipe without a
writer, on which whoever opens it waits for ever. Prints JSON: for each file its name, its path and what is
wrong with it.
"""

import gzip
import io
import json
import os
import struct
import sys
import zipfile

import h5py
import numpy as np
import torch

from containers import (
    FOUR, call, checkpoint, checkpoint_members, dictionary, glob, member, number, pickled, storage, tensor,
    text, tuple_of, zip_bytes)

FOLDER, CANARY = sys.argv[1:]
PIPE = os.path.join(FOLDER, "pipe")
CASES = []


def place(name, ending):
    path = os.path.join(FOLDER, f"{len(CASES):03}{ending}")
    CASES.append({"name": name, "path": path})
    return path


def case(name, data, ending):
    with open(place(name, ending), "wb") as file:
        file.write(data)


# Pickles and the archives of PyTorch


def pytorch_calls():
    command = text("touch " + CANARY)
    code = text(f"open({CANARY!r}, 'w')")

    def attack(name, body):
        case("pickle: " + name, checkpoint(dictionary(("w", tensor()), ("v", body))), ".pth")

    for module, function in [
        ("os", "system"), ("posix", "system"), ("subprocess", "call"), ("subprocess", "Popen"),
        ("os", "popen"), ("pty", "spawn"),
    ]:
        attack(f"{module}.{function}", call(glob(module, function), command))
    for module, function in [
        ("builtins", "eval"), ("builtins", "exec"), ("__builtin__", "eval"), ("code", "interact"),
        ("runpy", "_run_code"), ("torch.jit.unsupported_tensor_ops", "execWrapper"),
    ]:
        attack(f"{module}.{function}", call(glob(module, function), code))
    attack("builtins.getattr", call(glob("builtins", "getattr"), glob("os", "path"), text("system")))
    attack("__globals__", call(glob("operator", "attrgetter"), text("__globals__")))
    attack("system", call(glob("operator", "methodcaller"), text("system"), text("true")))
    attack("posixpath.join", glob("posixpath", "join"))
    attack("builtins.__import__", call(glob("builtins", "__import__"), text("os")))
    attack("importlib", call(glob("importlib", "import_module"), text("os")))
    attack("torch.hub", call(glob("torch.hub", "load"), text("evil/repository")))
    attack("torch.load", call(glob("torch", "load"), text(PIPE)))
    attack("numpy.load", call(glob("numpy", "load"), text(PIPE)))
    attack("open", call(glob("io", "open"), text(CANARY), text("w")))
    attack("a name from parts", text("os") + text("system") + b"\x93" + tuple_of(command) + b"R")
    attack("INST", b"(" + command + b"ios\nsystem\n")
    attack("OBJ", b"(" + glob("os", "system") + command + b"o")
    attack("NEWOBJ", glob("os", "system") + tuple_of(command) + b"\x81")
    attack("NEWOBJ_EX", glob("os", "system") + tuple_of(command) + b"}\x92")
    attack("an extension code", b"\x82\x01")
    attack("a chain of calls", call(call(glob("builtins", "getattr"), glob("os", "sys"), text("x")), command))
    attack("a state for a function", glob("os", "system") + dictionary(("a", command)) + b"b")
    case("pickle: a call hidden by POP",
         checkpoint(call(glob("os", "system"), command) + b"0" + dictionary(("w", tensor()))), ".pth")
    case("pickle: a payload after the end", zip_bytes(checkpoint_members(
        pickled(dictionary(("w", tensor()))) + pickled(call(glob("os", "system"), command)))), ".pth")
    for protocol in range(6):
        case(f"pickle: bare, protocol {protocol}",
             pickled(call(glob("os", "system"), command), protocol), ".pkl")


def pytorch_structures():
    def attack(name, body):
        case("pickle: " + name, checkpoint(body), ".pth")

    attack("LONG4 of 2^31", b"\x8b\xff\xff\xff\x7f")
    attack("BINUNICODE8 of 2^63", b"\x8d" + struct.pack("<Q", 1 << 63))
    attack("BINBYTES8 of 2^64", b"\x8e" + b"\xff" * 8)
    attack("a frame of 2^64", b"\x95" + b"\xff" * 8)
    attack("lists 300,000 deep", b"]" * 300_000 + b"a" * 299_999)
    attack("a memo of 2^40 entries", b"Nr" + b"\xff\xff\xff\xff" + b"j\xfe\xff\xff\xff")
    laughs = b"]q\x000" + b"".join(
        b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) + b"0" for i in range(40))
    attack("a billion laughs", laughs + dictionary(("v", b"h\x28")))
    attack("an unhashable key", b"}]Ns")
    attack("an instruction that there is not", b"\xff")
    attack("no object", b"")
    attack("protocol 9", b"\x80\x09N")

    def lie(name, body, records=None):
        case("storage: " + name, checkpoint(dictionary(("w", body)), records), ".pth")

    lie("more elements than bytes", tensor(storage(count=400)))
    lie("negative count", tensor(storage(count=-4)))
    lie("2^61 elements", tensor(storage(count=1 << 61), shape=(1 << 61,)))
    lie("no record", tensor(storage(key="9")))
    lie("a record elsewhere", tensor(storage(key="../data.pkl")))
    lie("negative offset", tensor(offset=-1))
    lie("offset of 2^63 - 1", tensor(offset=(1 << 63) - 1))
    lie("a view outside", tensor(shape=(2, 4), strides=(1, 1)))
    lie("negative stride", tensor(offset=3, strides=(-1,)))
    lie("stride of 2^62", tensor(shape=(2, 2), strides=(1 << 62, 1)))
    lie("shape that overflows", tensor(shape=(1 << 40, 1 << 40), strides=(0, 0)))
    lie("a terabyte of one number", tensor(shape=(1 << 38,), strides=(0,)))
    lie("on meta", tensor(storage(location="meta")))
    lie("quantised", tensor(storage("QUInt8Storage")))
    lie("of no known type", tensor(storage("OctopusStorage")))


def pytorch_archives():
    pickle = pickled(dictionary(("w", tensor())))
    good = checkpoint(dictionary(("w", tensor())))

    def archive(name, members, **lies):
        case("zip: " + name, zip_bytes(members, **lies), ".pth")

    def with_record(name, **lies):
        archive(name, [member("x/data.pkl", pickle), member("x/data/0", FOUR, **lies)])

    archive("duplicate names", [member("x/data.pkl", pickle), member("x/data/0", FOUR),
                                member("x/data/0", bytes(16))])
    archive("two pickles", [member("x/data.pkl", pickle), member("x/data/0", FOUR),
                            member("y/data.pkl", pickled(dictionary()))])
    with_record("another name in the local header", local_name="x/data/1")
    with_record("another size in the local header", local_size=12)
    with_record("members that overlap", offset=0)
    with_record("a member beyond the end", offset=1 << 30)
    with_record("wrong checksum", crc=7)
    with_record("encrypted", flags=1)
    with_record("an unknown method", method=99)
    with_record("zip64 that lies", size=0xFFFFFFFF, stored=0xFFFFFFFF,
                extra=struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62))
    with_record("zip64 without its field", size=0xFFFFFFFF, stored=0xFFFFFFFF)
    with_record("deflated to more than it says", deflate=True, size=8)
    with_record("deflate bomb", deflate=True, size=0xFFFFFFFF,
                extra=struct.pack("<HHQ", 1, 8, 1 << 40))
    archive("a pickle that inflates to a gigabyte",
            [member("x/data.pkl", bytes(1 << 24), deflate=True, size=(1 << 30))])
    archive("a directory of a million entries", checkpoint_members(pickle), count=65535)
    archive("a directory beyond the end", checkpoint_members(pickle), directory_offset=1 << 31)
    archive("byteorder of no kind", checkpoint_members(pickle) + [member("x/byteorder", b"middle")])
    archive("from the future", [member("x/data.pkl", pickle), member("x/data/0", FOUR),
                                member("x/version", b"99\n")])
    case("zip: cut short", good[:len(good) // 2], ".pth")
    case("zip: without its directory", good[:-40], ".pth")
    case("zip: only its end", good[-22:], ".pth")
    flipped = bytearray(good)
    flipped[good.index(FOUR) + 5] ^= 1
    case("zip: a flipped bit", bytes(flipped), ".pth")
    case("gzip in disguise", gzip.compress(good), ".pth")
    case("7z in disguise", b"7z\xbc\xaf\x27\x1c" + bytes(100), ".pth")
    case("empty file", b"", ".pth")
    case("a web page", b"<!DOCTYPE html><html><body>404</body></html>", ".pth")
    case("a text", b"Not Found\n", ".pth")
    case("a pointer of git lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", ".pth")
    buffer = io.BytesIO()
    torch.save({"w": torch.ones(4)}, buffer, _use_new_zipfile_serialization=False)
    legacy = buffer.getvalue()
    case("legacy: cut in its storages", legacy[:-9], ".pth")
    case("legacy: a count that lies", legacy[:-24] + struct.pack("<q", 1 << 60) + legacy[-16:], ".pth")
    case("legacy: another magic number", legacy.replace(b"\x6c\xfc\x9c\x46", b"\x6c\xfc\x9c\x47", 1), ".pth")


# safetensors


def safetensors():
    def raw(name, header, data=b"", length=None, ending=".safetensors"):
        header = header if isinstance(header, bytes) else json.dumps(header).encode()
        size = len(header) if length is None else length
        case("safetensors: " + name, struct.pack("<Q", size) + header + data, ending)

    def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
        return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}

    eight = struct.pack("<2f", 1, 2)
    raw("a header of 0 bytes", b"", eight, length=0)
    raw("a header of 7 bytes", b"{\"a\":1}", eight)
    raw("a header of 100,000,001 bytes", {"a": entry()}, eight, length=100_000_001)
    raw("a header beyond the file", {"a": entry()}, eight, length=1000)
    raw("a header of 2^63 bytes", {"a": entry()}, eight, length=1 << 63)
    raw("a byte-order mark", b"\xef\xbb\xbf" + json.dumps({"a": entry()}).encode(), eight)
    raw("NUL as padding", json.dumps({"a": entry()}).encode() + bytes(8), eight)
    twice = json.dumps(entry())
    raw("a name twice", f'{{"a":{twice},"a":{twice}}}'.encode(), eight)
    raw("NaN as an offset", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,NaN]}}', eight)
    raw("1e309 as a length", b'{"a":{"dtype":"F32","shape":[1e309],"data_offsets":[0,8]}}', eight)
    raw("nested 100,000 deep", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", eight)
    raw("a lone surrogate", b'{"\\ud800":' + twice.encode() + b"}", eight)
    raw("bytes that are not UTF-8", b'{"\xff":' + twice.encode() + b"}", eight)
    raw("a hole", {"a": entry(offsets=(4, 12))}, bytes(12))
    raw("an overlap", {"a": entry(), "b": entry(offsets=(4, 12))}, bytes(12))
    raw("two names of one range", {"a": entry(), "b": entry()}, eight)
    raw("bytes that trail", {"a": entry()}, eight + b"more")
    raw("data cut short", {"a": entry()}, eight[:5])
    raw("more bytes than the shape", {"a": entry(shape=(1,))}, eight)
    raw("fewer bytes than the shape", {"a": entry(shape=(3,))}, eight)
    raw("a product that overflows", {"a": entry(shape=(1 << 40, 1 << 40))}, eight)
    raw("a negative length", {"a": entry(shape=(-2,))}, eight)
    raw("offsets in reverse", {"a": entry(offsets=(8, 0))}, eight)
    raw("a negative offset", {"a": entry(offsets=(-8, 0))}, eight)
    raw("2^63 as an offset", {"a": entry(offsets=(0, 1 << 63))}, eight)
    raw("an unknown type", {"a": entry(dtype="F7")}, eight)
    raw("half a byte of 4-bit numbers", {"a": entry(dtype="F4", shape=(3,), offsets=(0, 2))}, bytes(2))
    raw("a shape of texts", {"a": entry(shape=("2",))}, eight)
    raw("an entry that is a list", {"a": [1, 2]}, eight)
    raw("metadata that are numbers", {"__metadata__": {"a": 1}, "a": entry()}, eight)
    raw("metadata that are a tensor", {"__metadata__": entry()}, eight)
    raw("a header that is a list", b"[1,2,3]     ", eight)
    raw("an outline that lies",
        {"__metadata__": {"ballast.outline": '{"ballast_outline":1,"tensors":[{"key":3}]}'}, "a": entry()}, eight)
    raw("an outline of the future",
        {"__metadata__": {"ballast.outline": '{"ballast_outline":99}'}, "a": entry()}, eight)

    def index(name, weight_map, files=()):
        folder = os.path.join(FOLDER, f"{len(CASES):03}")
        os.mkdir(folder)
        for file, header in files:
            header = json.dumps(header).encode()
            with open(os.path.join(folder, file), "wb") as part:
                part.write(struct.pack("<Q", len(header)) + header + eight)
        path = os.path.join(folder, "model.safetensors.index.json")
        with open(path, "w") as file:
            json.dump({"weight_map": weight_map}, file)
        CASES.append({"name": "safetensors: " + name, "path": path})

    part = ("a.safetensors", {"a": entry()})
    index("an index of a file that is missing", {"a": "b.safetensors"}, [part])
    index("an index that leads out", {"a": "../pipe"})
    index("an index that leads out by an absolute path", {"a": PIPE})
    index("an index of a tensor that no file has", {"a": "a.safetensors", "b": "a.safetensors"}, [part])
    index("an index that leaves out a tensor", {"b": "b.safetensors", "c": "a.safetensors"},
          [part, ("b.safetensors", {"b": entry()})])
    index("a tensor in two shards", {"a": "a.safetensors", "b": "b.safetensors"},
          [part, ("b.safetensors", {"a": entry()})])
    index("an index of numbers", {"a": 3})


# NumPy


def numpy():
    def npy(descr="'<f4'", shape="(2,)", fortran="False", version=(1, 0), length=None, header=None):
        if header is None:
            header = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"
        header = header.encode() if isinstance(header, str) else header
        size = len(header) if length is None else length
        packed = struct.pack("<H", size) if version == (1, 0) else struct.pack("<I", size)
        return b"\x93NUMPY" + bytes(version) + packed + header

    def raw(name, data):
        case("npy: " + name, data, ".npy")

    eight = struct.pack("<2f", 1, 2)
    raw("a header beyond the file", npy(length=60_000) + eight)
    raw("a header of 4 GiB", npy(version=(2, 0), length=0xFFFFFFFF) + eight)
    raw("version 9", npy(version=(9, 0)) + eight)
    objects = io.BytesIO()
    np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    raw("objects", objects.getvalue())
    raw("objects with a payload",
        npy(descr="'|O'", shape="(1,)") + pickled(call(glob("os", "system"), text("touch " + CANARY))))
    raw("texts", npy(descr="'<U2'") + bytes(16))
    raw("records", npy(descr="[('a', '<f4'), ('b', '<f4')]") + bytes(16))
    raw("dates", npy(descr="'<M8[s]'") + bytes(16))
    raw("a long double", npy(descr="'<f16'") + bytes(32))
    raw("a negative length", npy(shape="(-2,)") + eight)
    raw("a length of 2^64", npy(shape="(18446744073709551616,)") + eight)
    raw("32 GiB in 80 bytes", npy(shape="(8589934592,)"))
    raw("a product that overflows", npy(shape="(4294967296, 4294967296)") + eight)
    raw("a product that comes to zero", npy(shape="(9223372036854775807, 9223372036854775807, 0)"))
    raw("data cut short", npy() + eight[:5])
    raw("bytes that trail", npy() + eight + b"more")
    raw("a header that is code", npy(header=f"__import__('os').system('touch {CANARY}')\n") + eight)
    raw("a shape that is code", npy(shape=f"open({CANARY!r}, 'w')") + eight)
    raw("a header nested deep", npy(header="(" * 50_000 + ")" * 14_000) + eight)
    raw("a header that ends early", npy(header="{'descr': '<f4'") + eight)
    raw("a header without a shape", npy(header="{'descr': '<f4', 'fortran_order': False}\n") + eight)
    raw("a shape of floats", npy(shape="(2.0,)") + eight)
    raw("an order that is a number", npy(fortran="7") + eight)

    def npz(name, members, **lies):
        case("npz: " + name, zip_bytes(members, **lies), ".npz")

    good = npy() + eight
    npz("a member that is no array", [member("a.npy", b"hello")])
    npz("names twice", [member("a.npy", good), member("a.npy", good)])
    npz("a wrong checksum", [member("a.npy", good, crc=1)])
    npz("a deflate bomb", [member("a.npy", npy(shape="(262144,)") + bytes(1 << 20), deflate=True, size=4_000_000_000,
                                  stored=1100)])
    npz("a bomb that tells the truth", [
        member(f"{index}.npy", npy(shape="(8589934592,)"), deflate=True) for index in range(4)])
    npz("deflated junk", [member("a.npy", b"\xff" * 64, method=8, size=200)])
    npz("cut short", [member("a.npy", good)], directory_offset=5000)
    npz("objects", [member("a.npy", objects.getvalue())])
    npz("an outline that is not UTF-8", [
        member("a.npy", good), member("ballast.outline.npy", npy(descr="'|u1'", shape="(2,)") + b"\xff\xfe")])


# HDF5 and Keras


def hdf5():
    def file(name, fill, keras=False):
        path = place(("keras: " if keras else "hdf5: ") + name, ".h5")
        with h5py.File(path, "w") as opened:
            fill(opened)
        return path

    def low_level(group, name, shape, dtype=h5py.h5t.IEEE_F32LE, **options):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        if "external" in options:
            plist.set_external(options["external"], 0, 64)
        if "chunk" in options:
            plist.set_chunk(options["chunk"])
        if "filter" in options:
            plist.set_filter(options["filter"], 1)
        if "late" in options:
            plist.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
        return h5py.h5d.create(group.id, name.encode(), dtype, h5py.h5s.create_simple(shape), plist)

    pipe = PIPE.encode()

    def virtual(opened):
        layout = h5py.VirtualLayout((2,), "f4")
        layout[:] = h5py.VirtualSource(PIPE, "a", (2,))
        opened.create_virtual_dataset("a", layout)

    def deep(opened):
        group = opened
        for _ in range(3000):
            group = group.create_group("g")
        group["a"] = np.ones(1, "f4")

    file("an external link", lambda f: f.__setitem__("a", h5py.ExternalLink(PIPE, "/a")))
    file("external storage", lambda f: low_level(f, "a", (16,), external=pipe))
    file("a virtual dataset", virtual)
    file("groups 3,000 deep", deep)
    file("2^50 bytes of which none is stored", lambda f: low_level(
        f, "a", (1 << 48,), chunk=(1 << 20,), late=True))
    file("2^50 bytes in one piece", lambda f: low_level(f, "a", (1 << 48,), late=True))
    file("a compressed terabyte", lambda f: f.create_dataset(
        "a", (1 << 38,), "f4", chunks=(1 << 20,), compression="gzip"))

    def bytes_of(fill, **options):
        buffer = io.BytesIO()
        with h5py.File(buffer, "w", **options) as opened:
            fill(opened)
        return bytearray(buffer.getvalue())

    def plain(opened):
        opened["a"] = np.arange(512, dtype="f4")
        opened["group/b"] = np.arange(4, dtype="f4")

    def damaged(name, change, fill=plain, **options):
        data = bytes_of(fill, **options)
        data = change(data) or data
        case("hdf5: " + name, bytes(data), ".h5")

    def poke(at, value):
        def change(data):
            data[at:at + len(value)] = value
        return change

    damaged("a superblock of version 77", poke(8, b"\x4d"))
    damaged("offsets of 3 bytes", poke(13, b"\x03"))
    damaged("an end beyond the end", poke(40, struct.pack("<Q", 1 << 40)))
    damaged("a root beyond the end", poke(64, struct.pack("<Q", 1 << 50)))
    damaged("a root that is the superblock", poke(64, struct.pack("<Q", 0)))
    for part in (1, 2, 3):
        damaged(f"cut to {part} quarters", lambda data, part=part: data[:len(data) * part // 4])
    damaged("cut to its signature", lambda data: data[:8])
    damaged("no bytes behind its superblock", lambda data: data[:96])
    damaged("group headers of junk", lambda data: data.replace(b"TREE", b"EERT"))
    damaged("a heap of junk", lambda data: data.replace(b"HEAP", b"PAEH"))
    damaged("nodes of junk", lambda data: data.replace(b"SNOD", b"DONS"))
    damaged("a newer file with a flipped header",
            lambda data: data.replace(b"OHDR\x02", b"OHDR\x03"), libver="latest")
    damaged("a newer file with a wrong checksum", lambda data: data[:44] + b"\0\0\0\0" + data[48:], libver="latest")
    chunked = bytes_of(lambda f: f.create_dataset("a", data=np.arange(4096, dtype="f4"), chunks=(1024,),
                                                  compression="gzip"))
    spot = chunked.index(b"\x78\x5e" if b"\x78\x5e" in chunked else b"\x78\x9c")
    chunked[spot + 40:spot + 80] = bytes(40)
    case("hdf5: a deflated chunk of junk", bytes(chunked), ".h5")
    summed = bytes_of(lambda f: f.create_dataset("a", data=np.arange(64, dtype="f4"), chunks=(64,),
                                                 fletcher32=True))
    spot = summed.index(np.arange(64, dtype="f4").tobytes())
    summed[spot + 9] ^= 1
    case("hdf5: a chunk whose checksum is another's", bytes(summed), ".h5")

    def legacy(config=None, layers=("dense",), weights=("kernel", "bias"), fill=lambda group: None):
        def write(opened):
            if config is not None:
                opened.attrs["model_config"] = config
            group = opened.create_group("model_weights")
            group.attrs["layer_names"] = np.array(layers, "S40")
            layer = group.create_group("dense")
            layer.attrs["weight_names"] = np.array(weights, "S40")
            layer["kernel"] = np.ones((3, 2), "f4")
            layer["bias"] = np.ones(2, "f4")
            fill(layer)
        return write

    dense = {"class_name": "Dense", "config": {"name": "dense", "units": 2}}

    def config(*layers):
        return json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": layers}})

    file("a config that is not JSON", legacy("{not JSON"), keras=True)
    file("a config nested 10,000 deep", legacy('{"config":' * 6000), keras=True)
    file("a config of another layer", legacy(config({**dense, "class_name": "LSTM"})), keras=True)
    file("a config without names", legacy(config({"class_name": "Dense"})), keras=True)
    file("a layer that is missing", legacy(layers=("dense", "other")), keras=True)
    file("a layer twice", legacy(layers=("dense", "dense")), keras=True)
    file("a layer that leads out", legacy(layers=("../../dense",)), keras=True)
    file("a weight that is missing", legacy(weights=("kernel", "bias", "none")), keras=True)
    file("a weight twice", legacy(weights=("kernel", "kernel")), keras=True)
    file("fewer weights than the layer has", legacy(config(dense), weights=("kernel",)), keras=True)
    file("a weight in another file", legacy(weights=("far", "bias"), fill=lambda group: group.__setitem__(
        "far", h5py.ExternalLink(PIPE, "/a"))), keras=True)
    file("a weight stored in another file", legacy(weights=("far", "bias"), fill=lambda group: low_level(
        group, "far", (16,), external=pipe)), keras=True)
    file("a weight of records", legacy(weights=("odd", "bias"), fill=lambda group: group.__setitem__(
        "odd", np.zeros(2, [("x", "f4"), ("y", "i4")]))), keras=True)

    def archive(name, members):
        path = place("keras: " + name, ".keras")
        with zipfile.ZipFile(path, "w") as opened:
            for member_name, data in members:
                opened.writestr(member_name, data)

    weights = bytes_of(lambda f: f.__setitem__("layers/dense/vars/0", np.ones((3, 2), "f4")))
    about = ("metadata.json", '{"keras_version": "3.15.1"}')
    archive("an archive without weights", [about, ("config.json", config(dense))])
    archive("an archive without a config", [about, ("model.weights.h5", bytes(weights))])
    archive("an archive whose config is a text", [
        about, ("config.json", "hello"), ("model.weights.h5", bytes(weights))])
    archive("an archive whose weights are junk", [
        about, ("config.json", config(dense)), ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(200))])
    archive("an archive whose weights are missing a bias", [
        about, ("config.json", config(dense)), ("model.weights.h5", bytes(weights))])
    archive("an archive that is cut", [about, ("config.json", config(dense))])


# What is no file at all


def places():
    os.mkdir(place("an empty directory", ""))
    os.mkfifo(place("a pipe", ".pth"))
    os.mkfifo(place("a pipe called safetensors", ".safetensors"))
    os.symlink("/dev/zero", place("a device without an end", ".pth"))
    path = place("a link to itself", ".pth")
    os.symlink(path, path)
    CASES.append({"name": "no file", "path": os.path.join(FOLDER, "none.pth")})


os.mkfifo(PIPE)
pytorch_calls()
pytorch_structures()
pytorch_archives()
safetensors()
numpy()
hdf5()
places()
print(json.dumps(CASES))
