"""Checkpoints of trainings in the layouts that people use, by PyTorch 2.13.0. Run: python make_training.py

Writes training_*.pth, saved after two epochs, and training.json: where two more epochs lead.

A training that magnifies rounding would end elsewhere with other kernels, and prove nothing: it is
repeated with gradients that are off by some units in the last place, and has to stay within a tenth of
what ResumeTests.swift allows.
"""

import json
import math
from collections import OrderedDict

import torch
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__


def pattern(shape, salt):
    """The formula that TrainingCheckpointTests.swift has too."""
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw]).reshape(shape)


def start():
    """A model, its optimizer and its scheduler."""
    torch.manual_seed(42)
    # No bias before the normalisation: its gradient is only rounding, which AdamW would magnify.
    model = nn.Sequential(
        OrderedDict(
            fc1=nn.Linear(4, 8, bias=False),
            norm=nn.BatchNorm1d(8),
            act=nn.ReLU(),
            drop=nn.Dropout(0.25),
            fc2=nn.Linear(8, 2),
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    return model, optimizer, torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], 0.5)


def shake(model, seed):
    """Changes gradients by what other kernels may: two units in the last place of the greatest element."""
    for p in model.parameters():
        noise = torch.randn(p.shape, generator=seed)
        p.grad += 2 * torch.finfo(p.dtype).eps * p.grad.abs().max() * noise


data = torch.utils.data.TensorDataset(pattern((12, 4), 0), pattern((12, 2), 1))


def train(model, optimizer, scheduler, epochs, seed=None):
    loader = torch.utils.data.DataLoader(data, batch_size=5, shuffle=True)
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            if seed:
                shake(model, seed)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
    return loss.item()


def golden(model, optimizer, loss):
    return {
        "loss": loss,
        "lr": optimizer.param_groups[0]["lr"],
        "state": {k: v.flatten().tolist() for k, v in model.state_dict().items()},
        "exp_avg_sq": [
            s["exp_avg_sq"].flatten().tolist() for s in optimizer.state_dict()["state"].values()
        ],
    }


def numbers(value):
    if isinstance(value, (dict, list)):
        return [n for v in (value.values() if isinstance(value, dict) else value) for n in numbers(v)]
    return [value]


model, optimizer, scheduler = start()
loss = train(model, optimizer, scheduler, 2)
rng = torch.get_rng_state()
torch.save(
    {
        "epoch": 2,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler_state_dict": scheduler.state_dict(),
        "loss": loss,
        "rng_state": rng,
    },
    "training_dict.pth",
)
torch.save(
    {
        "epoch": 2,
        "arch": "mlp",
        "state_dict": model.state_dict(),
        "best_acc1": 0.5,
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "rng_state": rng,
    },
    "training_imagenet.pth",
)
torch.save(
    {
        "epoch": 2,
        "global_step": 6,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": model.state_dict(),
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [scheduler.state_dict()],
        "hyper_parameters": {"lr": 0.05},
        "torch_rng_state": rng,
    },
    "training_lightning.pth",
)
end = golden(model, optimizer, train(model, optimizer, scheduler, 2))
for number in range(8):
    model, optimizer, scheduler = start()
    seed = torch.Generator().manual_seed(number)
    shaken = golden(model, optimizer, train(model, optimizer, scheduler, 4, seed))
    for a, b in zip(numbers(shaken), numbers(end), strict=True):
        assert abs(a - b) < 1e-6 * max(1, abs(b)), (a, b)
with open("training.json", "w") as file:
    json.dump(end, file, separators=(",", ":"))
