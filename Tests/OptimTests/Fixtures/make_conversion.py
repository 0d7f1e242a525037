"""Steps of optimizers whose parameter changes its type between them, and steps in half precision, made
by PyTorch 2.13.0. Run: python make_conversion.py

Writes conversion.json. Where the type changes PyTorch's own optimizers stop at the next step, so the
state goes through load_state_dict, which converts it. In half precision the fused optimizers of
PyTorch compute in float32 and round once; for those that have no fused form, and for SGD, whose fused
form in 2.13.0 forgets all but the last of five steps for the first 16 elements, steps that round at each
operation are what to come close to.
"""

import json
import math

import torch

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)

OPTIMIZERS = {
    "SGD": (torch.optim.SGD, {"lr": 0.1}),
    "SGD.momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "Adam": (torch.optim.Adam, {"lr": 0.1}),
    "Adam.amsgrad": (torch.optim.Adam, {"lr": 0.1, "amsgrad": True}),
    "AdamW": (torch.optim.AdamW, {"lr": 0.1}),
    "Adamax": (torch.optim.Adamax, {"lr": 0.1}),
    "NAdam": (torch.optim.NAdam, {"lr": 0.1}),
    "RAdam": (torch.optim.RAdam, {"lr": 0.1}),
    "RMSprop": (torch.optim.RMSprop, {"lr": 0.1, "momentum": 0.5}),
    "Adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "Adadelta": (torch.optim.Adadelta, {"lr": 1.0}),
    "Adafactor": (torch.optim.Adafactor, {"lr": 0.1}),
}
# So small that the least variance, which is that of the type, matters.
SCALES = {"Adafactor": 2.0**-8}
FUSED = ["Adam", "Adam.amsgrad", "AdamW", "Adagrad"]


def pattern(shape, salt, dtype):
    """The formula that Fixture.swift has too."""
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw], dtype=torch.float64).to(dtype).reshape(shape)


def state(optimizer):
    slots = optimizer.state_dict()["state"].get(0, {})
    return {k: v.double().flatten().tolist() for k, v in slots.items() if v is not None}


def convert(make, options, first, second):
    p = torch.nn.Parameter(pattern((4, 5), 0, first))
    optimizer = make([p], **options)
    for step in range(6):
        if step == 3:
            p = torch.nn.Parameter(p.detach().to(second))
            saved = optimizer.state_dict()
            optimizer = make([p], **options)
            optimizer.load_state_dict(saved)
        p.grad = pattern((4, 5), 1 + step, p.dtype)
        optimizer.step()
    return {"parameter": p.double().flatten().tolist(), "state": state(optimizer)}


def half(make, options, dtype, fused, scale):
    p = torch.nn.Parameter(pattern((4, 5), 0, dtype))
    optimizer = make([p], **options, **({"fused": True} if fused else {"foreach": False}))
    for step in range(5):
        p.grad = pattern((4, 5), 1 + step, dtype) * scale
        optimizer.step()
    assert p.dtype == dtype
    return {"parameter": p.double().flatten().tolist(), "state": state(optimizer)}


def name(dtype):
    return str(dtype).removeprefix("torch.")


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value]


results = {}
for key, (make, options) in OPTIMIZERS.items():
    for first, second in [(torch.float32, torch.float64), (torch.float64, torch.float32)]:
        results[f"{key} {name(first)} {name(second)}"] = convert(make, options, first, second)
    for dtype in [torch.float16, torch.bfloat16]:
        results[f"{key} {name(dtype)}"] = half(make, options, dtype, key in FUSED, SCALES.get(key, 1))
with open("conversion.json", "w") as file:
    json.dump(rounded(results), file, separators=(",", ":"))
