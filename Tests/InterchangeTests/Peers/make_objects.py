"""Makes PyTorch files with ordinary objects beside the weights, and some whose weights only a call would make.

    python make_objects.py FOLDER

Pinned: torch 2.13.0+cpu, numpy 2.4.6. Prints JSON: for each file its name, its path, its tensors by key (type, shape,
bytes), and a text that what is kept of the object must have; or, for a file that cannot be read without running
something, the name of what would have to be run.
"""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import http
import io
import itertools
import json
import logging
import operator
import os
import pathlib
import pickle
import random
import re
import signal
import socket
import ssl
import string
import subprocess
import sys
import types
import typing
import uuid

import numpy as np
import torch

FOLDER = sys.argv[1]
CASES = []
torch.manual_seed(3)


def described(t):
    t = t.detach()
    return {"dtype": str(t.dtype)[6:], "shape": list(t.shape),
            "hex": bytes(t.contiguous().view(-1).view(torch.uint8).tolist()).hex()}


def save(name, value, tensors=None, kept="", wants=None, protocol=2):
    path = os.path.join(FOLDER, f"{len(CASES):03}.pth")
    torch.save(value, path, pickle_protocol=protocol)
    CASES.append({
        "name": f"{name}, protocol {protocol}", "path": path, "kept": kept, "wants": wants,
        "tensors": {k: described(t) for k, t in (tensors or {}).items()}})


class Outer:
    class Inner:
        def __init__(self):
            self.depth = 7

    class Mode(enum.Enum):
        TRAIN = "train"

    def method(self, x):
        return x

    @staticmethod
    def static(x):
        return x


class Scheduler:
    """As the schedulers of torch before 2.4, whose state has a bound method of theirs."""

    def __init__(self):
        self.last_epoch = 3
        self.anneal_func = self.cosine

    def cosine(self, a, b):
        return a

    def state_dict(self):
        return dict(self.__dict__)


class Slotted:
    __slots__ = ("a",)

    def __init__(self):
        self.a = 5


class Fused(torch.nn.Module):
    """A module as Ultralytics has them after `fuse()`: a method of its own in the place of another, an activation
    function and a hook as attributes, and the facts of a detector."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Linear(2, 2)
        self.bn = torch.nn.BatchNorm1d(2)
        self.act = torch.relu
        self.act2 = torch.nn.functional.gelu
        self.partial = functools.partial(torch.nn.functional.leaky_relu, negative_slope=0.1)
        self.names = {0: "person", 1: "car"}
        self.forward = self.forward_fuse
        self.register_forward_hook(hook)

    def forward_fuse(self, x):
        return x


def hook(module, inputs, output):
    return output


def make_tensor(data):
    return torch.tensor(list(data))


class Rebuilt:
    """Something that is pickled as the call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


model = torch.nn.Linear(2, 3)
state = model.state_dict()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=9)
objects = {
    "a scheduler with a bound method": (Scheduler().state_dict(), "builtins.getattr"),
    "OneCycleLR": (scheduler.state_dict(), "total_steps"),
    "LambdaLR": (torch.optim.lr_scheduler.LambdaLR(optimizer, Outer.static).state_dict(), "last_epoch"),
    "a whole scheduler": (scheduler, "torch.optim.lr_scheduler.OneCycleLR"),
    "a nested class": (Outer.Inner(), '<__main__.Outer.Inner {"depth": int 7}>'),
    "the nested class itself": (Outer.Inner, '<global "__main__.Outer.Inner">'),
    "a nested enumeration": (Outer.Mode.TRAIN, '<__main__.Outer.Mode ("train")>'),
    "a static method": (Outer.static, '<global "__main__.Outer.static">'),
    "a bound method": (Outer().method, '"method"'),
    "functools.partial": (functools.partial(hook, output=4), '"output": int 4'),
    "collections.deque": (collections.deque([1, 2], maxlen=3), "[int 1, int 2]"),
    "re.compile": (re.compile("a+b", re.IGNORECASE), '<re._compile ("a+b", int 34)>'),
    "a logger": (logging.getLogger("train"), '<logging.getLogger ("train")>'),
    "len": (len, '<global "builtins.len">'),
    "Ellipsis": (..., '<global "builtins.Ellipsis">'),
    "NotImplemented": (NotImplemented, '<global "builtins.NotImplemented">'),
    "NoneType": (type(None), "<builtins.type (none)>"),
    "typing.Optional[int]": (typing.Optional[int], "typing.Union"),
    "typing.Callable": (typing.Callable[[int], str], "typing.Callable"),
    "list[int]": (list[int], "types.GenericAlias"),
    "texts of NumPy": (np.array(["a", "bc"]), '"U2"'),
    "objects in an array": (np.array([1, None, "x"], dtype=object), "[int 1, none, "),
    "records": (np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]), '"a", "b"'),
    "dates of NumPy": (np.array(["2020-01-02"], dtype="M8[D]"), '"<M8"'),
    "a masked array": (np.ma.array([1.0, 2.0], mask=[False, True]), "numpy.ma.core._mareconstruct"),
    "a matrix": (np.matrix([[1, 2]]), "numpy.matrix"),
    "a generator of NumPy": (np.random.default_rng(5), "numpy.random._pickle.__generator_ctor"),
    "an older generator of NumPy": (np.random.RandomState(5), "numpy.random._pickle.__randomstate_ctor"),
    "a generator of Python": (random.Random(4), "random.Random"),
    "a generator of torch": (torch.Generator(), "torch._C.Generator"),
    "an activation function": (torch.relu, '<global "torch._C._VariableFunctionsClass.relu">'),
    "another activation function": (torch.nn.functional.gelu, '"torch._C._nn.gelu"'),
    "a graph": (torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(1, 1))), '"0.weight": tensor'),
    "a method of a text": (str.lower, '<global "builtins.str.lower">'),
    "an iterator": (iter([1, 2]), "builtins.iter"),
    "a counter": (itertools.count(3), "itertools.count"),
    "operator.itemgetter": (operator.itemgetter(1), "<operator.itemgetter (int 1)>"),
    "a slice": (slice(1, 2), "builtins.slice"),
    "an exception": (ValueError("no"), "builtins.ValueError"),
    # Values of modules that a program could be run by, which run nothing themselves.
    "a status of HTTP": (http.HTTPStatus.OK, "<http.HTTPStatus (int 200)>"),
    "a signal": (signal.SIGTERM, "<signal.Signals (int 15)>"),
    "a version of TLS": (ssl.TLSVersion.TLSv1_2, "ssl.TLSVersion"),
    "a family of addresses": (socket.AF_INET, "socket.AddressFamily"),
    "what is known of a file": (os.stat_result(range(10)), "os.stat_result"),
    "a program that ended": (subprocess.CompletedProcess(["ls"], 0), ".CompletedProcess"),
    "an error of pickling": (pickle.PicklingError("no"), "pickle.PicklingError"),
    "a namespace": (types.SimpleNamespace(lr=1), '"lr": int 1'),
    "a time with a zone": (datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), "datetime.datetime"),
    "a decimal number": (decimal.Decimal("1.5"), '<decimal.Decimal ("1.5")>'),
    "a fraction": (fractions.Fraction(1, 3), "fractions.Fraction"),
    "an identifier": (uuid.UUID(int=7), "uuid.UUID"),
    "a path": (pathlib.Path("/a/b"), '"a", "b"'),
    "a ChainMap": (collections.ChainMap({"a": 1}), '"a": int 1'),
    "a UserDict": (collections.UserDict(a=1), '"a": int 1'),
    "a template": (string.Template("$x"), '"$x"'),
    "bytes as a file": (io.BytesIO(b"ab"), "bytes 6162"),
    "slots": (Slotted(), '"a": int 5'),
    "a quantisation scheme": (torch.per_tensor_affine, "torch.per_tensor_affine"),
}
for protocol in (2, 4):
    for name, (value, kept) in objects.items():
        save(name, {"model": state, "object": value, "epoch": 3}, state,
             kept if protocol == 2 else "", protocol=protocol)
# Beside the tensors themselves it is the same, for what makes no tensors.
for name in ("a logger", "re.compile", "a nested class", "collections.deque", "len", "a bound method"):
    save(name + " among the tensors", {**state, "object": objects[name][0]}, state, objects[name][1])
fused = Fused()
save("a fused module", fused, fused.state_dict())
save("a fused module in a checkpoint", {"epoch": -1, "model": fused, "ema": None, "object": 1}, fused.state_dict())
traced = torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(2, 2)))
save("a traced module as the model", {"model": traced, "object": 1}, traced.state_dict())

# Where a tensor hangs on it, nothing is guessed.
makes = Rebuilt(make_tensor, b"\1\2")
save("a tensor of the model by a function", {"model": {"w": torch.ones(2), "v": makes}}, wants="__main__.make_tensor")
save("a tensor at the root by a function", {"w": torch.ones(2), "v": makes}, wants="__main__.make_tensor")
save("by a function of torch", {"w": torch.ones(2), "v": Rebuilt(torch.zeros, 3)}, wants="zeros")
save("by a function of a tensor", {"model": {"w": torch.ones(2), "v": Rebuilt(functools.reduce, len, torch.ones(1))}},
     wants="reduce")
save("the weight of an object", {"model": {"w": torch.ones(2), "v": Rebuilt(getattr, model, "weight")}},
     wants="builtins.getattr")
save("the model by a function", {"model": Rebuilt(make_tensor, b"\1"), "epoch": 1}, wants="__main__.make_tensor")
save("all of it by a function", makes, wants="__main__.make_tensor")
save("a view of a call", Rebuilt(torch._utils._rebuild_parameter, makes, True, collections.OrderedDict()),
     wants="__main__.make_tensor")
broken = torch.nn.Linear(1, 1)
broken._parameters["weight"] = makes
save("a parameter of a module by a function", broken, wants="__main__.make_tensor")
broken = torch.nn.Sequential(torch.nn.Linear(1, 1))
broken._modules["1"] = makes
save("a module in a module by a function", {"model": broken}, wants="__main__.make_tensor")

print(json.dumps(CASES))

# What would run a program, beside a model that is sound.
for name, value in {
    "system": Rebuilt(os.system, "touch " + os.path.join(FOLDER, "OWNED")),
    "eval": Rebuilt(eval, "1"), "named": os.system, "inner": Rebuilt(getattr, Outer(), "__class__"),
    "getter": Rebuilt(getattr, make_tensor, "__globals__"),
}.items():
    torch.save({"model": state, "object": value}, os.path.join(FOLDER, f"dangerous-{name}.pth"))
