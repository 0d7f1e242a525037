"""Line searches of LBFGS, made by PyTorch 2.13.0 in float64. Run: python make_searches.py

Writes searches.json: for losses of two parameters, the values and the count of evaluations after each step. The
losses and the first values stand in LineSearchTests.swift too.
"""

import json

import torch

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)

LOSSES = {
    # Narrow and bent: steps grow, and are cut.
    "valley": lambda a, b: (100 * (b - a * a) ** 2 + (1 - a) ** 2).sum(),
    "quartic": lambda a, b: ((a - 3) ** 4).sum() + ((a * b) ** 2).sum() + (b ** 2).sum(),
    # Its slope changes its sign at once, so that a search comes to its end by the width.
    "kink": lambda a, b: (a - 0.3).abs().sum() + 2 * (b + 0.7).abs().sum(),
    # It falls for ever: the search takes all steps that it may.
    "slide": lambda a, b: (-a).exp().sum() + (-b / 2).exp().sum(),
    "waves": lambda a, b: (3 * a).sin().sum() + (a * a).sum() / 4 + ((b - a) ** 2).sum(),
}

OPTIONS = [{}, {"lr": 0.01, "max_iter": 4}, {"lr": 25, "max_iter": 3, "history_size": 2}, {"max_eval": 3}]


def run(name, options):
    a = torch.tensor([-1.25, 0.5], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([1.5, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([a, b], line_search_fn="strong_wolfe", **options)
    count = 0

    def closure():
        nonlocal count
        count += 1
        optimizer.zero_grad()
        loss = LOSSES[name](a, b)
        loss.backward()
        return loss

    steps = []
    for _ in range(3):
        optimizer.step(closure)
        steps.append({"values": a.tolist() + b.tolist(), "evaluations": count})
    return {"loss": name, "options": options, "steps": steps}


with open("searches.json", "w") as file:
    json.dump([run(name, options) for name in LOSSES for options in OPTIONS], file, indent=1)
    file.write("\n")
