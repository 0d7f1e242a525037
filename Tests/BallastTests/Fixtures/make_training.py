"""Checkpoints of trainings in the layouts that people use, by PyTorch 2.13.0. Run: python make_training.py

Writes training_*.pth, saved after two epochs, and training.json: where two more epochs lead.
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


# No bias before the normalisation: its gradient is only rounding, which AdamW would magnify.
torch.manual_seed(42)
model = nn.Sequential(
    OrderedDict(
        fc1=nn.Linear(4, 8, bias=False),
        norm=nn.BatchNorm1d(8),
        act=nn.ReLU(),
        drop=nn.Dropout(0.25),
        fc2=nn.Linear(8, 2),
    )
)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], 0.5)
data = torch.utils.data.TensorDataset(pattern((12, 4), 0), pattern((12, 2), 1))
loader = torch.utils.data.DataLoader(data, batch_size=5, shuffle=True)


def train(epochs):
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        scheduler.step()
    return loss.item()


loss = train(2)
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
loss = train(2)
golden = {
    "loss": loss,
    "lr": optimizer.param_groups[0]["lr"],
    "state": {k: v.flatten().tolist() for k, v in model.state_dict().items()},
    "exp_avg_sq": [s["exp_avg_sq"].flatten().tolist() for s in optimizer.state_dict()["state"].values()],
}
with open("training.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
