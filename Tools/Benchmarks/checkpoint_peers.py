"""The peers' side of `Tools/benchmark checkpoints`: h5py, safetensors, PyTorch, NumPy and Keras.

Reads one command a line, its name and its arguments separated by tabs, as Ballast's worker does.
Answers each with one line: the seconds it took. Keras, which takes long to begin, is imported by the
commands that want it, when they prepare.
"""

import ctypes
import gc
import pathlib
import sys
import time

import h5py
import numpy
import torch
from safetensors.torch import load_file, save_file
from torch.distributed.checkpoint.default_planner import _validate_global_plan
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.checkpoint.metadata import (
    ChunkStorageMetadata, Metadata, TensorProperties, TensorStorageMetadata)

tensors = {}
model = None
"""Of Keras."""
table = None
"""Of a tensor in pieces."""


# MARK: Preparing


def prepare(path):
    # Into memory of its own: tensors over a mapping would be copied from file to file.
    tensors.clear()
    tensors.update((key, tensor.clone()) for key, tensor in load_file(path).items())


def prepare_keras(kind, width, path):
    """Makes a Keras model and saves it whole and its config as JSON, for Ballast's worker."""
    global model
    import keras

    keras.utils.set_random_seed(0)
    if kind == "resnet":
        model = keras.applications.ResNet50(weights=None)
    else:
        dense = [keras.layers.Dense(int(width), name=f"layer{i}") for i in range(16)]
        model = keras.Sequential([keras.Input((int(width),)), *dense])
    model.save(path)
    pathlib.Path(path).with_suffix(".json").write_text(model.to_json())


def prepare_tiling(kind, count):
    """Describes a tensor that is cut into rows or columns, in any order, as Ballast's worker has it."""
    global table
    count = int(count)
    numbers = numpy.random.default_rng(0).permutation(count).tolist()
    if kind == "rows":
        shape = (2 * count, 64)
        boxes = (((2 * number, 0), (2, 64)) for number in numbers)
    else:
        shape = (2 * count, count)
        boxes = (((0, number), (2 * count, 1)) for number in numbers)
    chunks = [ChunkStorageMetadata(torch.Size(start), torch.Size(size)) for start, size in boxes]
    table = Metadata({"w": TensorStorageMetadata(TensorProperties(), torch.Size(shape), chunks)})


def validate_tiling():
    # What is saved by one process is not looked at.
    assert _validate_global_plan([None, None], table) == []


def trim():
    """Gives memory that nothing uses back to the system, where glibc has a call for it."""
    gc.collect()
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back:
        give_back(0)


# MARK: Saving and loading


def save_h5py(path, **options):
    with h5py.File(path, "w") as file:
        for key, tensor in tensors.items():
            file.create_dataset(key.replace(".", "/"), data=tensor.numpy(), **options)


def load_h5py(path):
    with h5py.File(path) as file:
        return {key: file[key.replace(".", "/")][...] for key in tensors}


def load_keras(path):
    import keras

    return keras.saving.load_model(path)


def copied(state):
    return {key: tensor.clone() for key, tensor in state.items()}


# MARK: Converting: all of one library's tensors, then all into the other's file


def arrays(file):
    """Every dataset that Ballast put into the groups of tensors, by its path."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name.replace("/", ".")] = torch.from_numpy(item[...])

    for group in ("parameters", "buffers"):
        if group in file:
            file[group].visititems(visit)
    return found


def read(path):
    match pathlib.Path(path).suffix:
        case ".pth":
            return torch.load(path, weights_only=True)
        case ".safetensors":
            return load_file(path)
        case ".npz":
            with numpy.load(path) as file:
                return {key: torch.from_numpy(file[key]) for key in file.files}
        case ".keras":
            return {weight.path.replace("/", "."): torch.from_numpy(weight.numpy())
                    for weight in load_keras(path).weights}
        case _:
            with h5py.File(path) as file:
                return arrays(file)


def write(state, path):
    match pathlib.Path(path).suffix:
        case ".pth":
            torch.save(state, path)
        case ".safetensors":
            save_file(state, path)
        case ".npz":
            numpy.savez(path, **{key: tensor.numpy() for key, tensor in state.items()})
        case ".keras":
            for layer in model.layers:
                layer.set_weights(
                    [state[f"{layer.name}.weight"].numpy().T, state[f"{layer.name}.bias"].numpy()])
            model.save(path)
        case _:
            with h5py.File(path, "w") as file:
                for key, tensor in state.items():
                    file.create_dataset(key.replace(".", "/"), data=tensor.numpy())


# MARK: Commands

PREPARING = {
    "prepare": prepare, "prepare-keras": prepare_keras, "prepare-tiling": prepare_tiling, "trim": trim}
COMMANDS = {
    "save-h5py": save_h5py,
    "save-h5py-compressed": lambda path: save_h5py(
        path, compression="gzip", compression_opts=4, shuffle=True),
    "load-h5py": load_h5py,
    "save-safetensors": lambda path: save_file(tensors, path),
    "load-safetensors": load_file,
    "load-safetensors-copied": lambda path: copied(load_file(path)),
    "save-torch": lambda path: torch.save(tensors, path),
    "load-torch": lambda path: torch.load(path, weights_only=True),
    "load-torch-mmap": lambda path: torch.load(path, weights_only=True, mmap=True),
    "load-torch-mmap-copied": lambda path: copied(torch.load(path, weights_only=True, mmap=True)),
    "save-keras-weights": lambda path: model.save_weights(path),
    "load-keras-weights": lambda path: model.load_weights(path),
    "save-keras": lambda path: model.save(path),
    "load-keras": load_keras,
    "convert": lambda source, target: write(read(source), target),
    "tiling": validate_tiling,
    "convert-distributed": lambda source, target: dcp_to_torch_save(source, target),
}


def main():
    result = None
    for line in sys.stdin:
        name, *arguments = line.rstrip("\n").split("\t")
        # Kept until now, so that the driver saw the memory that it takes.
        result = None
        if name in PREPARING:
            PREPARING[name](*arguments)
            print(0.0, flush=True)
            continue
        start = time.perf_counter()
        result = COMMANDS[name](*arguments)
        elapsed = time.perf_counter() - start
        assert not isinstance(result, dict) or len(result) == len(tensors)
        print(elapsed, flush=True)


main()
