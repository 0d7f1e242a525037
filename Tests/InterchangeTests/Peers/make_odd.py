"""Makes files that are odd and legitimate.

    python make_odd.py FOLDER

Prints JSON: for each file its name, its path, and its tensors by key: the type, shape and bytes that the
library which wrote it has for them.
"""

import io
import json
import os
import struct
import sys
import warnings
import zipfile
from collections import OrderedDict

warnings.filterwarnings("ignore")

import h5py  # noqa: E402
import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from containers import (  # noqa: E402
    checkpoint, checkpoint_members, dictionary, member, pickled, storage, tensor, zip_bytes)

FOLDER = sys.argv[1]
CASES = []


def described(value):
    if isinstance(value, torch.Tensor):
        value = value.detach()
        dtype, shape = str(value.dtype)[6:], list(value.shape)
        flat = value.resolve_conj().resolve_neg().contiguous().reshape(-1)
        data = bytes(flat.view(torch.uint8).tolist()) if flat.numel() else b""
    else:
        value = np.asarray(value)
        little = value.astype(value.dtype.newbyteorder("<"), order="C")
        dtype, shape, data = str(little.dtype), list(value.shape), little.tobytes()
    return {"dtype": dtype, "shape": shape, "hex": data.hex()}


def place(name, ending, tensors):
    path = os.path.join(FOLDER, f"{len(CASES):03}{ending}")
    CASES.append({
        "name": name, "path": path, "tensors": {key: described(value) for key, value in tensors.items()}})
    return path


def case(name, data, ending, tensors):
    with open(place(name, ending, tensors), "wb") as file:
        file.write(data)


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def values(dtype, shape=(2, 3)):
    count = int(np.prod(shape))
    if dtype == torch.bool:
        return (torch.arange(count) % 2 == 0).reshape(shape)
    raw = (torch.arange(count * dtype.itemsize) * 37 + 5).to(torch.uint8)
    return raw.view(dtype).reshape(shape) if count else torch.empty(shape, dtype=dtype)


DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
    torch.float32, torch.float64, torch.complex64, torch.complex128, torch.uint16, torch.uint32, torch.uint64,
    torch.float8_e4m3fn, torch.float8_e5m2,
]


def pytorch():
    def save(name, value, tensors=None, **options):
        case("pytorch: " + name, saved(value, **options), ".pth", value if tensors is None else tensors)

    for dtype in DTYPES:
        save(f"{dtype}", {"a": values(dtype), "scalar": values(dtype, ()), "empty": values(dtype, (0, 2))})
    plain = {"a": values(torch.float32), "b": values(torch.int64)}
    for protocol in (2, 3, 4, 5):
        save(f"protocol {protocol}", plain, pickle_protocol=protocol)
        save(f"legacy, protocol {protocol}", plain, pickle_protocol=protocol,
             _use_new_zipfile_serialization=False)
    base = torch.arange(12.0).reshape(3, 4)
    save("ties", {"a": base, "b": base})
    save("views", {"a": base, "rows": base[1:], "columns": base[:, 2], "steps": base[::2, ::3]})
    save("transposed", {"a": base.T, "permuted": base.reshape(3, 2, 2).permute(2, 0, 1)})
    save("expanded", {"a": torch.tensor([[1.0], [2.0]]).expand(2, 5), "b": torch.tensor(3.0).expand(4)})
    save("a view of which the whole is not there", {"a": base[1]})
    save("conjugates", {"a": values(torch.complex64).conj(), "b": torch.view_as_complex(
        torch.arange(4.0).reshape(2, 2)).conj().imag})
    save("parameters", {"a": torch.nn.Parameter(torch.ones(2)), "b": torch.nn.Parameter(base, False)})
    save("a sequential model's dictionary", torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Linear(3, 2)).state_dict())
    save("a dictionary with an order", OrderedDict([("z", base), ("a", base + 1)]))
    save("keys of every sort", {key: torch.ones(1) for key in (
        "", " ", ".", "..", "/", "a/b", "../x", "\u00fc", "\U0001f600", "a\nb", "a\0b", "k" * 5000)})
    save("5,000 tensors", {f"layer.{i}": torch.tensor([float(i)]) for i in range(5000)})
    save("thirty dimensions", {"a": torch.ones((1,) * 30)})
    save("special values", {"a": torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-45])})
    save("epoch and loss beside the model", {"model_state_dict": plain, "epoch": 3, "loss": 0.5}, plain)
    save("a model under state_dict", {"state_dict": plain, "arch": "x"}, plain)
    layout = torch.ones(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    save("channels last", {"a": layout})
    four = {"w": torch.tensor([1.0, 2.0, 3.0, 4.0])}
    for device in ("cuda:0", "mps", "xpu:3", "cuda:7"):
        case(f"pytorch: on {device}", checkpoint(dictionary(("w", tensor(storage(location=device))))), ".pth", four)
    held = checkpoint_members(pickled(dictionary(("w", tensor()))))
    case("zip: deflated", zip_bytes([{**each, "deflate": True} for each in held]), ".pth", four)
    case("zip: no checksums", zip_bytes([{**each, "crc": 0} for each in held]), ".pth", four)
    case("zip: a comment", zip_bytes(held, comment=b"made by hand"), ".pth", four)
    case("zip: members that are not read", zip_bytes(held + [member("x/extra.txt", b"hi")]), ".pth", four)
    case("zip: byteorder little", zip_bytes(held + [member("x/byteorder", b"little")]), ".pth", four)
    big = checkpoint_members(pickled(dictionary(("w", tensor()))), {"x/data/0": struct.pack(">4f", 1, 2, 3, 4)})
    case("zip: byteorder big", zip_bytes(big + [member("x/byteorder", b"big")]), ".pth", four)
    case("zip: another name of the folder", zip_bytes(
        [{**each, "name": each["name"].replace("x/", "my model/")} for each in held]), ".pth", four)
    renamed = saved(plain)
    case("pytorch: called .bin", renamed, ".bin", plain)
    case("pytorch: without an ending", renamed, "", plain)
    case("pytorch: called .h5", renamed, ".h5", plain)
    itself = dict(plain)
    itself["itself"] = itself
    save("a dictionary that holds itself", itself, plain)
    real = place("pytorch: by a symbolic link", ".pth", plain)
    with open(real + ".real", "wb") as file:
        file.write(renamed)
    os.symlink(real + ".real", real)


def safetensors():
    def save(name, tensors, metadata=None):
        save_file(tensors, place("safetensors: " + name, ".safetensors", tensors), metadata=metadata)

    for dtype in DTYPES:
        if dtype is torch.complex128:
            continue
        save(f"{dtype}", {"a": values(dtype), "scalar": values(dtype, ()), "empty": values(dtype, (0, 2))})
    save("nothing", {})
    save("metadata", {"a": torch.ones(2)}, {"format": "pt", "a note": "\u00fc \"quoted\"\n"})
    save("keys of every sort", {key: torch.full((1,), 2.0) for key in (
        "", " ", ".", "..", "a/b", "\u00fc", "\U0001f600", "a\nb", "a\0b", "\\", '"', "k" * 5000)})
    save("5,000 tensors", {f"layer.{i}": torch.tensor([float(i)]) for i in range(5000)})
    save("sizes that align nothing", {
        "a": torch.ones(3, dtype=torch.uint8), "b": torch.ones(5, dtype=torch.float64),
        "c": torch.ones(1, dtype=torch.float16)})

    def raw(name, header, data, tensors):
        header = header.encode() if isinstance(header, str) else json.dumps(header).encode()
        case("safetensors: " + name, struct.pack("<Q", len(header)) + header + data, ".safetensors", tensors)

    two = np.array([1, 2], "<f4")
    one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    other = {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}
    raw("a header of odd length", {"a": one}, two.tobytes(), {"a": two})
    raw("spaces behind its header", json.dumps({"a": one}) + " " * 1000, two.tobytes(), {"a": two})
    raw("spaces within its header", json.dumps({"a": one}, indent=4), two.tobytes(), {"a": two})
    raw("an order that is not that of the bytes", {"b": other, "a": one}, two.tobytes() * 2, {"a": two, "b": two})
    raw("escapes in a key", '{"\\u00fc\\ud83d\\ude00":' + json.dumps(one) + "}", two.tobytes(), {
        "\u00fc\U0001f600": two})
    raw("empty metadata", {"__metadata__": {}, "a": one}, two.tobytes(), {"a": two})
    raw("an empty tensor between others", {
        "a": one, "e": {"dtype": "F32", "shape": [0, 9], "data_offsets": [8, 8]}, "b": other},
        two.tobytes() * 2, {"a": two, "b": two, "e": np.zeros((0, 9), "<f4")})
    pair = {"dtype": "F4", "shape": [2, 4], "data_offsets": [0, 4]}
    case_values = torch.arange(4, dtype=torch.uint8).reshape(2, 2).view(torch.float4_e2m1fn_x2)
    path = place("safetensors: 4-bit numbers", ".safetensors", {})
    CASES[-1]["tensors"] = {"a": {"dtype": "float4_e2m1fn_x2", "shape": list(case_values.shape), "hex": "00010203"}}
    header = json.dumps({"a": pair}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + bytes(range(4)))


NUMPY = ["?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16",
         ">f4", ">i8", ">c16", ">f2", ">u2"]


def array(code, shape=(2, 3)):
    dtype = np.dtype(code)
    count = int(np.prod(shape))
    if code == "?":
        return (np.arange(count) % 2 == 0).reshape(shape)
    return (np.arange(count * dtype.itemsize) * 37 + 5).astype(np.uint8).view(dtype).reshape(shape)


def numpy():
    def npz(name, arrays, write=np.savez):
        path = place("npz: " + name, ".npz", arrays)
        with open(path, "wb") as file:
            write(file, **arrays)

    for code in NUMPY:
        npz(code, {"a": array(code), "scalar": array(code, ()), "empty": array(code, (0, 3)),
                   "fortran": np.asfortranarray(array(code, (2, 3, 4)))})
    npz("deflated", {"a": array("f4"), "b": np.zeros((100, 100))}, np.savez_compressed)
    npz("nothing", {})
    npz("keys with slashes", {"layer/0/weight": array("f4"), "layer/0/bias": array("f8")})
    npz("keys in other scripts", {"\u00fc": array("f4"), "\u65e5\u672c": array("f4")})
    npz("32 dimensions", {"a": np.ones((1,) * 32, "f4")})
    npz("1,000 arrays", {f"a{index}": np.full(1, index, "i4") for index in range(1000)})

    def npy(name, value, version=None):
        key = f"{len(CASES):03}"
        path = place("npy: " + name, ".npy", {key: value})
        with open(path, "wb") as file:
            np.lib.format.write_array(file, value, version=version)

    for version in ((1, 0), (2, 0), (3, 0)):
        npy(f"version {version[0]}", array("f4"), version)
    npy("a scalar", np.array(2.5))
    npy("Fortran's order", np.asfortranarray(array("f8", (3, 4))))
    npy("big-endian", array(">f4"))
    value = array("f4")
    header = b"{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}"
    case("npy: keys in another order, and no padding",
         b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + value.tobytes(), ".npy",
         {f"{len(CASES):03}": value})
    header = b"{'descr':'<f4','fortran_order':False,'shape':(2L,3L,),}\n"
    case("npy: integers of Python 2",
         b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + value.tobytes(), ".npy",
         {f"{len(CASES):03}": value})
    buffer = io.BytesIO()
    np.save(buffer, value)
    path = place("npz: made by another zip program", ".npz", {"a": value})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", buffer.getvalue())
    tree = place("a folder of arrays", "", {"conv.weight": value, "bias": value})
    os.makedirs(os.path.join(tree, "conv"))
    np.save(os.path.join(tree, "conv", "weight.npy"), value)
    np.save(os.path.join(tree, "bias.npy"), value)


def hdf5():
    def write(name, arrays, fill=None, **options):
        path = place("hdf5: " + name, ".h5", arrays)
        with h5py.File(path, "w", **options) as file:
            if fill:
                fill(file)
            else:
                for key, value in arrays.items():
                    file[key] = value
        return path

    for code in NUMPY:
        write(code, {"a": array(code), "scalar": array(code, ()), "empty": array(code, (0, 3))})
    wide = array("f4", (50, 33))

    def dataset(name, value=wide, stored=None, **options):
        write(name, {"a": value}, lambda f: f.create_dataset(
            "a", data=value if stored is None else stored, **options))

    dataset("chunks that do not divide it", chunks=(16, 10))
    dataset("deflated", chunks=(16, 10), compression="gzip", compression_opts=9)
    dataset("shuffled", chunks=(16, 10), compression="gzip", shuffle=True)
    dataset("summed", chunks=(16, 10), fletcher32=True)
    dataset("all filters", chunks=(16, 10), compression="gzip", shuffle=True, fletcher32=True)
    dataset("that can grow", chunks=(16, 10), maxshape=(None, None))
    dataset("chunks larger than it", np.ones((2, 2), "f4"), chunks=(64, 64), maxshape=(None, None))
    dataset("big-endian and deflated", stored=wide.astype(">f4"), compression="gzip")
    write("never written", {"a": np.full(3, 2.5, "f4")}, lambda f: f.create_dataset(
        "a", (3,), "f4", fillvalue=2.5))
    for version in ("earliest", "v108", "v110", "v112", "latest"):
        write(f"of version {version}", {"a": wide, "b": array("i8")}, libver=(version, "latest"))
    write("a user block", {"a": wide}, userblock_size=512)
    write("a user block of 4 KiB", {"a": wide}, userblock_size=4096)
    write("in the order of creation", {"z": wide, "a": array("f4")}, track_order=True)
    write("pages", {"a": wide}, fs_strategy="page", fs_page_size=4096)
    write("groups in groups", {"a.b.c.d": wide}, lambda f: f.__setitem__("a/b/c/d", wide))
    write("500 names in a group", {f"n{i}": np.full(1, i, "i4") for i in range(500)})
    write("500 names in a group, latest", {f"n{i}": np.full(1, i, "i4") for i in range(500)}, libver="latest")
    write("a hard link", {"a": wide, "b": wide}, lambda f: (f.__setitem__("a", wide), f.__setitem__("b", f["a"])))
    # Only hard links are followed; what others lead to is left out, and told.
    for name, links in {
        "a soft link to itself": {"l": "/l"}, "soft links in a circle": {"l": "/m", "m": "/l"},
        "a soft link to nothing": {"l": "/none"}, "a soft link through a dataset": {"l": "/a/b"},
    }.items():
        write(name, {"a": wide}, lambda f, links=links: (
            f.__setitem__("a", wide), [f.__setitem__(key, h5py.SoftLink(to)) for key, to in links.items()]))
    names = {f"n{i}": np.ones(1, "f4") for i in range(2000)}
    write("2,000 names of one dataset", {"a": np.ones(1, "f4"), **names}, lambda f: (
        f.__setitem__("a", np.ones(1, "f4")), [f.__setitem__(key, f["a"]) for key in names]))
    write("nothing but groups", {}, lambda f: f.create_group("a/b"))
    write("nothing", {}, lambda f: None)
    write("attributes of every sort", {"a": wide}, lambda f: (
        f.__setitem__("a", wide), f["a"].attrs.update(
            {"text": "\u00fc", "list": np.arange(5), "big": np.uint64(1 << 63)})))
    write("keys in other scripts", {"\u00fc": wide, "\u65e5": wide})
    path = write("something behind its end", {"a": wide})
    with open(path, "ab") as file:
        file.write(b"trailing")


pytorch()
safetensors()
numpy()
hdf5()
print(json.dumps(CASES))
