"""Writes checkpoints with everything that a converter could get wrong.

    python write_checkpoint.py FOLDER

needs torch==2.13.0. Writes into the folder:

    types.pth     a tensor of every type that PyTorch saves, with the values that are lost first
    training.pth  a model with ties, views and odd keys, after two steps of Adam
    evil.pth      an object whose unpickling runs a program that makes the file OWNED
"""

import os
import sys

import torch
from torch import nn

FLOATS = [
    "float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2",
    "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
]
INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]


def every_bit_pattern(dtype):
    """Each byte in each place of an element, NaNs and infinities included."""
    size = dtype.itemsize
    data = torch.arange(256, dtype=torch.uint8).repeat_interleave(size)
    data = (data + torch.arange(256 * size, dtype=torch.int64) % size * 37).to(torch.uint8)
    return data.view(dtype)


def types():
    state = {}
    for name in FLOATS + INTEGERS:
        dtype = getattr(torch, name)
        state[f"all.{name}"] = every_bit_pattern(dtype)
        state[f"scalar.{name}"] = torch.ones((), dtype=torch.float32).to(dtype)
        state[f"empty.{name}"] = torch.empty((0, 3), dtype=dtype)
        state[f"grid.{name}"] = every_bit_pattern(dtype)[:24].reshape(2, 3, 4).transpose(0, 2)
    state["bool"] = torch.tensor([[True, False, True], [False, True, True]])
    state["complex64"] = torch.tensor([1 + 2j, -0.0 - 1j, complex("inf"), complex("nan")])
    state["complex128"] = torch.tensor([[1 + 2j, 3 - 4j]], dtype=torch.complex128)
    state["complex32"] = torch.tensor([1 + 2j, -0.5j], dtype=torch.complex32)
    state["conjugate"] = torch.tensor([1 + 2j, 3 - 4j]).conj()
    return state


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 8)
        self.body = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.head = nn.Linear(8, 50, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, x):
        return self.head(self.body(self.embedding(x))) * self.scale


def training():
    torch.manual_seed(3)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.8, 0.99))
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.randint(0, 50, (16,))).square().mean().backward()
        optimizer.step()
    state = model.state_dict()
    base = torch.arange(60.0)
    state["view.row"] = base[10:20]
    state["view.transposed"] = base.view(6, 10).t()
    state["view.step"] = base[::7]
    state["view.repeated"] = torch.tensor([1.5]).expand(4, 5)
    for key in ["a/b", "a..b", ".lead", "trail.", "per%cent", "größe.重み", "a", "a.b", "x" * 200]:
        state[key] = torch.randn(3)
    return {
        "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "epoch": 2,
        "name": "größe",
    }


class Evil:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.system, (f"touch '{self.folder}/OWNED'",)


def main():
    folder = sys.argv[1]
    torch.save(types(), f"{folder}/types.pth")
    torch.save(training(), f"{folder}/training.pth")
    torch.save({"w": torch.ones(3), "extra": Evil(folder)}, f"{folder}/evil.pth")


main()
