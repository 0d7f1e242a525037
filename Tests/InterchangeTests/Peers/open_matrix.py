"""Opens each file with its own library, and holds it against what should be in it.

    python open_matrix.py FIXTURES LIST

LIST has a line for each file: its format, the name of the model, its path. The tensors of a model are in
FIXTURES/NAME.json, the model of Keras in FIXTURES/NAME.keras. Prints `ok` or `WRONG` and the path.
"""

import json
import os
import sys
import warnings

os.environ["KERAS_BACKEND"] = "torch"
warnings.filterwarnings("ignore")

import gguf  # noqa: E402
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnx.numpy_helper  # noqa: E402
import torch  # noqa: E402
from matlab_arrays import arrays as matlab  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402


def ballast(path):
    """The tensors in a file of Ballast, as h5py finds them without knowing the layout's details."""
    tensors = {}
    with h5py.File(path) as file:
        for section in ("parameters", "buffers"):
            def visit(key, item):
                if isinstance(item, h5py.Dataset):
                    tensors[key.replace("/", ".")] = np.asarray(item[()])
            if section in file:
                file[section].visititems(visit)
    return tensors


def pytorch(path):
    loaded = torch.load(path, weights_only=True)
    loaded = loaded.get("model_state_dict", loaded)
    return {key: value.numpy() for key, value in loaded.items() if isinstance(value, torch.Tensor)}


def numpy(path):
    with np.load(path, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def huggingface(path):
    return load_file(f"{path}/model.safetensors")


def of_gguf(path):
    # NumPy has no contiguous copy without dimensions.
    return {
        tensor.name: np.array(tensor.data).reshape([int(n) for n in reversed(tensor.shape)])
        for tensor in gguf.GGUFReader(path).tensors
    }


def of_onnx(path):
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


TENSORS = {"ballast": ballast, "huggingface": huggingface, "pytorch": pytorch,
           "safetensors": load_file, "numpy": numpy, "gguf": of_gguf, "onnx": of_onnx,
           "matlab": matlab}


def has_tensors(found, path):
    with open(path) as file:
        expected = {key: value for key, value in json.load(file).items() if ":" not in key}
    return all(
        key in found and list(found[key].shape) == value["shape"]
        and np.ascontiguousarray(found[key]).tobytes().hex() == value["hex"]
        for key, value in expected.items()
    )


def values(model):
    return [variable.value.detach().cpu().numpy() for variable in model.weights]


def has_weights(format, path, original):
    expected = keras.models.load_model(original, compile=False)
    if format == "keras-weights":
        model = keras.models.load_model(original, compile=False)
        for variable in model.weights:
            variable.assign(np.zeros(variable.shape))
        model.load_weights(path)
    else:
        model = keras.models.load_model(path, compile=False)
    return all(
        a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(values(expected), values(model), strict=True)
    )


def main():
    fixtures, listing = sys.argv[1:]
    with open(listing) as file:
        lines = file.read().splitlines()
    for line in lines:
        format, name, path = line.split("\t")
        if format in TENSORS:
            right = has_tensors(TENSORS[format](path), f"{fixtures}/{name}.json")
        else:
            right = has_weights(format, path, f"{fixtures}/{name}.keras")
        print("ok" if right else "WRONG", path)


main()
