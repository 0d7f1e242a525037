"""Averaged models, made by PyTorch 2.13.0. Run: python make_averaging.py

Writes averaging.json: for a mean and a moving average the outputs of calls in each mode, what is then
in the average's state, and the gradients of the model, for whose loss the graph was made before a call of
the average. Weights and inputs follow from the formula that Fixture.swift has too.
"""

import json
import math

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)


def pattern(shape, salt):
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw]).reshape(shape)


def flat(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().double().flatten().tolist()]


def state(module):
    return {key: flat(value) for key, value in module.state_dict().items()}


def run(**options):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    for salt, parameter in enumerate(model.parameters()):
        parameter.data = pattern(parameter.shape, salt)
    # One module is in another mode from the beginning.
    model[3].eval()
    average = AveragedModel(model, **options)
    result = {}
    for step in range(3):
        # The graph is there before the average is called, and walked after.
        loss = model(pattern((5, 3), 10 + step)).square().mean()
        with torch.no_grad():
            result[f"output {step}"] = flat(average(pattern((5, 3), 20 + step)))
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
        result[f"gradient {step}"] = flat(model[0].weight.grad)
        result[f"average {step}"] = state(average)
        result[f"model {step}"] = state(model)
        if step < 2:
            average.update_parameters(model)
    average.eval()
    result["evaluated"] = flat(average(pattern((5, 3), 30)))
    result["modes"] = [float(m.training) for m in model.modules()]
    average.train()
    result["trained"] = flat(average(pattern((5, 3), 31)))
    result["last"] = state(average)
    return result


results = {"mean": run(), "moving": run(multi_avg_fn=get_ema_multi_avg_fn(0.3))}
with open("averaging.json", "w") as file:
    json.dump(results, file, separators=(",", ":"))
