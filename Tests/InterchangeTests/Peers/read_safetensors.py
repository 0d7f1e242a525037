"""Reads safetensors with the format's own library, and prints what is in them as JSON.

    python read_safetensors.py FILE [RESAVED]

FILE may be an index; all files that it names are read then. With RESAVED the library writes what it
read there.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file


def main():
    path = Path(sys.argv[1])
    paths = [path]
    if path.suffix == ".json":
        weight_map = json.loads(path.read_text())["weight_map"]
        paths = sorted({path.parent / name for name in weight_map.values()})
    tensors, metadata = {}, {}
    for part in paths:
        with safe_open(part, framework="pt") as file:
            metadata |= file.metadata() or {}
            names = list(file.keys())
            if path.suffix == ".json":
                assert {weight_map[name] for name in names} == {part.name}
            tensors |= {name: file.get_tensor(name) for name in names}
    if len(sys.argv) > 2:
        save_file(tensors, sys.argv[2], metadata=metadata or None)
    print(json.dumps({"metadata": metadata, "tensors": {
        name: {"dtype": str(value.dtype)[6:], "shape": list(value.shape),
               "hex": bytes(value.reshape(-1).untyped_storage().tolist()).hex()
               if value.numel() else ""}
        for name, value in tensors.items()}}))


main()
