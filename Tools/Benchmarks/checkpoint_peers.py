"""The peers' side of `Tools/benchmark checkpoints`: h5py, safetensors and PyTorch.

Reads one command a line, its name and its arguments separated by tabs, as Ballast's worker does.
Answers each with one line: the seconds it took.
"""

import sys
import time

import h5py
import torch
from safetensors.torch import load_file, save_file

tensors = {}


def save_h5py(path, **options):
    with h5py.File(path, "w") as file:
        for key, tensor in tensors.items():
            file.create_dataset(key.replace(".", "/"), data=tensor.numpy(), **options)


def load_h5py(path):
    with h5py.File(path) as file:
        return {key: file[key.replace(".", "/")][...] for key in tensors}


COMMANDS = {
    "save-h5py": save_h5py,
    "save-h5py-compressed": lambda path: save_h5py(
        path, compression="gzip", compression_opts=4, shuffle=True),
    "load-h5py": load_h5py,
    "save-safetensors": lambda path: save_file(tensors, path),
    "load-safetensors": load_file,
    "save-torch": lambda path: torch.save(tensors, path),
    "load-torch": lambda path: torch.load(path, weights_only=True),
    "load-torch-mmap": lambda path: torch.load(path, weights_only=True, mmap=True),
}


def main():
    for line in sys.stdin:
        name, path = line.rstrip("\n").split("\t")
        if name == "prepare":
            # Into memory of its own: tensors over a mapping would be copied from file to file.
            tensors.clear()
            tensors.update((key, tensor.clone()) for key, tensor in load_file(path).items())
            print(0.0, flush=True)
            continue
        start = time.perf_counter()
        # Kept until after the clock has stopped.
        result = COMMANDS[name](path)
        elapsed = time.perf_counter() - start
        assert result is None or len(result) == len(tensors)
        del result
        print(elapsed, flush=True)


main()
