"""Trains the models of make_parity.py in turns with Ballast, in PyTorch 2.13.0.

    python exchange.py begin FOLDER    train, save NAME-torch.pth, go on
    python exchange.py go-on FOLDER    go on from each NAME-ballast.pth

NAME is that of a model, a dash and that of an optimizer. Prints as JSON, of each, the outputs of the
model as it is saved, the losses of the steps after, and the outputs of the model after those.
"""

import json
import pathlib
import sys

import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "Fixtures"))
from make_parity import MODELS, OPTIMIZERS, pattern  # noqa: E402

STEPS = 8


def outputs(model, shape):
    model.eval()
    with torch.no_grad():
        values = model(pattern(shape, 1, torch.float32)).flatten().tolist()
    model.train()
    return values


def train(model, optimizer, shape):
    x, y = pattern(shape, 0, torch.float32), torch.arange(shape[0]) * 7 % 4
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def begin(path, model, optimizer, shape):
    torch.manual_seed(42)
    train(model, optimizer, shape)
    torch.save({"model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict(),
                "rng_state": torch.get_rng_state()}, f"{path}-torch.pth")


def go_on(path, model, optimizer, shape):
    saved = torch.load(f"{path}-ballast.pth", weights_only=True)
    model.load_state_dict(saved["model_state_dict"])
    optimizer.load_state_dict(saved["optimizer_state_dict"])
    torch.set_rng_state(saved["rng_state"])


def run(turn, folder):
    results = {}
    for model_name, (make, shape) in MODELS.items():
        for optimizer_name, make_optimizer in OPTIMIZERS.items():
            name = f"{model_name}-{optimizer_name}"
            model = make()
            optimizer = make_optimizer(model.parameters())
            turn(folder / name, model, optimizer, shape)
            results[name] = {
                "saved": outputs(model, shape),
                "losses": train(model, optimizer, shape),
                "end": outputs(model, shape),
            }
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    command, folder = sys.argv[1:]
    run({"begin": begin, "go-on": go_on}[command], pathlib.Path(folder))
