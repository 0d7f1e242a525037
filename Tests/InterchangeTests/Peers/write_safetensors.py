"""Writes safetensors files with the format's own library, and prints what is in them as JSON.

    python write_safetensors.py FOLDER

Writes all.safetensors, with every type that torch and the library share, and a model in two shards
with its index.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

TYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
         "float16", "bfloat16", "float32", "float64", "complex64", "float8_e4m3fn", "float8_e5m2",
         "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]


def tensor(name, shape, seed):
    dtype = getattr(torch, name)
    count = torch.Size(shape).numel()
    if name == "bool":
        return (torch.arange(count) % 2 == 0).reshape(shape)
    raw = (torch.arange(count * dtype.itemsize) * 37 + seed).to(torch.uint8)
    return raw.view(dtype).reshape(shape) if count else torch.empty(shape, dtype=dtype)


def main():
    folder = Path(sys.argv[1])
    tensors = {}
    for number, name in enumerate(TYPES):
        for label, shape in (("scalar", ()), ("odd", (7,)), ("grid", (2, 3)), ("empty", (0, 4))):
            tensors[f"{name}.{label}"] = tensor(name, shape, number)
    tensors["bn.running_mean"] = torch.ones(3)
    save_file(tensors, folder / "all.safetensors", metadata={"format": "pt", "epoch": "3"})

    shards = [{"a.weight": torch.ones(2, 2), "b": torch.zeros(3)}, {"c": torch.full((1,), 5.0)}]
    weight_map = {}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-00002.safetensors"
        save_file(shard, folder / name)
        weight_map |= {key: name for key in shard}
    index = {"metadata": {"total_size": 32}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    print(json.dumps({
        key: {"dtype": str(value.dtype)[6:], "shape": list(value.shape),
              "hex": bytes(value.contiguous().reshape(-1).view(torch.uint8).tolist()).hex()
              if value.numel() else ""}
        for key, value in tensors.items()}))


main()
