"""Optimizers, schedulers, clipping and data loading, made by PyTorch 2.13.0. Run: python make_optim.py

Writes optimizers.json (parameters and state after 120 steps), schedulers.json (learning rates, momenta
and states) and loading.json (norms, clipped gradients, batches).

A run of an optimizer that magnifies rounding would end elsewhere with other kernels, and prove nothing:
each is repeated with gradients that are off by some units in the last place, and has to stay within a
tenth of what OptimizerTests.swift allows.
"""

import json
import math
import warnings

import torch
from torch import nn
from torch.optim import lr_scheduler as schedules

assert torch.__version__.startswith("2.13.0"), torch.__version__
warnings.simplefilter("ignore")


def pattern(shape, salt, dtype=torch.float32):
    """The formula that Fixture.swift has too."""
    count = math.prod(shape)
    raw = [(i * 37 + salt * 17) % 101 for i in range(count)]
    return torch.tensor([(r - 50.5) / 32 for r in raw], dtype=dtype).reshape(shape)


def plain(value):
    """As JSON holds it."""
    if isinstance(value, torch.Tensor):
        return value.detach().flatten().tolist()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def short(values):
    """Twelve digits, to keep the files small."""
    return [float(f"{v:.12g}") for v in values]


def write(name, value):
    with open(f"{name}.json", "w") as file:
        json.dump(plain(value), file, separators=(",", ":"))


OPTIMIZERS = {
    "Adamax": dict(),
    "Adamax options": dict(lr=0.01, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1, maximize=True),
    "NAdam": dict(),
    "NAdam options": dict(lr=0.001, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1, momentum_decay=0.01),
    "NAdam decoupled": dict(weight_decay=0.1, decoupled_weight_decay=True, maximize=True),
    "RAdam": dict(),
    "RAdam options": dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1, maximize=True),
    "RAdam decoupled": dict(weight_decay=0.1, decoupled_weight_decay=True),
    "RMSprop": dict(),
    "RMSprop options": dict(lr=0.002, alpha=0.9, eps=1e-4, weight_decay=0.1, momentum=0.5),
    "RMSprop centered": dict(lr=0.002, centered=True, momentum=0.2, maximize=True),
    "RMSprop centered plain": dict(lr=0.002, centered=True),
    "Adagrad": dict(),
    "Adagrad options": dict(
        lr=0.1, lr_decay=0.01, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-4, maximize=True
    ),
    "Adadelta": dict(),
    "Adadelta options": dict(lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.1, maximize=True),
}
STEPS = 120


def shake(module, seed):
    """Changes gradients by what other kernels may: two units in the last place of the greatest element."""
    for p in module.parameters():
        if p.grad is not None:
            noise = torch.randn(p.grad.shape, generator=seed, dtype=torch.float64)
            p.grad += (2 * torch.finfo(p.dtype).eps * p.grad.abs().max() * noise).to(p.dtype)


def train(name, options, seed=None):
    torch.manual_seed(42)
    module = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2, bias=False)).double()
    module[0].bias.requires_grad_(False)
    first, second = list(module.parameters())[:2], list(module.parameters())[2:]
    optimizer = getattr(torch.optim, name.split()[0])(
        [{"params": first}, {"params": second, "lr": 0.003}], **options
    )
    initial = optimizer.state_dict()
    x, y = pattern((5, 4), 0, torch.float64), pattern((5, 2), 1, torch.float64)
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.mse_loss(module(x), y).backward()
        if seed:
            shake(module, seed)
        optimizer.step()
    saved = optimizer.state_dict()
    return {
        "parameters": dict(module.named_parameters()),
        "initial": {k: list(v) for k, v in initial["state"].items()},
        "state": saved["state"],
        "types": {
            k: {n: f"{str(v.dtype).removeprefix('torch.')} {list(v.shape)}" for n, v in slots.items()}
            for k, slots in saved["state"].items()
        },
        "groups": saved["param_groups"],
    }


def tensors(run):
    """All numbers of a run, a list of them for each tensor."""
    slots = [t for s in run["state"].values() for t in s.values()]
    return [t.detach().flatten().tolist() for t in [*run["parameters"].values(), *slots]]


def apart(a, b):
    """By how much two lists of numbers differ, as Fixture.swift measures it."""
    scale = 0.1 * max(1, *map(abs, b))
    return max(abs(x - y) / max(abs(y), scale) for x, y in zip(a, b, strict=True))


optimizers = {}
for name, options in OPTIMIZERS.items():
    optimizers[name] = train(name, options)
    for seed in range(8):
        again = train(name, options, torch.Generator().manual_seed(seed))
        for a, b in zip(tensors(again), tensors(optimizers[name]), strict=True):
            assert apart(a, b) < 1e-12, (name, a, b)
write("optimizers", optimizers)


def two_groups(kind):
    parameters = [nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.5}]
    return torch.optim.Adam(groups, lr=0.1) if kind == "Adam" else torch.optim.SGD(groups, 0.1, 0.9)


def sequential(o):
    parts = [
        schedules.LinearLR(o, 0.1, total_iters=10),
        schedules.StepLR(o, 7, 0.5),
        schedules.CosineAnnealingLR(o, 20, 0.01),
        schedules.CosineAnnealingWarmRestarts(o, 5, 2),
        schedules.PolynomialLR(o, 30, 2.0),
        schedules.MultiStepLR(o, [3, 9], 0.5),
        schedules.ConstantLR(o, 0.5, 4),
        schedules.LambdaLR(o, lambda e: 0.98**e),
        schedules.LinearLR(o, 0.2, 0.7, 9),
        schedules.ExponentialLR(o, 0.97),
    ]
    return schedules.SequentialLR(o, parts, [12, 40, 100, 140, 165, 180, 190, 220, 240])


SCHEDULERS = {
    "StepLR": lambda o: schedules.StepLR(o, 30),
    "MultiStepLR": lambda o: schedules.MultiStepLR(o, [20, 50, 50, 170], 0.3),
    "ExponentialLR": lambda o: schedules.ExponentialLR(o, 0.98),
    "ConstantLR": lambda o: schedules.ConstantLR(o, 0.25, 60),
    "LinearLR": lambda o: schedules.LinearLR(o, 0.1, 0.8, 80),
    "PolynomialLR": lambda o: schedules.PolynomialLR(o, 150, 1.7),
    "CosineAnnealingLR": lambda o: schedules.CosineAnnealingLR(o, 50, 0.001),
    "CosineAnnealingWarmRestarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 20, 2, 0.01),
    "CosineAnnealingWarmRestarts equal": lambda o: schedules.CosineAnnealingWarmRestarts(o, 33),
    "LambdaLR": lambda o: schedules.LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (e + 1)]),
    "OneCycleLR": lambda o: schedules.OneCycleLR(o, [1.0, 0.3], total_steps=300),
    "OneCycleLR Adam": lambda o: schedules.OneCycleLR(o, 0.2, total_steps=400, base_momentum=[0.8, 0.7]),
    "OneCycleLR options": lambda o: schedules.OneCycleLR(
        o, 0.2, total_steps=300, pct_start=0.2, anneal_strategy="linear", three_phase=True,
        max_momentum=0.9, div_factor=10.0, final_div_factor=100.0,
    ),
    "OneCycleLR plain": lambda o: schedules.OneCycleLR(o, 0.2, total_steps=300, cycle_momentum=False),
    "ReduceLROnPlateau": lambda o: schedules.ReduceLROnPlateau(o, min_lr=0.0),
    "ReduceLROnPlateau options": lambda o: schedules.ReduceLROnPlateau(
        o, "max", 0.5, 3, 0.01, "abs", 2, [0.01, 0.002], 1e-6
    ),
    "ReduceLROnPlateau max": lambda o: schedules.ReduceLROnPlateau(o, "max", 0.7, 5, 0.02, min_lr=1e-3),
    "ReduceLROnPlateau abs": lambda o: schedules.ReduceLROnPlateau(
        o, "min", 0.7, 5, 0.02, "abs", min_lr=0.0
    ),
    "SequentialLR": sequential,
    "ChainedScheduler": lambda o: schedules.ChainedScheduler(
        [schedules.LinearLR(o, 0.1, total_iters=30), schedules.ExponentialLR(o, 0.99)]
    ),
    "SequentialLR chained": lambda o: schedules.SequentialLR(
        o,
        [
            schedules.ChainedScheduler(
                [schedules.LinearLR(o, 0.1, total_iters=30), schedules.ExponentialLR(o, 0.99)]
            ),
            schedules.StepLR(o, 40),
        ],
        [50],
    ),
}

scheduled = {}
for name, make in SCHEDULERS.items():
    optimizer = two_groups(name.split()[-1])
    scheduler = make(optimizer)
    entry = {"initial": scheduler.state_dict(), "rates": [], "momenta": []}
    entry["initial"] = json.loads(json.dumps(plain(entry["initial"])))
    for step in range(300):
        entry["rates"].append(short(g["lr"] for g in optimizer.param_groups))
        entry["momenta"].append(
            short(g.get("momentum", g.get("betas", (0,))[0]) for g in optimizer.param_groups)
        )
        if name.startswith("Reduce"):
            scheduler.step(2 / (1 + step % 70) + math.sin(step) / 4)
        elif name.startswith("OneCycle") and step == 299:
            break
        else:
            scheduler.step()
    if not name.startswith("OneCycle"):
        del entry["momenta"]
    entry["state"] = scheduler.state_dict()
    entry["groups"] = [list(g) for g in optimizer.state_dict()["param_groups"]]
    scheduled[name] = entry

optimizer = two_groups("SGD")
scheduler = schedules.CosineAnnealingWarmRestarts(optimizer, 4, 3, 0.01)
fractions = []
for step in range(120):
    scheduler.step(step * 0.37)
    fractions.append(short(g["lr"] for g in optimizer.param_groups))
scheduled["fractions"] = {"rates": fractions, "state": scheduler.state_dict()}
write("schedulers", scheduled)


def with_gradients():
    parameters = [nn.Parameter(torch.zeros(2, 3)), nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(1))]
    for salt, p in enumerate(parameters[:2]):
        p.grad = pattern(p.shape, salt)
    return parameters


clipped = {}
for p in [2.0, 1.0, 3.0, 0.0, math.inf, -math.inf]:
    for limit in [0.5, 1000.0]:
        parameters = with_gradients()
        norm = nn.utils.clip_grad_norm_(parameters, limit, p)
        clipped[f"{p} {limit}"] = [norm, [q.grad for q in parameters[:2]]]
parameters = with_gradients()
nn.utils.clip_grad_value_(parameters, 0.75)
clipped["value"] = [0, [q.grad for q in parameters[:2]]]

loaded = {}
for name, options in {
    "ordered": dict(batch_size=4),
    "shuffled": dict(batch_size=4, shuffle=True),
    "dropped": dict(batch_size=4, shuffle=True, drop_last=True),
    "own": dict(batch_size=3, shuffle=True, generator=torch.Generator().manual_seed(5)),
    "own dropped": dict(batch_size=4, drop_last=True, shuffle=True, generator=torch.Generator().manual_seed(6)),
}.items():
    torch.manual_seed(11)
    data = torch.utils.data.TensorDataset(torch.arange(10), torch.arange(20.0).reshape(10, 2))
    loader = torch.utils.data.DataLoader(data, **options)
    passes = [[[x.tolist(), y.flatten().tolist()] for x, y in loader] for _ in range(3)]
    loaded[name] = {"passes": passes, "count": len(loader), "next": torch.rand(1).item()}
write("loading", {"clipped": clipped, "loaded": loaded})
