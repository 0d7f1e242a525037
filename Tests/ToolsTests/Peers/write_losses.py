"""Writes files with what no checkpoint of Ballast's holds, each with one sort of it.

    python write_losses.py FOLDER FIXTURES

needs torch==2.13.0, h5py and safetensors. FIXTURES is the folder of Keras's fixtures. `clean.pth` loses
nothing.
"""

import json
import shutil
import struct
import sys
import zipfile
from collections import Counter, OrderedDict, defaultdict

import h5py
import numpy as np
import torch
from torch import nn

FOLDER, FIXTURES = sys.argv[1:]


def weights():
    return OrderedDict([("fc.weight", torch.arange(6.0).reshape(2, 3)), ("fc.bias", torch.ones(2))])


def save(name, value):
    torch.save(value, f"{FOLDER}/{name}.pth")


def beside(name, value):
    """A value under its own name in a checkpoint."""
    save(name, {"model": weights(), name: value})


class Options(dict):
    pass


class Marked(torch.Tensor):
    pass


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.register_buffer("mask", torch.ones(2), persistent=False)

    def forward(self, x):
        return self.fc(x) * self.mask


class Script(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)


def optimizer_of(state, **group):
    keys = ["fc.weight", "fc.bias"] if group.pop("named", False) else [0, 1]
    slots = {key: {"step": torch.tensor(1.0), "exp_avg": torch.zeros_like(value),
                   "exp_avg_sq": torch.ones_like(value)}
             for key, value in zip(keys, state.values())}
    options = {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False}
    return {"state": slots, "param_groups": [{**options, **group, "params": keys}]}


def pytorch():
    save("clean", {"model": weights(), "epoch": 3, "options": {"lr": 0.1, 5: "five", None: [(1, 2.5)]}})
    loop = {"lr": 0.1}
    loop["again"] = loop
    beside("cycle", loop)
    beside("defaultdict", defaultdict(list, a=[1]))
    beside("counter", Counter("aab"))
    beside("ordered", [OrderedDict(a=1)])
    beside("array", np.arange(3.0))
    beside("number", np.float64(0.5))
    beside("bytearray", bytearray(b"ab"))
    beside("storage", torch.ones(2).untyped_storage())
    beside("parameter", nn.Parameter(torch.ones(2), requires_grad=False))
    beside("gradient", torch.ones(2, requires_grad=True))
    noted = OrderedDict(a=1)
    noted.note = "x"
    beside("noted", noted)

    state = weights()
    state.note = "x"
    save("attributes", state)
    state = nn.Linear(3, 2).state_dict()
    state._metadata[""]["quantised"] = True
    save("local_metadata", state)
    state = weights()
    state["fc.bias"].note = "x"
    save("tensor_attributes", state)
    save("subclass", OrderedDict(w=torch.ones(2).as_subclass(Marked)))
    save("numpy_weights", {"w": np.ones(2, dtype=np.float32)})
    save("default_state", defaultdict(list, weights()))
    save("integers", {0: torch.ones(2), 1: torch.ones(3)})
    save("fraction", {"model": weights(), 0.5: "half"})
    save("integer_networks", {0: weights(), 1: weights(), "epoch": 3})
    own = Options(weights())
    own.note = "x"
    save("own_class", own)
    save("module", Model())
    torch.jit.script(Script()).save(f"{FOLDER}/script.pth")
    root = OrderedDict(model=weights())
    root.note = "x"
    save("root", root)

    def optimizer(name, state):
        save(name, {"model": weights(), "optimizer": state})

    state = optimizer_of(weights())
    state["state"][7] = {"step": torch.tensor(1.0)}
    optimizer("stray", state)
    optimizer("some_names", optimizer_of(weights(), param_names=["fc.weight"]))
    optimizer("option_keys", {**optimizer_of(weights()), "state": optimizer_of(weights())["state"],
                              "param_groups": [{**optimizer_of(weights())["param_groups"][0], 3: "x"}]})
    optimizer("default_slots", {**optimizer_of(weights()),
                                "state": defaultdict(dict, optimizer_of(weights())["state"])})
    optimizer("named", optimizer_of(weights(), named=True))


def others():
    with h5py.File(f"{FOLDER}/links.h5", "w") as file:
        file["a/w"] = np.ones(2, dtype="<f4")
        file["soft"] = h5py.SoftLink("/a/w")
        file["again"] = file["a"]
        file["type"] = np.dtype("<f4")
    shutil.copy(f"{FIXTURES}/image.weights.h5", f"{FOLDER}/flatten.weights.h5")
    shutil.copy(f"{FIXTURES}/image.weights.h5", f"{FOLDER}/more.weights.h5")
    with h5py.File(f"{FOLDER}/more.weights.h5", "a") as file:
        file["elsewhere"] = np.ones(2, dtype="<f4")
        file["optimizer/inner/vars/0"] = np.ones(2, dtype="<f4")
    shutil.copy(f"{FIXTURES}/image.h5", f"{FOLDER}/legacy.h5")
    with h5py.File(f"{FOLDER}/legacy.h5", "a") as file:
        file["elsewhere"] = np.ones(2, dtype="<f4")
        file["model_weights/unlisted/w"] = np.ones(2, dtype="<f4")
    shutil.copy(f"{FIXTURES}/image.keras", f"{FOLDER}/archive.keras")
    with zipfile.ZipFile(f"{FOLDER}/archive.keras", "a") as archive:
        archive.writestr("notes.txt", "x")
    np.savez(f"{FOLDER}/texts.npz", w=np.ones(2, dtype="<f4"))
    with zipfile.ZipFile(f"{FOLDER}/texts.npz", "a") as archive:
        archive.writestr("notes.txt", "x")
    # What another program makes of a file of Ballast's from which it takes a tensor.
    outline = {"ballast_outline": 1, "tensors": [{"key": "w", "role": "parameter"}, {"key": "gone"}],
               "metadata": {"rng": {"tensor": "metadata/rng"}, "epoch": 3}}
    header = json.dumps({"__metadata__": {"ballast.outline": json.dumps(outline)},
                         "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    with open(f"{FOLDER}/taken.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + struct.pack("<2f", 1, 2))


pytorch()
others()
