"""Writes the tensors of a description as the libraries of four formats do.

    python write_twins.py DESCRIPTION FOLDER NAME

DESCRIPTION is JSON with, for each key, `shape` and `hex`, the bytes; what has 8 bytes for an element is
int64, the rest float32. Keys of an optimizer's state, with a colon, are left out. Writes NAME.pth,
NAME.safetensors, NAME.npz and NAME.h5.
"""

import json
import math
import sys

import h5py
import numpy as np
import torch
from safetensors.torch import save_file


def main():
    description, folder, name = sys.argv[1:]
    arrays = {}
    with open(description) as file:
        for key, value in json.load(file).items():
            if ":" not in key:
                data = bytes.fromhex(value["hex"])
                wide = len(data) == 8 * math.prod(value["shape"])
                arrays[key] = np.frombuffer(data, "<i8" if wide else "<f4").reshape(value["shape"])
    tensors = {key: torch.from_numpy(value.copy()) for key, value in arrays.items()}
    torch.save(tensors, f"{folder}/{name}.pth")
    save_file(tensors, f"{folder}/{name}.safetensors")
    np.savez(f"{folder}/{name}.npz", **arrays)
    with h5py.File(f"{folder}/{name}.h5", "w") as file:
        for key, value in arrays.items():
            file[key.replace(".", "/")] = value


main()
