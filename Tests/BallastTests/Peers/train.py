"""Trains a small network with PyTorch, some steps before Ballast's turn and some after.

    python train.py begin FILE OPTIMIZER      train, save, go on; print the losses of the rest
    python train.py go-on FILE OPTIMIZER      load what Ballast saved, go on; print the losses
    python train.py start FOLDER              train with each optimizer, save, go on, save the end
    python train.py finish FOLDER             go on from what Ballast made of each; compare the ends

The network and its data are the same as in PyTorchExchangeTests.swift.
"""

import pathlib
import sys

import torch
from torch import nn

STEPS = 6
OPTIMIZERS = {
    "SGD": lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda m: torch.optim.Adam(m.parameters(), lr=0.02, amsgrad=True),
    "AdamW": lambda m: torch.optim.AdamW(m.parameters(), lr=0.02, weight_decay=0.1),
}


def pattern(shape, salt):
    count = torch.Size(shape).numel()
    return torch.tensor([((i * 37 + salt * 17) % 101 - 50.5) / 32 for i in range(count)]).reshape(shape)


def training(name, dropout=0.0):
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 2))
    return model, OPTIMIZERS[name](model)


def train(model, optimizer):
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(pattern((12, 4), 0)), pattern((12, 2), 1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def save(path, model, optimizer, **more):
    torch.save({"model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
                **more}, path)


def load(path, model, optimizer):
    saved = torch.load(path, weights_only=True)
    print(model.load_state_dict(saved["model_state_dict"]), file=sys.stderr)
    optimizer.load_state_dict(saved["optimizer_state_dict"])
    return saved


def begin(path, name):
    model, optimizer = training(name)
    train(model, optimizer)
    save(path, model, optimizer)
    print(*train(model, optimizer))


def go_on(path, name):
    model, optimizer = training(name)
    load(path, model, optimizer)
    print(*train(model, optimizer))


def start(folder):
    for name in OPTIMIZERS:
        model, optimizer = training(name, dropout=0.3)
        train(model, optimizer)
        save(folder / f"{name}.pth", model, optimizer, rng_state=torch.get_rng_state())
        train(model, optimizer)
        save(folder / f"{name}-end.pth", model, optimizer)


def same(a, b):
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and bytes(a.flatten().view(
            torch.uint8).tolist()) == bytes(b.flatten().view(torch.uint8).tolist())
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def finish(folder):
    for name in OPTIMIZERS:
        model, optimizer = training(name, dropout=0.3)
        torch.set_rng_state(load(folder / f"{name}-back.pth", model, optimizer)["rng_state"])
        train(model, optimizer)
        end = torch.load(folder / f"{name}-end.pth", weights_only=True)
        assert same(end["model_state_dict"], model.state_dict()), name
        assert same(end["optimizer_state_dict"], optimizer.state_dict()), name
        print(name)


if __name__ == "__main__":
    torch.set_num_threads(1)
    command, path, *rest = sys.argv[1:]
    {"begin": begin, "go-on": go_on, "start": start, "finish": finish}[command](
        pathlib.Path(path), *rest)
