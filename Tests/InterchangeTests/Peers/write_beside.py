"""Files of PyTorch that have something odd beside their model, or are put together in plain dictionaries.

    python write_beside.py FOLDER

Written with torch 2.13.0, seed 5.
"""

import collections
import random
import re
import sys
import warnings

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(5)
folder = sys.argv[1]


def save(name, value):
    torch.save(value, f"{folder}/{name}.pth")


def net():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


# Tensors that are not read. Each lies beside a model, in a list, or in the model itself.
UNREAD = {
    "coo": torch.eye(3).to_sparse(),
    "csr": torch.eye(3).to_sparse_csr(),
    "quantised": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
    "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    "meta": torch.empty(3, device="meta"),
    "lazy": nn.LazyLinear(3).weight,
    "parameter": nn.Parameter(torch.eye(3).to_sparse()),
}
for name, tensor in UNREAD.items():
    kept = torch.arange(3.0)
    save(f"beside_{name}", {"model": net().state_dict(), name: tensor, "kept": kept})
    save(f"listed_{name}", {"model": net().state_dict(), "others": [kept, {"it": tensor}]})
    average = net().state_dict()
    average["odd"] = tensor
    save(f"average_{name}", {"model": net().state_dict(), "ema": average})
    save(f"within_{name}", {"model": {**net().state_dict(), "odd": tensor}, "kept": kept})

# The weights of a quantised layer are in a tuple among the tensors of the model, or in an attribute of a module.
packed = net().state_dict()
packed["0._packed_params._packed_params"] = (UNREAD["quantised"], torch.ones(3))
save("packed", packed)
save("packed_in", {"model": packed, "epoch": 3})
holder = net()
holder[0].packed = (UNREAD["quantised"], None)
save("packed_module", holder)

# Plain dictionaries, and others.
plain, ordered = dict(net().state_dict()), net().state_dict()
save("plain", plain)
save("plain_model", {"model": plain, "epoch": 3})
save("plain_deep", {"checkpoint": {"model": plain, "epoch": 3}})
save("plain_beside", {"model": {**plain, "note": "text"}, "epoch": 3})
save("plain_ema", {"model": ordered, "ema": dict(net().state_dict())})
save("plain_networks", {"g": dict(plain), "d": net().state_dict()})
save("ordered_networks", collections.OrderedDict(g=dict(plain), d=net().state_dict()))
save("plain_model_networks", {"model": {"g": ordered, "d": dict(plain)}, "epoch": 3})
save("plain_nested", {"encoder": {"weight": torch.ones(2)}, "bias": torch.ones(3), "layer": ordered})

# Whole modules.
save("modules", {"model": net(), "ema": net(), "teachers": {"first": net()}})

# Random states, as trainers keep them.
save("rng_state", {
    "python": random.getstate(), "numpy": np.random.get_state(), "cpu": torch.get_rng_state(),
    "cuda": torch.zeros(16, dtype=torch.uint8)})
save("lone_rng", torch.get_rng_state())
save("rng_beside", {"rng_state": torch.get_rng_state(), "model": net().state_dict()})

# What only a call makes.
save("call", {"model": net().state_dict(), "pattern": re.compile("a+", re.I)})
