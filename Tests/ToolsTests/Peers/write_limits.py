"""Writes files at the limits of what formats hold.

    python write_limits.py FOLDER

needs torch==2.13.0, h5py, NumPy and safetensors.
"""

import sys

import h5py
import numpy as np
import safetensors.torch
import torch

FOLDER = sys.argv[1]
sys.setrecursionlimit(10_000)
COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def save(name, value):
    torch.save(value, f"{FOLDER}/{name}.pth")


def nested(depth):
    value = 1
    for _ in range(depth):
        value = {"a": value}
    return value


long_key = ".".join(f"s{i}" for i in range(300))
save("segments", {long_key: torch.ones(2), long_key + "x": torch.zeros(2)})
for depth in (256, 257, 500):
    save(f"nested_{depth}", {"state_dict": {"w": torch.ones(2)}, "meta": nested(depth)})
save("rows", {"none": torch.zeros(0, 3), "one": torch.tensor(1.0)})
save("empty", {})
# Two modules, and two keys, that Unicode takes for the same text.
save("modules", {f"{COMPOSED}.a": torch.ones(2), f"{DECOMPOSED}.b": torch.zeros(2)})
save("keys", {COMPOSED: torch.ones(2), DECOMPOSED: torch.zeros(2)})
save("names", {"state_dict": {"w": torch.ones(2)}, "m": {COMPOSED: 1, DECOMPOSED: 2}})
pair = {COMPOSED: torch.ones(2), DECOMPOSED: torch.zeros(2)}
safetensors.torch.save_file(pair, f"{FOLDER}/keys.safetensors")
np.savez(f"{FOLDER}/keys.npz", **{key: tensor.numpy() for key, tensor in pair.items()})
with h5py.File(f"{FOLDER}/keys.hdf5", "w") as file:
    for key, tensor in pair.items():
        file[key] = tensor.numpy()
