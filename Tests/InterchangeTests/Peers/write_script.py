"""Saves a TorchScript program with PyTorch, and prints which tensors are parameters and which buffers.

    python write_script.py FILE
"""

import json
import sys

import torch
from torch import nn


class Scaled(nn.Module):
    """Tensors whose names and types say nothing of their roles."""

    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))
        self.register_buffer("scale", torch.full((width,), 2.0))
        self.register_buffer("weight", torch.arange(width).float())

    def forward(self, x):
        return x * self.gain * self.scale + self.weight


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 3), Scaled(3), nn.BatchNorm1d(3), Scaled(3))
        self.register_buffer("window", torch.hann_window(5))

    def forward(self, x):
        return self.layers(x) * self.window[2]


torch.manual_seed(3)
program = torch.jit.script(Net().eval())
program.save(sys.argv[1])
names = {name: "parameter" for name, _ in program.named_parameters()}
names |= {name: "buffer" for name, _ in program.named_buffers()}
print(json.dumps(names))
