"""Makes PyTorch files whose model is somewhere in them, with all sorts of things beside it.

    python make_roots.py FOLDER

Pinned: torch 2.13.0+cpu, numpy 2.4.6. Prints JSON: for each file its name, its path, and `model`: its tensors
by key (type, shape, bytes), or null where it is not clear which part is the model; `root`: what the note or the
refusal must name; `metadata`: the names of what is beside it.
"""

import collections
import json
import os
import sys
import types

import numpy as np
import torch

FOLDER = sys.argv[1]
CASES = []
torch.manual_seed(11)


def described(t):
    t = t.detach()
    return {"dtype": str(t.dtype)[6:], "shape": list(t.shape),
            "hex": bytes(t.contiguous().view(-1).view(torch.uint8).tolist()).hex()}


def net(width=3):
    return torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.Linear(width, 1))


def case(name, value, model, root=None, metadata=(), optimizer=False, exact=True):
    path = os.path.join(FOLDER, f"{len(CASES):03}.pth")
    torch.save(value, path)
    CASES.append({
        "name": name, "path": path, "root": root, "metadata": list(metadata), "optimizer": optimizer,
        "exact": exact,
        "model": None if model is None else {key: described(t) for key, t in model.items()}})


class Config:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


sys.modules["trainer"] = types.ModuleType("trainer")
sys.modules["trainer"].Config = Config
Config.__module__ = "trainer"

a = net().state_dict()
# What is beside the model has no versions of modules, for which values have no place.
b, c = (collections.OrderedDict(net().state_dict().items()) for _ in range(2))
wide = net(5).state_dict()
w, e = torch.arange(3.0), torch.arange(3.0) + 10
optimizer = torch.optim.Adam(net().parameters())
sum(p.sum() for group in optimizer.param_groups for p in group["params"]).backward()
optimizer.step()
optimizer = optimizer.state_dict()

# One value beside the tensors costs nothing.
case("a step beside the tensors, and an average", {"model": {"w": w, "step": 5}, "ema": {"w": e}}, {"w": w}, "ema",
     ["model", "ema"])
case("None beside them", {"state_dict": {"w": w, "mask": None}, "ema": {"w": e}}, {"w": w}, "ema",
     ["state_dict", "ema"])
case("a text among them", {"model": {"name": "net", "w": w, "b": e}, "epoch": 1}, {"w": w, "b": e}, None,
     ["model", "epoch"])
case("NumPy scalars among them", {"net": {"w": w, "loss": np.float64(0.5), "n": np.int64(3), "b": e}},
     {"w": w, "b": e}, None, ["net"])
case("more beside than tensors", {"model": {"w": w, "a": 1, "b": 2, "c": [3]}, "other": {"v": e}}, {"w": w}, "other",
     ["model", "other"])
case("a version tensor at the root", {"w": w, "b": e, "version": torch.tensor(3), "epoch": 2},
     {"w": w, "b": e, "version": torch.tensor(3)}, None, ["epoch"])
case("an average beside tensors of the root", {"w": w, "b": e, "ema": {"w": e, "b": w}, "epoch": 3},
     {"w": w, "b": e}, "ema", ["ema", "epoch"])
case("integer keys", {"model": {0: w, 1: e}, "epoch": 1}, {"0": w, "1": e}, None, ["epoch"])
case("integer keys alone", {0: w, 7: e}, {"0": w, "7": e})
case("integer keys and a text", {"model": {0: w, "name": "x", 1: e}}, {"0": w, "1": e}, None, ["model"])

# The model is deeper.
case("arguments beside the state dict", {"model": {"state_dict": a, "args": {"depth": 3, "name": None}}}, a,
     "model.state_dict", ["model"])
case("a checkpoint in a checkpoint", {"checkpoint": {"model": a, "epoch": 1}}, a, "checkpoint.model", ["checkpoint"])
case("with its optimizer", {"checkpoint": {"epoch": 1, "optimizer": optimizer, "model": a, "lr": 0.1}, "host": "x"}, a,
     "checkpoint.model", ["checkpoint", "host"], optimizer=True)
case("an optimizer before the model", {"run": {"optim": [optimizer], "model": a}}, a, "run.model", [], optimizer=True)
case("nothing else", {"outer": {"inner": {"state_dict": a}}}, a, "outer.inner.state_dict", [])
case("nested dictionaries, one of them called net", {"params": {"net": {"w": w}, "head": {"w": e, "b": w}}, "n": 1},
     {"net.w": w, "head.w": e, "head.b": w}, None, ["n"])
case("nested dictionaries with a tensor", {"model": {"net": {"w": w}, "scale": e, "step": 3}},
     {"net.w": w, "scale": e}, None, ["model"])
case("four deep", {"a": {"b": {"c": {"model": a, "n": 1}, "m": 2}}, "k": 3}, a, "a.b.c.model", ["a", "k"])
case("in a list of one", {"models": [a], "epoch": 2}, a, "models.0", ["epoch"])
case("in a tuple, behind a text", {"saved": ("v1", {"model": a, "n": 1}, 7)}, a, "saved.1.model", ["saved"])
case("the state dict and an epoch", [a, 4], a, None, ["1"])
case("the state dict and its optimizer", (a, optimizer), a, None, [], optimizer=True)
case("the attribute of an object", {"trainer": Config(model=a, lr=0.1)}, a, "trainer.model", ["trainer"], exact=False)
case("an object", Config(model=a, lr=0.1), a, None, ["lr"], exact=False)

class Options(dict):
    pass


sys.modules["trainer"].Options = Options
Options.__module__ = "trainer"
case("a dictionary of a class of its own", Options(w=w, b=e), {"w": w, "b": e}, exact=False)
case("such a one with an epoch", Options(w=w, b=e, n=1), {"w": w, "b": e}, None, ["n"], exact=False)
case("such a one of networks", Options(gen=dict(w=w), dis=dict(w=e)), {"gen.w": w, "dis.w": e}, exact=False)
case("such a one deeper", {"run": Options(model=a, n=1)}, a, "run.model", ["run"], exact=False)
case("such a one as the model", {"model": Options(w=w, n=1), "ema": {"w": e}}, {"w": w}, "ema", ["model", "ema"],
     exact=False)

# Which of several.
case("an average beside it", {"ema": b, "model": a}, a, "ema", ["ema"])
case("the average alone", {"model": None, "ema": b, "updates": 10}, b, None, ["model", "updates"])
case("BasicSR", {"params": a, "params_ema": b}, a, "params_ema", ["params_ema"])
case("BasicSR, the average alone", {"params_ema": b}, b)
case("a teacher", {"student": a, "teacher": b, "epoch": 1}, a, "teacher", ["teacher", "epoch"])
case("a generator and its average", {"g": a, "g_ema": b, "d": wide, "args": {"size": 8}},
     {**{f"g.{k}": v for k, v in a.items()}, **{f"d.{k}": v for k, v in wide.items()}}, "g_ema", ["g_ema", "args"])
case("two names for a model", {"net": b, "state_dict": a}, a, "net", ["net"])
case("one dictionary under two names", {"best": a, "model": a}, a, None, ["best"], exact=False)
case("statistics beside it", {"net_g": a, "stats": {"mean": w, "n": 3}, "epoch": 1}, a, "stats", ["stats", "epoch"])
case("a tensor beside it", {"net_g": a, "best": torch.tensor(0.5), "epoch": 1}, a, None, ["best", "epoch"])
case("tensors of the optimizer", {"backbone": a, "optimizer": {"exp_avg": b}, "n": 1}, a, "optimizer",
     ["optimizer", "n"])
case("several networks, with a step each", {"gen": {"w": w, "step": 5}, "dis": {"w": e, "step": 6, "b": w}},
     {"gen.w": w, "dis.w": e, "dis.b": w}, None, ["gen", "dis"])
case("several networks, deeper", {"run": {"gen": a, "dis": wide, "n": 1}, "x": 2},
     {**{f"gen.{k}": v for k, v in a.items()}, **{f"dis.{k}": v for k, v in wide.items()}}, "run", ["run", "x"])
case("folds by number", {0: a, 1: b, "n": 2},
     {**{f"0.{k}": v for k, v in a.items()}, **{f"1.{k}": v for k, v in b.items()}}, None, ["n"])
case("folds by number alone", {0: a, 1: b},
     {**{f"0.{k}": v for k, v in a.items()}, **{f"1.{k}": v for k, v in b.items()}})
case("a list of state dicts", {"models": [a, b]}, None, "models.0")
case("a list of state dicts alone", [a, b, c], None, "0")
case("two checkpoints", {"one": {"state_dict": a, "n": 1}, "two": {"state_dict": b, "n": 2}}, None, "one.state_dict")
case("two under one name", {"fold1": {"model": a, "epoch": 1}, "fold2": {"model": b, "epoch": 2}}, None, "fold1.model")
case("weights of a loss", {"weights": {"a": w}, "generator": {f"l{i}.w": w for i in range(40)}, "epoch": 1}, None,
     "weights")
case("nothing but an optimizer's tensors", {"optimizer": {"exp_avg": b}, "n": 1}, {}, "optimizer", ["optimizer", "n"])
case("nothing", {"epoch": 1, "optimizer": optimizer}, {}, None, ["epoch"], optimizer=True)
deep = collections.OrderedDict(epoch=1, model=collections.OrderedDict(net=a, note="x"))
case("ordered dictionaries on the way", deep, a, "model.net", ["epoch", "model"], exact=False)

print(json.dumps(CASES))
