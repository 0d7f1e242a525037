"""Summaries of models, made by torchinfo 1.8.0 on PyTorch 2.13.0. Run: python make_summaries.py

Writes summaries.json: the tables as text.
"""

import json
from collections import OrderedDict

import torch
import torchinfo
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__
assert torchinfo.__version__ == "1.8.0", torchinfo.__version__


def mlp():
    return nn.Sequential(
        OrderedDict(fc1=nn.Linear(4, 3), act=nn.Tanh(), fc2=nn.Linear(3, 2, bias=False))
    )


def conv_net():
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.Sequential(
            nn.Conv2d(64, 96, 3, stride=2, bias=False),
            nn.Sequential(nn.Conv2d(96, 8, 1), nn.Sequential(nn.Dropout(), nn.ReLU())),
        ),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 1000),
    )


def frozen():
    model = mlp()
    model.fc1.requires_grad_(False)
    return model


SUMMARIES = {
    "mlp": (mlp, (16, 4)),
    "frozen": (frozen, (1, 4)),
    "conv net": (conv_net, (2, 3, 32, 32)),
    "recurrent": (lambda: nn.Sequential(nn.LSTM(3, 4, num_layers=2)), (5, 2, 3)),
    "Bilinear": (lambda: nn.Bilinear(3, 4, 2), [(5, 3), (5, 4)]),
}

# Since Python 3.11 an enum formats as its name, where torchinfo means its value.
summaries = {
    name: str(torchinfo.summary(make(), input_size=shape, verbose=0)).replace(
        "Units.MEGABYTES", "M"
    )
    for name, (make, shape) in SUMMARIES.items()
}
with open("summaries.json", "w") as file:
    json.dump(summaries, file, indent=0, ensure_ascii=False)
