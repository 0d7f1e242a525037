"""Holds files against the keys and the bytes that should be in them, without Ballast.

    python matrix_bytes.py LIST

LIST is JSON: of each file its format, its path, and the tensors of the model by their keys, each with its
shape and its bytes in hexadecimal digits. A file of Ballast is read with h5py, by the rules of Layout.md for
keys, and its bytes from where they lie; one of PyTorch by `torch.load(weights_only=True)`, a distributed folder
by `dcp_to_torch_save`; safetensors by its documented header, as JSON and plain bytes; NumPy's archives by zipfile
and NumPy; GGUF and ONNX by their packages; MAT-files by hdf5storage. Prints `ok` or `WRONG`, the path, and what is
wrong. Written with torch 2.13.0, h5py 3.16, numpy 2.4, gguf 0.19, onnx 1.23.2, hdf5storage 0.2.2, ml_dtypes 0.6.
"""

import json
import re
import struct
import sys
import tempfile
import urllib.parse
import zipfile

import gguf
import h5py
import ml_dtypes
import numpy as np
import onnx
import torch
from matlab_arrays import arrays
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save


def ballast(path):
    found = {}

    def unescaped(part):
        if part == "%":
            return ""
        return re.sub("%(2F|25|00|2E)", lambda match: chr(int(match[1], 16)), part)

    with h5py.File(path) as file, open(path, "rb") as plain:
        def visit(group, parts):
            for name in group:
                item = group[name]
                inner = [*parts, unescaped(name)]
                if isinstance(item, h5py.Group):
                    visit(item, inner)
                    continue
                count = item.id.get_storage_size()
                plain.seek(item.id.get_offset() or 0)
                found[".".join(inner)] = (list(item.shape), plain.read(count))

        for section in ("parameters", "buffers", "tensors"):
            if section in file:
                visit(file[section], [])
    return found


def safetensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        key: (entry["shape"], data[slice(*entry["data_offsets"])]) for key, entry in header.items()
    }


def pytorch(path):
    loaded = torch.load(path, weights_only=True)
    return state_dict(loaded.get("model_state_dict", loaded))


def state_dict(loaded):
    return {
        key: (
            list(tensor.shape),
            bytes(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy()),
        )
        for key, tensor in loaded.items()
    }


def torch_dcp(path):
    with tempfile.TemporaryDirectory() as folder:
        dcp_to_torch_save(path, f"{folder}/all.pt")
        loaded = torch.load(f"{folder}/all.pt", weights_only=False)
    return state_dict(loaded["model"] if isinstance(loaded.get("model"), dict) else loaded)


def numpy(path):
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                array = np.lib.format.read_array(member, allow_pickle=False)
            # What cannot be the name of a file is written as in an address; the outline is Ballast's.
            if name == "ballast.outline.npy":
                continue
            found[urllib.parse.unquote(name.removesuffix(".npy"))] = (list(array.shape), array.tobytes())
    return found


def of_gguf(path):
    found = {}
    for tensor in gguf.GGUFReader(path).tensors:
        data = np.ascontiguousarray(tensor.data)
        # Unsigned integers come in wider signed ones, as the same numbers.
        narrow = {"t.uint8": "uint8", "metadata/rng": "uint8", "t.uint16": "uint16", "t.uint32": "uint32"}
        if tensor.name in narrow:
            data = data.astype(narrow[tensor.name])
        found[tensor.name] = ([int(n) for n in reversed(tensor.shape)], data.tobytes())
    return found


def of_onnx(path):
    onnx.checker.check_model(path)
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        onnx.numpy_helper.to_array(tensor)
        found[tensor.name] = (list(tensor.dims), tensor.raw_data)
    return found


def matlab(path):
    found = {}
    for key, value in arrays(path).items():
        # Numbers of types that MATLAB lacks come in wider ones, as the same numbers.
        name = key.removeprefix("t.")
        if value.dtype == np.float32 and name.startswith("float8"):
            value = value.astype(getattr(ml_dtypes, name))
        found[key] = (list(value.shape), value.tobytes())
    return found


READERS = {
    "gguf": of_gguf, "onnx": of_onnx, "matlab": matlab,
    "ballast": ballast, "safetensors": safetensors, "pytorch": pytorch, "numpy": numpy,
    "torch-dcp": torch_dcp,
    "huggingface": lambda path: safetensors(f"{path}/model.safetensors"),
}


def fault(entry):
    found = READERS[entry["format"]](entry["path"])
    for key, tensor in entry["tensors"].items():
        if key not in found:
            # Of tied tensors these formats hold one, and say so in their metadata.
            if entry["format"] in ("safetensors", "huggingface") and any(
                    data.hex() == tensor["hex"] for _, data in found.values()):
                continue
            # A name that is too long for a file is cut, and its outline has the whole.
            if entry["format"] == "numpy" and len(key) > 200 and any(
                    name[:40] == key[:40] and data.hex() == tensor["hex"] for name, (_, data) in found.items()):
                continue
            return f"{key[:40]!r} is missing among {sorted(found)[:40]}"
        shape, data = found[key]
        # The library counts pairs of four bits.
        if key != "t.float4_e2m1fn_x2" and tensor.get("shape") is not None and shape != tensor["shape"]:
            return f"{key[:40]!r} is {shape}"
        if data.hex() != tensor["hex"]:
            return f"{key[:40]!r} has other bytes"
    further = {name for name in found if name not in entry["tensors"] and len(name) <= 200}
    return f"there is {sorted(further)[:5]} too" if further and entry["is_whole"] else None


with open(sys.argv[1]) as file:
    entries = json.load(file)
for entry in entries:
    wrong = fault(entry)
    print(f"WRONG {entry['path']}: {wrong}" if wrong else f"ok {entry['path']}")
