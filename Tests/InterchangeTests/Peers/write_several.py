"""Writes training files with several models and optimizers, as people save them.

    python write_several.py FOLDER
"""

import sys
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(3)
OUT = Path(sys.argv[1])


class Scaled(nn.Module):
    """A buffer with a name that says nothing."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.register_buffer("factor", torch.full((2,), 0.5))

    def forward(self, x):
        return self.linear(x) * self.factor


def net(*widths):
    layers = [nn.Linear(a, b) for a, b in zip(widths, widths[1:])]
    return nn.Sequential(*layers, nn.BatchNorm1d(widths[-1]))


def trained(model, make):
    optimizer = make(model.parameters())
    model(torch.randn(5, 3)).sum().backward()
    optimizer.step()
    return optimizer.state_dict()


adam = torch.optim.Adam
sgd = lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9)

generator, discriminator = net(3, 4, 2), net(3, 5)
torch.save({"generator": generator.state_dict(), "discriminator": discriminator.state_dict(),
            "opt_g": trained(generator, adam), "opt_d": trained(discriminator, sgd), "epoch": 7},
           OUT / "gan.pth")

model, average = net(3, 2), net(3, 2)
torch.save({"model": model.state_dict(), "ema": average.state_dict(),
            "teachers": {"first": net(3, 2).state_dict(), "second": net(3, 2).state_dict()},
            "optimizers": [trained(model, adam), trained(average, sgd)], "epoch": 3},
           OUT / "ema.pth")

torch.save({"models": [net(3, 2).state_dict() for _ in range(3)], "scores": [0.5, 0.75, 0.25]},
           OUT / "folds.pth")

model, shadow = Scaled(), Scaled()
torch.save({"model": model.state_dict(), "optimizer": trained(model, adam),
            "shadow": dict(shadow.state_dict())}, OUT / "shadow.pth")
