"""Reads a folder of a repository with torch and safetensors, as transformers does, and prints it as JSON.

    python read_huggingface.py FOLDER [VARIANT]

Every file has to hold exactly what the index says; safetensors have to name the framework, and the
index the bytes of all tensors, those of the same elements counted once.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open


def load(path):
    if path.suffix == ".bin":
        return torch.load(path, weights_only=True)
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["format"] == "pt", file.metadata()
        return {name: file.get_tensor(name) for name in file.keys()}


def add_variant(name, variant):
    if not variant:
        return name
    stem, ending = name.rsplit(".", 1)
    return f"{stem}.{variant}.{ending}"


def main():
    folder = Path(sys.argv[1])
    variant = sys.argv[2] if len(sys.argv) > 2 else None
    names = ["model.safetensors", "pytorch_model.bin"]
    single = [folder / add_variant(name, variant) for name in names]
    index = [folder / add_variant(name + ".index.json", variant) for name in names]
    found = [path for path in single + index if path.exists()]
    assert len(found) == 1, found
    if found[0] in single:
        files, tensors = [found[0].name], load(found[0])
    else:
        content = json.loads(found[0].read_text())
        weight_map, tensors = content["weight_map"], {}
        files = sorted(set(weight_map.values()))
        for name in files:
            part = load(folder / name)
            assert set(part) == {key for key, file in weight_map.items() if file == name}, name
            tensors |= part
        sizes = {(value.untyped_storage().data_ptr() or key, value.storage_offset(), value.shape,
                  value.stride()): value.nbytes for key, value in tensors.items()}
        assert content["metadata"]["total_size"] == sum(sizes.values()), sizes
        tensors = {key: tensors[key] for key in weight_map}
    print(json.dumps({"files": files, "tensors": [
        {"key": key, "dtype": str(value.dtype)[6:], "shape": list(value.shape),
         "hex": bytes(value.clone(memory_format=torch.contiguous_format).untyped_storage().tolist())
         .hex() if value.numel() else ""}
        for key, value in tensors.items()]}))


main()
