"""Trainings of 100 steps, made by PyTorch 2.13.0. Run: python make_parity.py

Writes parity.json: for each model the types and shapes of its state and a hash of its initial bits; for
each model, optimizer and type the losses of all steps, and the state of model and optimizer after the
last. Of large tensors only some elements, to keep the file small.

A run that magnifies rounding would end elsewhere with other kernels, and prove nothing: each is repeated
with gradients that are off by some units in the last place, and has to stay within a tenth of what
ParityTests.swift allows.
"""

import json
import math
import struct

import torch
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)


def pattern(shape, salt, dtype):
    """The formula that Fixture.swift has too."""
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw], dtype=dtype).reshape(shape)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 8, num_layers=2, batch_first=True, dropout=0.1)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        # No biases: that of the keys changes no result, and its gradient is only rounding.
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.1, "gelu", batch_first=True, bias=False)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


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
    "LSTM": (Recurrent, (12, 6, 5)),
    "Transformer": (Attentive, (12, 5, 8)),
}
OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.005, momentum=0.9),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.003),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.1),
}


def sample(tensor):
    values = tensor.detach().flatten().tolist()
    return values[:: -(-len(values) // 12)]


def fingerprint(model):
    """FNV-1a over the bits of all floating-point elements of the state."""
    value = 0xCBF29CE484222325
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            for element in tensor.flatten().tolist():
                bits = struct.unpack("<I", struct.pack("<f", element))[0]
                value = (value ^ bits) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def start(make):
    torch.manual_seed(42)
    model = make()
    return {
        "bits": fingerprint(model),
        "state": {k: [str(v.dtype).removeprefix("torch."), list(v.shape)] for k, v in model.state_dict().items()},
    }


def shake(module, seed):
    """Changes gradients by what other kernels may: two units in the last place of the greatest element."""
    for p in module.parameters():
        if p.grad is not None:
            noise = torch.randn(p.grad.shape, generator=seed, dtype=torch.float64)
            p.grad += (2 * torch.finfo(p.dtype).eps * p.grad.abs().max() * noise).to(p.dtype)


def train(make, shape, make_optimizer, dtype, seed=None):
    torch.manual_seed(42)
    model = make().to(dtype)
    optimizer = make_optimizer(model.parameters())
    x, y = pattern(shape, 0, dtype), torch.arange(shape[0]) * 7 % 4
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        if seed:
            shake(model, seed)
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


def numbers(value):
    """All numbers in it, a list of them for each tensor."""
    if isinstance(value, dict):
        return [n for v in value.values() for n in numbers(v)]
    return [value[1] if isinstance(value[0], str) else value]


def apart(a, b):
    """By how much two lists of numbers differ, as Fixture.swift measures it."""
    scale = 0.1 * max(1, *map(abs, b))
    return max(abs(x - y) / max(abs(y), scale) for x, y in zip(a, b, strict=True))


def check(run, again, dtype):
    """That a run which was shaken came to the same end."""
    tolerance, state_tolerance = (1e-3, 2e-3) if dtype == torch.float32 else (1e-9, 1e-8)
    for a, b in zip(again["losses"], run["losses"], strict=True):
        assert abs(a - b) < tolerance / 10 * abs(b), (a, b)
    for a, b in zip(numbers(again), numbers(run), strict=True):
        assert apart(a, b) < state_tolerance / 10, (a, b)


def rounded(value, digits):
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    return [rounded(v, digits) for v in value] if isinstance(value, list) else value


def main():
    parity = {}
    for model, (make, shape) in MODELS.items():
        parity[model] = start(make)
        for optimizer, make_optimizer in OPTIMIZERS.items():
            for dtype, digits in [(torch.float32, 6), (torch.float64, 12)]:
                name = f"{model} {optimizer} {str(dtype).removeprefix('torch.')}"
                run = train(make, shape, make_optimizer, dtype)
                for seed in range(8):
                    seed = torch.Generator().manual_seed(seed)
                    check(run, train(make, shape, make_optimizer, dtype, seed), dtype)
                parity[name] = rounded(run, digits)
    with open("parity.json", "w") as file:
        json.dump(parity, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
