"""Makes files that hold several models, and says what each part of them is.

    python make_parts.py FOLDER

Pinned: torch 2.13.0+cpu, safetensors 0.8, numpy 2.4.6, h5py 3.16. Prints JSON: for each part its file, its root,
its tensors by key (type, shape, bytes), its metadata, and a word that the note about the rest must have.
"""

import collections
import json
import os
import sys

import h5py
import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = sys.argv[1]
PARTS = []
torch.manual_seed(5)


def described(t):
    t = t.detach()
    return {"dtype": str(t.dtype)[6:], "shape": list(t.shape),
            "hex": bytes(t.contiguous().view(-1).view(torch.uint8).tolist()).hex()}


def part(file, root, tensors, metadata=(), outside="", optimizer=False):
    PARTS.append({"path": os.path.join(FOLDER, file), "root": root, "metadata": list(metadata), "outside": outside,
                  "optimizer": optimizer, "tensors": {k: described(t) for k, t in tensors.items()}})


def net(width=3):
    return torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.Linear(width, 1))


g, d, e = net().state_dict(), net(4).state_dict(), net().state_dict()
module = torch.nn.Sequential(net(), torch.nn.BatchNorm1d(2))
optimizers = []
for model in (net(), net(4)):
    optimizer = torch.optim.Adam(model.parameters())
    sum(p.sum() for p in model.parameters()).backward()
    optimizer.step()
    optimizers.append(optimizer.state_dict())
w = torch.arange(3.0)
torch.save({
    "generator": g, "discriminator": d, "ema": {"w": w, "decay": 0.5}, "optimizers": optimizers, "folds": [g, e],
    "run.1": {"state_dict": e, "epoch": 3}, "run": {"2": {"model": d}}, "numbers": {7: g}, "module": module,
    "tensor": w, "epoch": 4,
}, os.path.join(FOLDER, "gan.pth"))
part("gan.pth", "ema", {"w": w}, ["decay"], "generator")
part("gan.pth", "discriminator", d, [], "generator")
part("gan.pth", "generator.0", {"weight": g["0.weight"], "bias": g["0.bias"]}, [], "discriminator")
part("gan.pth", "folds.1", e, [], "folds.0")
part("gan.pth", "optimizers.1", {}, [], "optimizers.0", optimizer=True)
part("gan.pth", "run.1", e, ["epoch"], "generator")
part("gan.pth", "run.1.state_dict", e, [], "run.1.epoch")
part("gan.pth", "run.2", d, [], "run.1")
part("gan.pth", "numbers.7", g, [], "ema")
part("gan.pth", "module.0", {k: v for k, v in module[0].state_dict().items()}, [], "module.1")
part("gan.pth", "tensor", {"tensor": w}, [], "generator")
part("gan.pth", "optimizers.0.state.1.exp_avg", {"tensor": optimizers[0]["state"][1]["exp_avg"]}, [], "optimizers.0.state.1.exp_avg_sq")

# Formats of named arrays: what begins with the root.
named = {"g.0.weight": w, "g.0.bias": w + 1, "d.weight": w + 2, "g0": w + 3, "scale": w + 4}
inner = {"0.weight": w, "0.bias": w + 1}
save_file(named, os.path.join(FOLDER, "named.safetensors"))
np.savez(os.path.join(FOLDER, "named.npz"), **{k: v.numpy() for k, v in named.items()})
with h5py.File(os.path.join(FOLDER, "named.h5"), "w") as file:
    for key, value in named.items():
        file["/" + key.replace(".", "/")] = value.numpy()
    file.attrs["epoch"] = 3
for file in ("named.safetensors", "named.npz", "named.h5"):
    part(file, "g", inner, [], "3 tensors")
    part(file, "g.0", {"weight": w, "bias": w + 1}, [], "3 tensors")
    part(file, "scale", {"scale": w + 4}, [], "4 tensors")
part("named.h5", "/g/0".strip("/"), {"weight": w, "bias": w + 1}, [], "epoch")
torch.save({"a.b": {"model": g}, "a": {"b": {"model": e}}}, os.path.join(FOLDER, "twice.pth"))

print(json.dumps(PARTS))
