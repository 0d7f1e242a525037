"""Writes pairs of PyTorch files, NAME.a.pth and NAME.b.pth, that differ in one thing each, and files
without a model.

    python write_pairs.py FOLDER

needs torch==2.13.0 and h5py. The weights are drawn with seeds.
"""

import collections
import sys

import h5py
import numpy as np
import torch

FOLDER = sys.argv[1]


def weights(seed, kind=collections.OrderedDict):
    generator = torch.Generator().manual_seed(seed)
    return kind(
        w=torch.randn(3, 2, generator=generator), b=torch.randn(3, generator=generator)
    )


def save(name, value):
    torch.save(value, f"{FOLDER}/{name}.pth")


def optimizer(rate, steps):
    model = torch.nn.Linear(2, 3)
    torch.nn.init.zeros_(model.weight)
    sgd = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.5)
    for _ in range(steps):
        model.weight.grad = torch.ones(3, 2)
        model.bias.grad = torch.ones(3)
        sgd.step()
    return sgd.state_dict()


def versions(version):
    state = weights(1)
    state._metadata = collections.OrderedDict({"": {"version": version}})
    return state


def scheduler(rate):
    sgd = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=rate)
    return torch.optim.lr_scheduler.StepLR(sgd, 3).state_dict()


def beside(**values):
    return {"state_dict": weights(1), **values}


class Own:
    def __init__(self, number):
        self.number = number


PAIRS = {
    "nested": lambda n: {"checkpoint": {"model": weights(n), "epoch": 1}},
    "ema": lambda n: beside(state_dict_ema=weights(n)),
    "list": lambda n: beside(models=[weights(1), weights(n)]),
    "second": lambda n: beside(optimizer=optimizer(0.1, 1), critic=optimizer(0.1, n)),
    "rate": lambda n: beside(optimizer=optimizer(0.1, 1), critic=optimizer(0.1 * n, 1)),
    "epoch": lambda n: beside(epoch=n, note="x"),
    "key": lambda n: beside(table={1 if n == 1 else "1": 0.5}),
    "sequence": lambda n: beside(steps=[1, 2] if n == 1 else (1, 2)),
    "number": lambda n: beside(loss=1 if n == 1 else 1.0),
    "instance": lambda n: beside(options=Own(n)),
    "class": lambda n: beside(d=collections.OrderedDict(a=1) if n == 1 else {"a": 1}),
    "state": lambda n: weights(1) if n == 1 else weights(1, dict),
    "integer": lambda n: {1 if n == 1 else "1": torch.ones(2)},
    "extra": lambda n: {**weights(1), "m._extra_state": {"x": n, "t": torch.ones(2)}},
    "extra_tensor": lambda n: {**weights(1), "m._extra_state": {"t": torch.ones(2) * n}},
    "gradient": lambda n: {"w": torch.ones(2, requires_grad=n == 2)},
    "parameter": lambda n: {"w": torch.ones(2) if n == 1 else torch.nn.Parameter(torch.ones(2))},
    "versions": versions,
    "order": lambda n: collections.OrderedDict(list(weights(1).items())[:: 3 - 2 * n]),
    "numpy": lambda n: beside(loss=np.float64(0.5) if n == 1 else 0.5),
    "scheduler": lambda n: scheduler(0.1 * n),
    "tuple": lambda n: [torch.ones(2)] if n == 1 else (torch.ones(2),),
}
for name, make in PAIRS.items():
    save(f"{name}.a", make(1))
    save(f"{name}.again", make(1))
    save(f"{name}.b", make(2))

save("empty", {})
save("twins", {"models": [weights(1), weights(2)], "epoch": 1})
save("shard", {"optimizer_state_dict": {"single_partition_of_fp32_groups": [torch.ones(4)]}})
save("momentum", optimizer(0.1, 1))
save("fresh", optimizer(0.1, 0))
frozen = torch.jit.freeze(torch.jit.script(torch.nn.Linear(2, 2).eval()))
frozen.save(f"{FOLDER}/frozen.pt")


def hdf5(name):
    return h5py.File(f"{FOLDER}/{name}.hdf5", "w")


with hdf5("nothing"):
    pass
with hdf5("group") as file:
    file.create_group("g")
with hdf5("attribute") as file:
    file.attrs["x"] = 1
with hdf5("texts") as file:
    file["names"] = np.array(["a", "b"], dtype=h5py.string_dtype())
for name, number in (("records", 1), ("other_records", 2)):
    with hdf5(name) as file:
        file["c"] = np.array([(number, b"x")], dtype=[("a", "i4"), ("b", "S3")])
with hdf5("rows") as file:
    file["e"] = np.zeros((0, 3), "f4")
