"""Trainings of 100 steps, made by PyTorch 2.13.0. Run: python make_parity.py

Writes parity.json: for each model, optimizer and type the losses of all steps, and the state of model
and optimizer after the last. Of large tensors only every seventh element, to keep the file small.
"""

import json
import math

import torch
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)


def pattern(shape, salt, dtype):
    """The formula that Fixture.swift has too."""
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw], dtype=dtype).reshape(shape)


MODELS = {
    "MLP": (
        lambda: nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 4)),
        (12, 6),
    ),
    # No bias before a normalisation: its gradient is only rounding, which Adam would magnify.
    "ConvNet": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(6, 4),
        ),
        (12, 1, 8, 8),
    ),
}
OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.005, momentum=0.9),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.003),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.05),
}


def sample(tensor):
    values = tensor.detach().flatten().tolist()
    return values[::7] if len(values) > 40 else values


def train(make, shape, make_optimizer, dtype):
    torch.manual_seed(42)
    model = make().to(dtype)
    optimizer = make_optimizer(model.parameters())
    x, y = pattern(shape, 0, dtype), torch.arange(shape[0]) * 7 % 4
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "losses": losses,
        "model": {k: sample(v) for k, v in model.state_dict().items()},
        "optimizer": {
            str(i): {k: [str(v.dtype).removeprefix("torch."), sample(v)] for k, v in slots.items()}
            for i, slots in optimizer.state_dict()["state"].items()
        },
    }


def rounded(value, digits):
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    return [rounded(v, digits) for v in value] if isinstance(value, list) else value


parity = {}
for model, (make, shape) in MODELS.items():
    for optimizer, make_optimizer in OPTIMIZERS.items():
        for dtype, digits in [(torch.float32, 8), (torch.float64, 13)]:
            name = f"{model} {optimizer} {str(dtype).removeprefix('torch.')}"
            parity[name] = rounded(train(make, shape, make_optimizer, dtype), digits)
with open("parity.json", "w") as file:
    json.dump(parity, file, separators=(",", ":"))
